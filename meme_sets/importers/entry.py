"""What an importer hands over, and how source files are read with the line of everything known."""

import csv
import difflib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.load import text_of


@dataclass(frozen=True)
class ImportEntry:
    """One item before its media file is in the set's folder."""

    where: str
    """File and line it comes from, for errors: 'train.jsonl line 3'."""
    media: Path | bytes
    """The file, or its bytes where the source keeps pictures inside a table."""
    fields: dict[str, Any]
    """The item's fields but ``media``, as in items.jsonl."""
    suffix: str = ".png"
    """Ending of the media file, if ``media`` is bytes."""


@dataclass(frozen=True)
class ImportSource:
    """Everything that an importer found."""

    about: dict[str, Any]
    """Fields of set.yaml."""
    entries: Sequence[ImportEntry]


@dataclass(frozen=True)
class SourceRow:
    """One row of a table, with errors that name file, line and column."""

    file: Path
    line: int
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """'file line n'."""
        return f"{self.file} line {self.line}"

    def get(self, column: str) -> Any:
        """The value of a column that must not be empty. Raises SetError."""
        value = self.values.get(column)
        if value is None or value == "":
            raise SetError(f"{self.where}: column {column!r} is missing or empty")
        return value

    def number(self, column: str, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``. Raises SetError."""
        value = self.get(column)
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = least - 1
        if (
            isinstance(value, bool)
            or not least <= number <= most
            or str(value).strip() != str(number)
        ):
            raise SetError(
                f"{self.where}: column {column!r} is {value!r}; must be a whole number "
                f"from {least} to {most}"
            )
        return number


def csv_rows(path: Path, needed: Sequence[str] = (), delimiter: str = ",") -> Iterator[SourceRow]:
    """The rows of a table with a header line. Raises SetError: no such column, a torn row."""
    lines = io.StringIO(text_of(path), newline="")
    if delimiter == "\t":  # quotes are plain characters there
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter)
    header = [name.strip() for name in next(reader, [])]
    for column in needed:
        if column not in header:
            near = difflib.get_close_matches(column, header, n=1)
            hint = f"; is it {near[0]!r}?" if near else ""
            raise SetError(
                f"{path} line 1: there is no column {column!r}{hint} "
                f"Columns: {', '.join(header) or 'none'}"
            )
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise SetError(
                f"{path} line {reader.line_num}: {len(cells)} cells, but the header has "
                f"{len(header)} columns"
            )
        yield SourceRow(path, reader.line_num, dict(zip(header, cells, strict=True)))


def jsonl_rows(path: Path) -> Iterator[SourceRow]:
    """The rows of a file with one JSON object a line. Raises SetError."""
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            raise SetError(
                f"{path} line {number}: not JSON: {error.msg} (column {error.colno})"
            ) from None
        if not isinstance(values, dict):
            raise SetError(f"{path} line {number}: must be fields in {{}}, found {values!r:.60}")
        yield SourceRow(path, number, values)


def json_rows(path: Path) -> Iterator[SourceRow]:
    """The objects of a JSON file that holds one list; a row's line is where its object begins."""
    text = text_of(path)
    decoder, at = json.JSONDecoder(), len(text) - len(text.lstrip())
    if text[at : at + 1] != "[":
        raise SetError(f"{path} line 1: must hold a list of objects")
    at += 1
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        line = text.count("\n", 0, at) + 1
        if text[at : at + 1] == "]":
            return
        try:
            values, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise SetError(
                f"{path} line {error.lineno}: not JSON: {error.msg} (column {error.colno})"
            ) from None
        if not isinstance(values, dict):
            raise SetError(f"{path} line {line}: must be fields in {{}}, found {values!r:.60}")
        yield SourceRow(path, line, values)


def only_file(source: Path, patterns: Sequence[str], what: str) -> list[Path]:
    """The source itself if it is a file, else the files in it that match. Raises SetError."""
    if source.is_file():
        return [source]
    found = sorted({f for pattern in patterns for f in source.glob(pattern)})
    if not found:
        raise SetError(f"{source}: has no {what} ({', '.join(patterns)})")
    return found

"""What an importer hands over, and how source files are read with the line of everything known."""

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from meme_sets.errors import SetError
from meme_sets.load import is_text, text_of
from meme_sets.parse import json_at, json_value

LONGEST_CELL = 131_072
"""Characters that a cell of a table may have."""


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
            number = int(value) if len(str(value)) < 20 else least - 1
        except (TypeError, ValueError, OverflowError):
            number = least - 1
        if (
            isinstance(value, bool)
            or not least <= number <= most
            or str(value).strip() != str(number)
        ):
            raise SetError(
                f"{self.where}: column {column!r} is {value!r:.60}; must be a whole number "
                f"from {least} to {most}"
            )
        return number


def csv_rows(
    path: Path,
    needed: Sequence[str] = (),
    delimiter: str = ",",
    longest: int = LONGEST_CELL,
    quoted: bool | None = None,
) -> Iterator[SourceRow]:
    """The rows of a table with a header line.

    ``longest``: characters that a cell may have. ``quoted``: whether quotes group a cell's words;
    by default they are plain characters between tabs. Raises SetError: no such column, a torn row,
    a cell too long.
    """
    lines = io.StringIO(text_of(path), newline="")
    grouped = delimiter != "\t" if quoted is None else quoted
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if grouped else csv.QUOTE_NONE
    csv.field_size_limit(max(longest, csv.field_size_limit()))
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting)
    header = [name.strip() for name in _next(reader, path, longest) or []]
    for column in needed:
        if column not in header:
            near = difflib.get_close_matches(column, header, n=1)
            hint = f"; is it {near[0]!r}?" if near else ""
            raise SetError(
                f"{path} line 1: there is no column {column!r}{hint} "
                f"Columns: {', '.join(header) or 'none'}"
            )
    while (cells := _next(reader, path, longest)) is not None:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise SetError(
                f"{path} line {reader.line_num}: {len(cells)} cells, but the header has "
                f"{len(header)} columns"
            )
        yield SourceRow(path, reader.line_num, dict(zip(header, cells, strict=True)))


def _next(reader: Any, path: Path, longest: int) -> list[str] | None:
    """The next line's cells; None at the end. Raises SetError: the line cannot be read."""
    try:
        cells: list[str] | None = next(reader, None)
    except csv.Error as error:
        raise SetError(f"{path} line {reader.line_num}: not CSV: {error}") from None
    # Python's own bound is one for the whole process, so another table may have raised it.
    if cells and max(map(len, cells)) > longest:
        raise SetError(
            f"{path} line {reader.line_num}: a cell has more than {longest:,} characters"
        )
    return cells


def jsonl_rows(path: Path) -> Iterator[SourceRow]:
    """The rows of a file with one JSON object a line. Raises SetError."""
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if not line.strip():
            continue
        values = json_value(line, f"{path} line {number}")
        yield _row(path, number, values)


def json_rows(path: Path) -> Iterator[SourceRow]:
    """The objects of a JSON file that holds one list; a row's line is where its object begins."""
    text = text_of(path)
    at = _after(text, 0, "")
    if text[at : at + 1] != "[":
        raise SetError(f"{path} line 1: must hold a list of objects")
    at += 1
    while text[(at := _after(text, at)) : at + 1] != "]":
        start = at
        values, at = json_at(text, start, str(path))
        yield _row(path, text.count("\n", 0, start) + 1, values)


def json_members(path: Path) -> Iterator[tuple[str, SourceRow]]:
    """(key, object) of a JSON file that holds objects by key; a line is where its key stands."""
    text = text_of(path)
    at = _after(text, 0, "")
    if text[at : at + 1] != "{":
        raise SetError(f"{path} line 1: must hold objects by key")
    at += 1
    while text[(at := _after(text, at)) : at + 1] != "}":
        line = text.count("\n", 0, at) + 1
        key, at = json_at(text, at, str(path))
        at = _after(text, at, "")
        if not isinstance(key, str) or text[at : at + 1] != ":":
            raise SetError(f"{path} line {line}: not JSON: expecting a key and a colon")
        values, at = json_at(text, _after(text, at + 1, ""), str(path))
        yield key, _row(path, line, values)


def _after(text: str, at: int, more: str = ",") -> int:
    """Where the next value begins: behind blanks, and behind the comma between two values."""
    while at < len(text) and text[at] in " \t\r\n" + more:
        at += 1
    return at


def _row(path: Path, line: int, values: Any) -> SourceRow:
    if not isinstance(values, dict):
        raise SetError(f"{path} line {line}: must be fields in {{}}, found {values!r:.60}")
    todo: list[Any] = [values]
    for value in todo:
        if isinstance(value, str) and not is_text(value):
            raise SetError(f"{path} line {line}: holds half a character: {value!r:.60}")
        if isinstance(value, dict):
            todo += [*value, *value.values()]
        elif isinstance(value, list):
            todo += value
    return SourceRow(path, line, values)


def only_file(source: Path, patterns: Sequence[str], what: str) -> list[Path]:
    """The source itself if it is a file, else the files in it that match. Raises SetError."""
    if source.is_file():
        return [source]
    found = sorted({f for pattern in patterns for f in source.glob(pattern)})
    if not found:
        raise SetError(f"{source}: has no {what} ({', '.join(patterns)})")
    return found

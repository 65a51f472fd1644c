"""A Hugging Face data set on disk: Parquet files of the hub, or what ``save_to_disk`` wrote.

Read with pyarrow alone: Parquet files (in any folder under the source) and Arrow stream files
(data-*.arrow). Pictures lie in a column of {bytes, path}, as the feature Image stores them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import gold_of, one_of, suffix_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow

ALIASES: dict[str, tuple[str, ...]] = {
    "image": ("image", "img", "picture", "gif", "video", "images"),
    "question": ("question", "query", "prompt", "instruction"),
    "options": ("options", "choices", "candidates", "answers"),
    "answer": ("answer", "label", "gold", "target", "answer_idx", "correct"),
    "caption": ("caption", "text", "ocr", "transcription"),
    "id": ("id", "qid", "question_id", "idx", "index"),
    "kind": ("kind", "category", "type", "task"),
}
"""Field -> columns that are taken for it, the first that is there."""


def read(
    source: Path, *, columns: Mapping[str, str] | None = None, question: str | None = None
) -> ImportSource:
    """The rows of all Parquet or Arrow files under the source.

    ``columns`` names the column of a field where the guess of ``ALIASES`` is wrong; ``question``
    is asked of every row where the data set has none. A class label makes its names the options.
    """
    for field in columns or {}:
        if field not in ALIASES:
            raise SetError(f"columns has {field!r}; fields: {', '.join(ALIASES)}")
    entries: list[ImportEntry] = []
    for path in _files(source):
        table = _table(path)
        names = {f: _column(f, table.column_names, columns or {}, path) for f in ALIASES}
        if names["image"] is None:
            raise SetError(
                f"{path}: there is no column of pictures; name it with the option columns. "
                f"Columns: {', '.join(table.column_names)}"
            )
        labels = _class_names(table.schema.metadata or {}, names["answer"])
        for row in _rows(table, path):
            entries.append(_entry(row, names, labels, question, len(entries), source))
    name = source.resolve().stem
    about = {
        "name": name,
        "title": name,
        "description": f"Imported from {source.name}.",
        "languages": ["en"],
    }
    return ImportSource(about, entries)


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    found = sorted(source.rglob("*.parquet")) or sorted(source.rglob("*.arrow"))
    found = [f for f in found if not f.name.startswith(("cache-", "."))]
    if not found:
        raise SetError(f"{source}: has no Parquet and no Arrow files (*.parquet, *.arrow)")
    return found


def _table(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise SetError(
            'pyarrow is not installed: pip install "memeprobe[dashboard]" (or pip install pyarrow)'
        ) from error
    try:
        if path.suffix == ".parquet":
            return pyarrow.parquet.read_table(path)
        with pyarrow.memory_map(str(path)) as mapped:
            return pyarrow.ipc.open_stream(mapped).read_all()
    except (pyarrow.ArrowException, OSError) as error:
        raise SetError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None


def _column(field: str, there: Sequence[str], given: Mapping[str, str], path: Path) -> str | None:
    if field in given:
        if given[field] not in there:
            raise SetError(
                f"{path}: there is no column {given[field]!r}; columns: {', '.join(there)}"
            )
        return given[field]
    return next((name for name in ALIASES[field] if name in there), None)


def _class_names(metadata: Mapping[bytes, bytes], column: str | None) -> list[str]:
    """Names of a class label, which ``datasets`` keeps beside the schema."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return [str(n) for n in features[column]["names"]]
    except (KeyError, TypeError, ValueError):
        return []


def _rows(table: Any, path: Path) -> Iterator[SourceRow]:
    """Rows one batch at a time; a row's line counts from 1."""
    line = 0
    for batch in table.to_batches(max_chunksize=64):
        for values in batch.to_pylist():
            line += 1
            yield SourceRow(path, line, values)


def _entry(
    row: SourceRow,
    names: dict[str, str | None],
    labels: list[str],
    question: str | None,
    number: int,
    source: Path,
) -> ImportEntry:
    def value(field: str) -> Any:
        name = names[field]
        return None if name is None else row.values.get(name)

    media, suffix = _picture(row, str(names["image"]), value("image"), source)
    asked, options = value("question") or question, value("options")
    options = [str(o) for o in options] if isinstance(options, list) else list(labels)
    fields: dict[str, Any] = {
        "id": str(number if value("id") is None else value("id")),
        "kind": str(value("kind") or ("question" if asked else "unlabelled")),
    }
    if isinstance(value("caption"), str):
        fields["caption"] = value("caption")
    if asked:
        fields["question"] = str(asked)
        fields["options"] = options
        if options and value("answer") is not None:
            fields["gold"] = gold_of(row, str(names["answer"]), value("answer"), options)
    return ImportEntry(row.where, media, fields, suffix)


def _picture(row: SourceRow, column: str, value: Any, source: Path) -> tuple[Path | bytes, str]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    data, path = value, None
    if isinstance(value, dict):
        data, path = value.get("bytes"), value.get("path")
    if isinstance(data, str):
        data, path = None, data
    if isinstance(data, bytes):
        return data, suffix_of(data, Path(str(path or "")).suffix)
    if path:
        return one_of([source if source.is_dir() else source.parent], str(path)), ""
    raise SetError(f"{row.where}: column {column!r} holds no picture: {value!r:.60}")

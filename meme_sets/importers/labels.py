"""A folder of media with a table of labels: labels.csv or labels.jsonl."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import one_of
from meme_sets.importers.entry import (
    ImportEntry,
    ImportSource,
    SourceRow,
    csv_rows,
    jsonl_rows,
    only_file,
)

COLUMNS: dict[str, str] = {
    "file": "media file, relative to the table's folder (needed)",
    "id": "name of the item; left out = the file's name, with a number from its second row on",
    "kind": "sort of question; left out = 'question', or 'unlabelled' without one",
    "question": "the same text in both languages, or use question_en and question_zh",
    "question_en": "question in English",
    "question_zh": "question in Chinese",
    "options": "answers to choose from, separated by '|' (a list in JSONL), in both languages",
    "options_en": "the options in English",
    "options_zh": "the options in Chinese",
    "answer": "the right option: its text, or its number from 0",
    "lure": "the option that the first frame suggests: its text, or its number from 0",
    "caption": "what the caption says",
    "no_caption": "true: there is no caption (an empty 'caption' cell means unknown)",
    "other_caption": "another caption that would change the answer",
    "other_answer": "the option that the other caption makes right",
    "start_ms": "where the answer is to be seen, from",
    "end_ms": "and to",
    "order": "true: the frames in reverse order would make the lure right",
    "control": "true: nothing that is asked about changes",
    "cluster": "items of one cluster are not independent",
    "tags": "anything else, separated by '|'",
}
"""Column -> what it holds. Columns that begin with 'x_' are left unread."""

TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0", "")


def read(source: Path) -> ImportSource:
    """The items of a table of labels; ``source`` is the table or the folder with it."""
    found = only_file(source, ("labels.csv", "labels.jsonl"), "table of labels")
    if len(found) > 1:
        raise SetError(f"{source} has both labels.csv and labels.jsonl; keep one")
    (path,) = found
    rows = jsonl_rows(path) if path.suffix == ".jsonl" else csv_rows(path, ["file"])
    seen: dict[str, int] = {}
    entries = []
    for row in rows:
        _check_columns(row)
        name = str(row.get("file"))
        seen[name] = seen.get(name, 0) + 1
        default = name if seen[name] == 1 else f"{name}#{seen[name]}"
        entries.append(ImportEntry(row.where, one_of([path.parent], name), _fields(row, default)))
    name = path.parent.resolve().name or "labels"
    about = {
        "name": name,
        "title": name,
        "description": f"Imported from {path.name}.",
        "languages": _languages([e.fields.get("question", "") for e in entries]),
    }
    return ImportSource(about, entries)


def _languages(questions: Sequence[Any]) -> list[str]:
    """Both, if a question is given in both; else the one that the questions are written in."""
    if any(isinstance(q, dict) for q in questions):
        return ["en", "zh"]
    return ["zh"] if any("\u4e00" <= c <= "\u9fff" for q in questions for c in q) else ["en"]


def _check_columns(row: SourceRow) -> None:
    for column in row.values:
        if column in COLUMNS or str(column).startswith("x_"):
            continue
        near = difflib.get_close_matches(str(column), COLUMNS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SetError(
            f"{row.where}: unknown column {column!r}{hint} "
            "(columns that begin with 'x_' are left unread)"
        )


def _fields(row: SourceRow, name: str) -> dict[str, Any]:
    question, options = _both(row, "question", _text), _options(row)
    fields: dict[str, Any] = {
        "id": _text(row, "id") or name,
        "kind": _text(row, "kind") or ("question" if question else "unlabelled"),
        "cluster": _text(row, "cluster") or name.partition("#")[0],
        "order": _flag(row, "order"),
        "control": _flag(row, "control"),
        "tags": _list(row, "tags") or [],
    }
    if question:
        fields["question"] = question
    if options:
        fields["options"] = options
    for column, field in (("answer", "gold"), ("lure", "lure")):
        if _text(row, column):
            fields[field] = _option(row, column, options)
    caption = _text(row, "caption")
    if caption or _flag(row, "no_caption"):
        fields["caption"] = caption or ""
    if _text(row, "other_caption"):
        fields["counterfactual"] = {
            "caption": _text(row, "other_caption"),
            "gold": _option(row, "other_answer", options),
        }
    if _text(row, "start_ms") or _text(row, "end_ms"):
        fields["decisive"] = {c: row.number(c, 0, 10**9) for c in ("start_ms", "end_ms")}
    return fields


def _text(row: SourceRow, column: str) -> str:
    """A cell as text; '' = empty. Numbers of JSONL count as text."""
    value = row.values.get(column)
    if value is None:
        return ""
    if isinstance(value, list | dict):
        raise SetError(f"{row.where}: column {column!r} is {value!r:.60}; must be text")
    return str(value).strip()


def _list(row: SourceRow, column: str) -> list[str]:
    value = row.values.get(column)
    if isinstance(value, list):
        return [str(v) for v in value]
    return [part.strip() for part in _text(row, column).split("|")] if _text(row, column) else []


def _flag(row: SourceRow, column: str) -> bool:
    text = _text(row, column).casefold()
    if text not in TRUE + FALSE:
        raise SetError(f"{row.where}: column {column!r} is {text!r}; must be true or false")
    return text in TRUE


def _both(row: SourceRow, column: str, value: Any) -> Any:
    """A text, or the texts of both languages where the table has them."""
    en, zh = value(row, f"{column}_en"), value(row, f"{column}_zh")
    if not en and not zh:
        return value(row, column)
    if value(row, column):
        raise SetError(f"{row.where}: give {column!r} or {column}_en and {column}_zh, not both")
    return {"en": en or zh, "zh": zh or en}


def _options(row: SourceRow) -> list[Any]:
    found = _both(row, "options", _list)
    if not isinstance(found, dict):
        return list(found)
    if len(found["en"]) != len(found["zh"]):
        raise SetError(
            f"{row.where}: options_en has {len(found['en'])} entries, options_zh {len(found['zh'])}"
        )
    return [{"en": a, "zh": b} for a, b in zip(found["en"], found["zh"], strict=True)]


def _option(row: SourceRow, column: str, options: list[Any]) -> int:
    """The index of the option that a cell names by its text or its number."""
    text = _text(row, column)
    for i, option in enumerate(options):
        if text in (option.values() if isinstance(option, dict) else [option]):
            return i
    if text.isdecimal() and int(text) < len(options):
        return int(text)
    raise SetError(
        f"{row.where}: column {column!r} is {text!r}; must be one of the {len(options)} options, "
        f"or a number from 0 to {len(options) - 1}"
    )

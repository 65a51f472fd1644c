"""evalscope's own sets of multiple-choice questions about pictures (``general_vmcq``).

Source: JSONL files, either with question ('<image 1> What is this?'), options, answer (a letter)
and image_1 (or video_1), or with OpenAI messages and answer. Pictures are paths or base64 text.
Questions about several pictures at once are no memes and are left out.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import (
    about,
    gold_of,
    in_text,
    languages_of,
    lettered,
    one_of,
    suffix_of,
)
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, jsonl_rows, only_file

_PLACE = re.compile(r"\s*<(?:image|video) \d+>\s*")


def read(source: Path, *, media: str | Path | None = None) -> ImportSource:
    """The questions of a JSONL file, or of all in a folder.

    ``media`` is the folder that paths begin in (default: the file's own, then those above it).
    """
    entries = []
    for path in only_file(source, ("*.jsonl",), "tables of questions"):
        for row in jsonl_rows(path):
            asked = _messages(row) if "messages" in row.values else _placeholders(row)
            if asked is None:
                continue
            question, options, picture = asked
            fields: dict[str, Any] = {
                "id": f"{path.stem}-{row.line}",
                "kind": path.stem,
                "question": question,
                "options": options,
            }
            if row.values.get("answer") not in (None, ""):
                fields["gold"] = gold_of(row, "answer", row.values["answer"], options)
            entries.append(_entry(row, fields, picture, media))
    name = source.resolve().stem
    languages = languages_of(e.fields["question"] for e in entries)
    return ImportSource(dict(about(name, name, "A set of evalscope", languages)), entries)


def _entry(
    row: SourceRow, fields: dict[str, Any], picture: str, media: str | Path | None
) -> ImportEntry:
    if picture.startswith("data:"):
        data = in_text(row, "image", picture)
        return ImportEntry(row.where, data, fields, suffix_of(data))
    if "://" in picture:
        raise SetError(f"{row.where}: {picture!r:.80} is an address; nothing is downloaded here")
    folders = [Path(media)] if media else [row.file.parent, *row.file.resolve().parents[1:4]]
    return ImportEntry(row.where, one_of(folders, picture), fields)


def _placeholders(row: SourceRow) -> tuple[str, list[str], str] | None:
    listed = row.values.get("images")
    named = {k: v for k, v in row.values.items() if re.fullmatch(r"(image|video)_\d+", k) and v}
    given = listed if isinstance(listed, list) and listed else list(named.values())
    options = _options(row)
    if len(given) != 1 or any(_PLACE.search(option) for option in options):
        return None
    if not isinstance(given[0], str):
        raise SetError(f"{row.where}: a picture must be a path or base64 text: {given[0]!r:.60}")
    return _PLACE.sub(" ", str(row.get("question"))).strip(), options, given[0]


def _options(row: SourceRow) -> list[str]:
    options = row.get("options")
    if isinstance(options, str):
        try:
            options = json.loads(options)
        except ValueError:
            try:
                options = ast.literal_eval(options)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                options = None
    if not isinstance(options, list) or len(options) < 2:
        raise SetError(f"{row.where}: options is {row.get('options')!r:.60}; must be a list")
    return [str(option) for option in options]


def _messages(row: SourceRow) -> tuple[str, list[str], str] | None:
    messages = row.get("messages")
    parts = [
        part
        for message in (messages if isinstance(messages, list) else [])
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for part in message["content"]
        if isinstance(part, dict)
    ]
    texts = [str(p.get("text", "")) for p in parts if p.get("type") == "text"]
    urls = [
        value.get("url") if isinstance(value, dict) else value
        for p in parts
        for value in (p.get("image_url") or p.get("video_url"),)
        if value is not None
    ]
    question, options = lettered("\n".join(texts))
    if len(urls) != 1 or not isinstance(urls[0], str) or not options:
        return None
    return question, options, urls[0]

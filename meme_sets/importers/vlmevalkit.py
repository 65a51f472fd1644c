"""VLMEvalKit's tables: TSV with index, image (base64) or image_path, question, A, B, answer.

Source: any multiple-choice TSV of github.com/open-compass/VLMEvalKit, or one of one's own in that
layout. A picture that is the same as an earlier one is written as that one's index.
"""

import json
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import about, gold_of, in_text, languages_of, one_of, suffix_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, csv_rows, only_file

LETTERS = "ABCDEFGHIJ"
LONGEST_CELL = 2**28
"""Characters: a picture in base64 is one cell."""


def read(source: Path, *, images: str | Path | None = None) -> ImportSource:
    """The questions of a TSV file, or of all in a folder; ``images`` is where image_path begins."""
    entries = []
    for path in only_file(source, ("*.tsv",), "tables of questions"):
        pictures: dict[str, bytes] = {}
        folders = [Path(images)] if images else [path.parent, path.parent / "images"]
        for row in csv_rows(path, ["index", "question"], "\t", LONGEST_CELL, quoted=True):
            entries.append(_entry(row, pictures, folders))
    name = source.resolve().stem
    languages = languages_of(e.fields["question"] for e in entries)
    return ImportSource(dict(about(name, name, "A table of VLMEvalKit", languages)), entries)


def _entry(row: SourceRow, pictures: dict[str, bytes], folders: list[Path]) -> ImportEntry:
    index = str(row.get("index")).strip()
    options = [row.values[c].strip() for c in LETTERS if (row.values.get(c) or "").strip()]
    fields: dict[str, Any] = {
        "id": f"{row.file.stem}-{index}",
        "kind": row.values.get("category") or row.values.get("l2-category") or row.file.stem,
        "question": _question(row),
        "options": options,
    }
    if options and (row.values.get("answer") or "").strip():
        fields["gold"] = gold_of(row, "answer", row.values["answer"], options)
    image = (row.values.get("image") or "").strip()
    if not image:
        return ImportEntry(row.where, one_of(folders, _path(row)), fields)
    if image in pictures:
        pictures[index] = pictures[image]
    elif len(image) < 20:
        raise SetError(f"{row.where}: column 'image' is {image!r}; no earlier row has this index")
    else:
        pictures[index] = in_text(row, "image", _first(image))
    return ImportEntry(row.where, pictures[index], fields, suffix_of(pictures[index]))


def _question(row: SourceRow) -> str:
    hint = (row.values.get("hint") or "").strip()
    return f"{hint}\n{row.get('question')}".strip() if hint else str(row.get("question")).strip()


def _first(cell: str) -> str:
    """Several pictures are written as a list; a meme has one."""
    if not cell.startswith("["):
        return cell
    try:
        listed = json.loads(cell.replace("'", '"'))
    except ValueError:
        return cell
    return str(listed[0]) if isinstance(listed, list) and len(listed) == 1 else cell


def _path(row: SourceRow) -> str:
    return _first(str(row.get("image_path")).strip())

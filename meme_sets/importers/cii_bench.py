"""CII-Bench (Zhang et al., ACL 2025): what Chinese pictures imply; 800 questions, six options.

Source: github.com/MING-ZCH/CII-Bench or huggingface.co/datasets/m-a-p/CII-Bench:
``data/{dev,test}.json``, a list of {local_path, questions [{id, question, options, answer}],
meta_data}; pictures where local_path says. Test files may come without answers.
"""

from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import about, gold_of, one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, json_rows, only_file

TAGGED = ("image_type", "domain", "difficulty", "emotion")


def read(source: Path, *, split: str | None = None) -> ImportSource:
    """The questions of dev.json and test.json (or of one file); ``split`` takes one of them."""
    names = [f"{split}.json"] if split else ["dev.json", "test.json"]
    patterns = [f"{folder}{name}" for folder in ("data/", "") for name in names]
    entries = []
    for path in only_file(source, patterns, "tables of questions"):
        for row in json_rows(path):
            local = str(row.get("local_path"))
            picture = one_of([path.parent.parent, path.parent], local)
            questions = row.get("questions")
            if not isinstance(questions, list):
                raise SetError(f"{row.where}: questions is {questions!r:.60}; must be a list")
            for i, asked in enumerate(questions):
                fields = _question(row, asked, f"{path.stem}-{Path(local).stem}-{i}")
                fields["tags"] = [f"split:{path.stem}", *_tags(row)]
                entries.append(ImportEntry(row.where, picture, {**fields, "cluster": local}))
    description = "What Chinese pictures imply (Zhang et al., ACL 2025)"
    return ImportSource(dict(about("cii-bench", "CII-Bench", description, ["zh"])), entries)


def _question(row: SourceRow, asked: Any, name: str) -> dict[str, Any]:
    options = asked.get("options") if isinstance(asked, dict) else None
    if not isinstance(options, list) or not all(isinstance(o, str) for o in options):
        raise SetError(f"{row.where}: a question without a list of options: {asked!r:.60}")
    fields: dict[str, Any] = {
        "id": str(asked.get("id") or name),
        "kind": "implication",
        "question": str(asked.get("question") or ""),
        "options": options,
    }
    if asked.get("answer") not in (None, ""):
        fields["gold"] = gold_of(row, "answer", asked["answer"], options)
    return fields


def _tags(row: SourceRow) -> list[str]:
    meta = row.values.get("meta_data")
    if not isinstance(meta, dict):
        return []
    return [f"{name}:{meta[name]}" for name in TAGGED if isinstance(meta.get(name), str)]

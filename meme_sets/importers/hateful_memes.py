"""Hateful Memes (Kiela et al., NeurIPS 2020).

Source: train.jsonl, dev*.jsonl and test*.jsonl (fields id, img, label, text) beside ``img/``;
tests have no label. ``text`` is the meme's own writing, so the set serves the caption probe too.
"""

from pathlib import Path
from typing import Any

from meme_sets.importers.choices import one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, jsonl_rows, only_file

QUESTION = {
    "en": "Does this meme attack people for what they are?",
    "zh": "这张梗图是否在攻击某个人群？",
}
OPTIONS = ({"en": "no", "zh": "没有"}, {"en": "yes", "zh": "是的"})
"""By label: 0 = not hateful, 1 = hateful."""


def read(source: Path, *, split: str | None = None) -> ImportSource:
    """The memes of one file, or of all files in a folder; ``split`` takes e.g. 'dev_seen' only."""
    pattern = f"{split}.jsonl" if split else "*.jsonl"
    entries = []
    seen: set[str] = set()
    for path in only_file(source, (pattern,), "tables of memes"):
        for row in jsonl_rows(path):
            name = str(row.get("id"))
            if name in seen:  # the two dev files share memes
                continue
            seen.add(name)
            fields: dict[str, Any] = {
                "id": name,
                "kind": "hateful",
                "question": QUESTION,
                "options": list(OPTIONS),
                "cluster": name,
                "tags": [f"split:{path.stem}"],
                "caption": str(row.get("text")).strip(),
            }
            if "label" in row.values:
                fields["gold"] = row.number("label", 0, 1)
            entries.append(
                ImportEntry(row.where, one_of([path.parent], str(row.get("img"))), fields)
            )
    about = {
        "name": "hateful-memes",
        "title": "Hateful Memes",
        "description": "Memes with their writing, hateful or not (Kiela et al., 2020), imported.",
    }
    return ImportSource(about, entries)

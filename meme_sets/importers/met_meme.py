"""MET-Meme (Xu et al., SIGIR 2022): Chinese and English memes, rich in metaphors.

Source: github.com/liaolianfoka/MET-Meme-A-Multi-modal-Meme-Dataset-Rich-in-Metaphors:
``label_{C,E}.csv`` (file name, sentiment category, ..., metaphor occurrence), ``{C,E}_text.csv``
(file name, text), pictures of Cimages.rar and Eimages.rar. Labels are written '1(happiness)'.
"""

import re
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import about, one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, csv_rows, only_file

Text = dict[str, str]
TASKS: dict[str, tuple[str, Text, tuple[Text, ...], int]] = {
    "sentiment": (
        "sentiment category",
        {"en": "Which feeling does this meme express?", "zh": "这张梗图表达了哪种情感？"},
        (
            {"en": "happiness", "zh": "快乐"},
            {"en": "love", "zh": "喜爱"},
            {"en": "anger", "zh": "愤怒"},
            {"en": "sorrow", "zh": "悲伤"},
            {"en": "fear", "zh": "恐惧"},
            {"en": "hate", "zh": "厌恶"},
            {"en": "surprise", "zh": "惊讶"},
        ),
        1,
    ),
    "metaphor": (
        "metaphor occurrence",
        {"en": "Is this meme a metaphor?", "zh": "这张梗图用了隐喻吗？"},
        ({"en": "no", "zh": "没有"}, {"en": "yes", "zh": "用了"}),
        0,
    ),
    "offensive": (
        "offensiveness detection",
        {"en": "How offensive is this meme?", "zh": "这张梗图有多冒犯人？"},
        (
            {"en": "not at all", "zh": "不冒犯"},
            {"en": "slightly", "zh": "略微"},
            {"en": "moderately", "zh": "中等"},
            {"en": "very", "zh": "非常"},
        ),
        0,
    ),
}
"""Task -> column, question, options, and the number that the first option has in the column."""
NAMES = ("file_name", "images_name", "image_name", "file name")
_NUMBER = re.compile(r"\s*(\d)")


def read(
    source: Path,
    *,
    images: str | Path | None = None,
    task: str = "sentiment",
    language: str | None = None,
) -> ImportSource:
    """Each meme as one question of a ``task``; ``language`` takes 'zh' or 'en' memes only.

    ``images`` is the folder of the pictures (default: Cimages and Eimages beside the tables).
    """
    if task not in TASKS:
        raise SetError(f"task is {task!r}; must be one of {', '.join(TASKS)}")
    if language not in (None, "zh", "en"):
        raise SetError(f"language is {language!r}; must be zh or en")
    letters = {"zh": "C", "en": "E"}
    wanted = [letters[language]] if language else ["C", "E"]
    files = only_file(source, [f"label_{letter}.csv" for letter in wanted], "tables of labels")
    entries = []
    for path in files:
        letter = path.stem[-1]
        texts = _texts(path.with_name(f"{letter}_text.csv"))
        folders = [Path(images)] if images else [path.parent / f"{letter}images", path.parent]
        for row in csv_rows(path):
            entry = _entry(row, task, texts, folders, letter)
            if entry is not None:
                entries.append(entry)
    description = "Chinese and English memes, rich in metaphors (Xu et al., SIGIR 2022)"
    return ImportSource(dict(about("met-meme", "MET-Meme", description, ["en", "zh"])), entries)


def _entry(
    row: SourceRow, task: str, texts: dict[str, str], folders: list[Path], letter: str
) -> ImportEntry | None:
    """None for the few memes whose label is no number."""
    column, question, options, first = TASKS[task]
    name = _name(row)
    number = _NUMBER.match(str(row.get(column)))
    if number is None:
        return None
    gold = int(number[1]) - first
    if not 0 <= gold < len(options):
        raise SetError(f"{row.where}: column {column!r} is {row.get(column)!r}; unknown label")
    fields: dict[str, Any] = {
        "id": f"{letter}-{name}",
        "kind": f"met_{task}",
        "question": question,
        "options": list(options),
        "gold": gold,
        "tags": [f"caption:{'zh' if letter == 'C' else 'en'}"],
    }
    if texts.get(name):
        fields["caption"] = texts[name]
    return ImportEntry(row.where, one_of(folders, name), fields)


def _name(row: SourceRow) -> str:
    column = next((n for n in NAMES if row.values.get(n)), next(iter(row.values)))
    return str(row.get(column)).strip()


def _texts(path: Path) -> dict[str, str]:
    """File name -> the words on the meme; the file may be missing."""
    if not path.is_file():
        return {}
    return {_name(row): str(row.values.get("text") or "").strip() for row in csv_rows(path)}

"""TempCompass (Liu et al., Findings of ACL 2024): the temporal sense of video models.

Source: github.com/llyx97/TempCompass: ``questions/{multi-choice,yes_no,caption_matching}.json``,
an object by video whose fields are aspects (action, speed, direction, order, attribute_change)
with lists of {question, answer}, and ``videos/ID.mp4``. ID and ID_reverse, ID_concat and the like
are made of one video; the same clip is never asked twice under one name.
"""

import re
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import ANY_MEDIA, about, gold_of, one_of
from meme_sets.importers.entry import (
    ImportEntry,
    ImportSource,
    SourceRow,
    json_members,
    only_file,
)

TASKS = ("multi-choice", "yes_no", "caption_matching")
_LABEL = re.compile(r"^(?:(?:Option|Caption|Sentence)\s+)?\(?(?:[A-Z]|\d)[.:)]\s*")
YES_NO = ({"en": "yes", "zh": "是"}, {"en": "no", "zh": "不是"})


def read(
    source: Path, *, videos: str | Path | None = None, task: str | None = None
) -> ImportSource:
    """The questions of the files in ``questions`` (or of one file); captioning has no right answer.

    ``videos`` is the folder of the clips (default: videos beside ``questions``); ``task`` takes one
    of multi-choice, yes_no and caption_matching.
    """
    if task is not None and task not in TASKS:
        raise SetError(f"task is {task!r}; must be one of {', '.join(TASKS)}")
    patterns = [f"{folder}{t}.json" for folder in ("questions/", "") for t in TASKS]
    files = [f for f in only_file(source, patterns, "tables of questions") if f.stem in TASKS]
    entries: list[ImportEntry] = []
    for path in files:
        if task is not None and path.stem != task:
            continue
        beside = path.parent
        folders = [Path(videos)] if videos else [beside.parent / "videos", beside / "videos"]
        for clip, row in json_members(path):
            media = one_of(folders, clip, (".mp4", *ANY_MEDIA))
            for aspect, asked in row.values.items():
                for i, fields in enumerate(_questions(row, aspect, asked)):
                    name = f"{path.stem}-{clip}-{aspect}-{i}"
                    kind = f"tempcompass_{aspect}"
                    more = {"id": name, "kind": kind, "cluster": clip.split("_")[0]}
                    tags = [f"task:{path.stem}"]
                    entries.append(ImportEntry(row.where, media, {**more, **fields, "tags": tags}))
    description = "Questions about action, speed, direction, order and change (Liu et al., 2024)"
    return ImportSource(dict(about("tempcompass", "TempCompass", description, ["en"])), entries)


def _questions(row: SourceRow, aspect: str, asked: Any) -> list[dict[str, Any]]:
    if not isinstance(asked, list) or not all(isinstance(a, dict) for a in asked):
        raise SetError(f"{row.where}: {aspect} is {asked!r:.60}; must be a list of questions")
    return [_question(row, aspect, one) for one in asked]


def _question(row: SourceRow, aspect: str, asked: dict[str, Any]) -> dict[str, Any]:
    """'What?\\nOption 1: x\\nOption 2: y', answer 'Option 2: y'; without lines, yes or no."""
    text, answer = asked.get("question"), asked.get("answer")
    if not isinstance(text, str) or not text.strip() or not isinstance(answer, str):
        raise SetError(f"{row.where}: {aspect} has a question without text or answer")
    question, *lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    if not lines:
        gold = gold_of(row, "answer", answer.strip().lower(), ["yes", "no"])
        return {"question": question, "options": list(YES_NO), "gold": gold}
    options = [_LABEL.sub("", line) for line in lines]
    said = answer.strip()
    gold = lines.index(said) if said in lines else gold_of(row, "answer", said, options)
    return {"question": question, "options": options, "gold": gold}

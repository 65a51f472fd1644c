"""TGIF-QA (Jang et al., CVPR 2017): questions about GIFs of Tumblr.

Source: github.com/YunseokJANG/tgif-qa, folder ``dataset``: tab-separated files with a header,
named SPLIT_TASK_question.csv (or .tsv); the GIFs are ``gif_name``.gif in the folder ``gifs``.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, csv_rows, only_file

CHOICES = ("a1", "a2", "a3", "a4", "a5")
MOST = 10
"""A count of 10 stands for ten or more."""
FRAMEQA_TYPES = ("object", "number", "color", "location")
GIF_FOLDERS = ("gifs", "gif", "../gifs", "../gif", ".")

_NAME = re.compile(r"(?P<split>[A-Za-z]+)_(?P<task>action|transition|count|frameqa)_question")


def read(source: Path, *, gifs: str | Path | None = None, task: str | None = None) -> ImportSource:
    """The questions of the files in a folder, or of one file.

    ``gifs`` is the folder of the GIFs (default: gifs beside the tables or above them); ``task``
    takes one of action, transition, count and frameqa only. FrameQA has one-word answers: each
    gets three other answers of its type as options, by a seed.
    """
    if task is not None and task not in TASKS:
        raise SetError(f"task is {task!r}; must be one of {', '.join(TASKS)}")
    files = only_file(source, ("*_question.csv", "*_question.tsv"), "tables of questions")
    folder = _gifs(files[0].parent, gifs)
    entries: list[ImportEntry] = []
    for path in files:
        match = _NAME.match(path.name)
        if match is None:
            raise SetError(f"{path}: its name must be like Test_action_question.csv")
        if task is None or match["task"] == task:
            needed = ["gif_name", "question", "answer", "key"]
            rows = list(csv_rows(path, needed, "\t"))
            for row, fields in zip(rows, TASKS[match["task"]](rows), strict=True):
                gif = str(row.get("gif_name"))
                fields |= {
                    "id": f"{path.stem.removesuffix('_question')}-{row.line}",
                    "cluster": gif,
                    "tags": [f"split:{match['split'].lower()}"],
                }
                entries.append(ImportEntry(row.where, one_of([folder], gif, (".gif",)), fields))
    about = {
        "name": "tgif-qa",
        "title": "TGIF-QA",
        "description": "Questions about GIFs (Jang et al., CVPR 2017), imported.",
        "languages": ["en"],
    }
    return ImportSource(about, entries)


def _gifs(beside: Path, gifs: str | Path | None) -> Path:
    if gifs is not None:
        if not Path(gifs).is_dir():
            raise SetError(f"{gifs}: the folder of the GIFs is not there")
        return Path(gifs)
    for name in GIF_FOLDERS:
        if (beside / name).is_dir() and next((beside / name).glob("*.gif"), None):
            return beside / name
    raise SetError(f"{beside}: no folder 'gifs' beside the tables; name it with the option gifs")


def _question(row: SourceRow) -> str:
    return str(row.get("question")).replace(" ?", "?").replace(" .", ".").strip()


def _choice(kind: str) -> Callable[[list[SourceRow]], Iterator[dict[str, Any]]]:
    """Five options, answer 0 to 4."""

    def fields(rows: list[SourceRow]) -> Iterator[dict[str, Any]]:
        for row in rows:
            yield {
                "kind": kind,
                "question": _question(row),
                "options": [row.get(c) for c in CHOICES],
                "gold": row.number("answer", 0, len(CHOICES) - 1),
            }

    return fields


def _count(rows: list[SourceRow]) -> Iterator[dict[str, Any]]:
    """Numbers from 2 to 10 (10 = ten or more), all of them options; 0 and 1 where they occur."""
    least = min([2, *(row.number("answer", 0, 10**6) for row in rows)])
    options = [*(str(n) for n in range(least, MOST)), f"{MOST} or more"]
    for row in rows:
        gold = min(row.number("answer", 0, 10**6), MOST) - least
        yield {"kind": "tgif_count", "question": _question(row), "options": options, "gold": gold}


def _frameqa(rows: list[SourceRow]) -> Iterator[dict[str, Any]]:
    """One word; three other answers of the same type make the options."""
    answers: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        answers[row.number("type", 0, 3)].add(str(row.get("answer")))
    for row in rows:
        kind, right = row.number("type", 0, 3), str(row.get("answer"))
        others = sorted(answers[kind] - {right})
        rng = random.Random(f"tgif-{row.get('key')}")
        if not others:
            raise SetError(f"{row.where}: there is no other answer of type {kind} to choose from")
        options = [right, *rng.sample(others, min(3, len(others)))]
        rng.shuffle(options)
        yield {
            "kind": f"tgif_frameqa_{FRAMEQA_TYPES[kind]}",
            "question": _question(row),
            "options": options,
            "gold": options.index(right),
        }


TASKS: dict[str, Callable[[list[SourceRow]], Iterator[dict[str, Any]]]] = {
    "action": _choice("tgif_action"),
    "transition": _choice("tgif_transition"),
    "count": _count,
    "frameqa": _frameqa,
}
"""Task -> the fields of its rows."""

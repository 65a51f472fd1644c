"""What several published layouts have in common: options, answers, languages, pictures in text."""

import base64
import binascii
import os
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.entry import SourceRow
from meme_sets.load import MEDIA_SUFFIXES, is_there

SIGNATURES = (
    (b"\x89PNG", ".png"),
    (b"\xff\xd8", ".jpg"),
    (b"GIF8", ".gif"),
    (b"BM", ".bmp"),
    (b"\x1aE\xdf\xa3", ".webm"),
)
_LETTERED = re.compile(r"^\s*\(?([A-Z])[.)、:：．]\s*(.+?)\s*$")
_HAN = re.compile(r"[\u3400-\u9fff]")


def suffix_of(data: bytes, named: str = "") -> str:
    """The ending that fits the first bytes of a media file; ``named`` where they tell nothing."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    if data[4:8] == b"ftyp":
        return ".mp4"
    fitting = (suffix for magic, suffix in SIGNATURES if data.startswith(magic))
    return next(fitting, named.lower() or ".png")


def gold_of(row: SourceRow, column: str, answer: Any, options: Sequence[str]) -> int:
    """The right option: by its text, its index or its letter. Raises SetError."""
    if isinstance(answer, str):
        if answer in options:
            return list(options).index(answer)
        letter = answer.strip().rstrip(".)").lstrip("(").upper()
        if len(letter) == 1 and 0 <= ord(letter) - ord("A") < len(options):
            return ord(letter) - ord("A")
        if not (letter.isascii() and letter.isdecimal()) or len(letter) > 4:
            raise SetError(
                f"{row.where}: column {column!r} is {answer!r:.60}; must be one of the options, "
                "its index from 0 or its letter"
            )
        answer = int(letter)
    if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < len(options):
        raise SetError(
            f"{row.where}: column {column!r} is {answer!r:.60}, but there are "
            f"{len(options)} options (0 to {len(options) - 1})"
        )
    return answer


def whole(name: str, value: int | str, least: int) -> int:
    """An importer's option that is a whole number; the command line gives text. Raises SetError."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or int(text) < least:
        raise SetError(f"{name} is {value}; must be {least} or more")
    return int(text)


def lettered(text: str) -> tuple[str, list[str]]:
    """'What?\\nA. x\\nB. y' -> ('What?', ['x', 'y']); no options unless the lines count up."""
    lines = [line for line in text.split("\n") if line.strip()]
    options: list[str] = []
    while lines and (found := _LETTERED.match(lines[-1])):
        options.insert(0, found[1] + found[2])
        lines.pop()
    letters = "".join(option[0] for option in options)
    if not options or letters != "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(letters)]:
        return text.strip(), []
    return "\n".join(lines).strip(), [option[1:] for option in options]


def among(right: str, others: Iterable[str], count: int, *seed: object) -> tuple[list[str], int]:
    """``count`` options, the right one among ``others`` drawn by a seed, and its index.

    Fewer where there are not so many. Raises ValueError without a single other one.
    """
    rng = random.Random("-".join(map(str, seed)))
    pool = sorted(set(others) - {right})
    if not pool:
        raise ValueError(f"there is no other answer than {right!r:.60} to choose from")
    options = [right, *rng.sample(pool, min(count - 1, len(pool)))]
    rng.shuffle(options)
    return options, options.index(right)


def languages_of(texts: Iterable[object]) -> list[str]:
    """['zh'] if most of the questions have Chinese characters in them, else ['en']."""
    found = [bool(_HAN.search(str(text))) for text in texts]
    return ["zh"] if found and sum(found) * 2 > len(found) else ["en"]


def in_text(row: SourceRow, column: str, value: str) -> bytes:
    """The bytes of a picture written in base64, with or without 'data:image/png;base64,'.

    Raises SetError.
    """
    body = value.partition(",")[2] if value.startswith("data:") else value
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise SetError(
            f"{row.where}: column {column!r} is no picture in base64: {value!r:.60}"
        ) from None


def one_of(folders: Sequence[Path], name: str, suffixes: Sequence[str] = ("",)) -> Path:
    """The first file of this name that there is; where there is none, the first place looked at.

    Raises SetError: the name leads out of all folders. A stranger's table must not bring a file of
    this machine into a set that is shown and shared.
    """
    inside = [
        folder / f"{name}{suffix}"
        for folder in folders
        for suffix in suffixes
        if any(_lies_in(folder / name, other) for other in folders)
    ]
    if not inside:
        raise SetError(
            f"the media file {name!r:.120} lies outside {folders[0]!s:.120}; put it in that folder "
            "and name it by its path there"
        )
    return next((place for place in inside if is_there(place)), inside[0])


def _lies_in(place: Path, folder: Path) -> bool:
    """By the names alone: a link inside the folder is its owner's doing."""
    try:
        return Path(os.path.abspath(place)).is_relative_to(os.path.abspath(folder))
    except ValueError:  # a name that no file can have
        return False


ANY_MEDIA = ("", *MEDIA_SUFFIXES)
"""Endings to try for a file that a table names with or without one."""


def about(name: str, title: str, source: str, languages: Sequence[str]) -> Mapping[str, Any]:
    """The fields of set.yaml for a data set that was imported."""
    return {
        "name": name,
        "title": title,
        "description": f"{source}, imported.",
        "languages": list(languages),
    }

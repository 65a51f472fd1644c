"""Accents that are none: the ground over a capital taken for one, so that `ELSE` reads as `ELSÉ`.

Read again with the top of the line cut off, an accent that is there stays (its foot still shows),
and one that the ground made goes.
"""

import unicodedata
from collections.abc import Sequence

import numpy as np

from ocr.engines import Engine

CUT = 0.12
"""Part of a line's height that is cut off: it touches no letter of a line without accents."""
FEW = 3
"""A line with more accents has them: the ground seldom makes two."""


def without_false_accents(
    crops: Sequence[np.ndarray], found: Sequence[tuple[str, float]], engine: Engine
) -> list[tuple[str, float]]:
    """The readings of some crops, without the accents that only the ground made."""
    told = list(found)
    doubted = [i for i, (text, _) in enumerate(found) if 0 < _accents(text) <= FEW]
    tops = [np.ascontiguousarray(crops[i][round(CUT * len(crops[i])) :]) for i in doubted]
    for i, (again, sure) in zip(doubted, engine.recognise(tops) if tops else (), strict=True):
        text, confidence = found[i]
        if sure >= confidence - 0.02 and _letters(again) == _letters(text):
            told[i] = _fewer(text, again), max(sure, confidence)
    return told


def _accents(text: str) -> int:
    """How many Latin letters carry a mark over them."""
    return sum(_bare(c) != c for c in text)


def _bare(letter: str) -> str:
    """A Latin letter without the mark over it; anything else as it is."""
    parts = unicodedata.normalize("NFD", letter)
    over = len(parts) == 2 and parts[0].isascii() and unicodedata.combining(parts[1]) == 230
    return parts[0] if over else letter


def _letters(text: str) -> str:
    """What two readings of one line share: its letters and digits, bare and in one case."""
    return "".join(_bare(c) for c in text if c.isalnum()).casefold()


def _fewer(text: str, again: str) -> str:
    """``text``, bare where ``again`` is: both hold the same letters."""
    others = iter([c for c in again if c.isalnum()])
    return "".join(
        c if not c.isalnum() else _bare(c) if _bare(other := next(others)) == other else c
        for c in text
    )

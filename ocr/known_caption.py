"""The caption of a picture where a person says what it is: OCR is asked only where it stands."""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from ocr.caption import Caption, Line
from ocr.same_text import core
from ocr.tracks import USER

ALIKE = 80.0
"""How like its part of the caption a line must read, of 100 (Indel similarity)."""


def with_known_caption(caption: Caption, text: str) -> Caption:
    """What was read, with the lines that say ``text``, or a part of it, as the caption.

    All others are other text. Longer lines are sought first, and each part of the text is found
    once: the mark `me` is not taken for a part of `some`, as long as that was read.
    """
    parts = _parts(caption.lines, text)
    lines = [
        replace(line, role="caption" if i in parts else "other", rule=USER)
        for i, line in enumerate(caption.lines)
    ]
    return Caption(tuple(sorted(lines, key=lambda line: line.role)))


def _parts(lines: Sequence[Line], text: str) -> set[int]:
    """Which lines are parts of the text."""
    left, found = core(text), set()
    for i in sorted(range(len(lines)), key=lambda i: -len(core(lines[i].text))):
        part = core(lines[i].text)
        if not part or len(part) > len(left):
            part = part if fuzz.ratio(part, left) >= ALIKE else ""
        place = fuzz.partial_ratio_alignment(part, left, score_cutoff=ALIKE) if part else None
        if place is not None and left:
            found.add(i)
            left = left[: place.dest_start] + left[place.dest_end :]
    return found

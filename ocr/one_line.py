"""A line that is found in two pieces in one picture of a clip and whole in another is one line."""

from collections.abc import Sequence
from dataclasses import replace

from ocr.caption import Line
from ocr.phase import Seen
from ocr.same_text import strict

LEVEL = 0.5
"""Pieces of a line overlap in height by this share of the lower one, at least."""
AROUND = 0.35
"""Each side lies no further than this, in heights of the line, from that of the whole elsewhere."""


def pieces_joined(seen: Sequence[Seen]) -> list[Seen]:
    """What was seen, with pieces that stand side by side joined where the whole was read too."""
    wholes: dict[str, list[Line]] = {}
    for one in seen:
        for line in one.lines:
            if not line.vertical:
                wholes.setdefault(strict(line.text), []).append(line)
    return [replace(one, lines=_joined(one.lines, wholes)) for one in seen]


def _joined(lines: Sequence[Line], wholes: dict[str, list[Line]]) -> tuple[Line, ...]:
    left = list(lines)
    for a in lines:
        for b in lines:
            whole = next((w for w in wholes.get(strict(a.text + b.text), ()) if a is not b), None)
            if whole is None or a not in left or b not in left or not _side_by_side(a, b):
                continue
            line = _around(a, b, whole)
            if _as(line, whole):
                left[left.index(a)] = line
                left.remove(b)
    return tuple(left)


def _side_by_side(a: Line, b: Line) -> bool:
    (_, top_a, right_a, bottom_a), (left_b, top_b, _, bottom_b) = a.bounds, b.bounds
    lower = min(bottom_a - top_a, bottom_b - top_b)
    level = min(bottom_a, bottom_b) - max(top_a, top_b) >= LEVEL * lower
    return level and abs(left_b - right_a) <= 2 * lower


def _around(a: Line, b: Line, whole: Line) -> Line:
    """The line of two pieces, with the text of the whole."""
    boxes = a.bounds, b.bounds
    left, top = (min(box[i] for box in boxes) for i in (0, 1))
    right, bottom = (max(box[i] for box in boxes) for i in (2, 3))
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    return replace(whole, box=box, confidence=min(a.confidence, b.confidence))


def _as(line: Line, whole: Line) -> bool:
    far = AROUND * whole.height
    return all(abs(p - q) <= far for p, q in zip(line.bounds, whole.bounds, strict=True))

"""Reading order of text lines.

Lines are first gathered into blocks: lines of like height that stand under or beside each other.
Blocks that overlap in height by more than half of the lower one stand in a row; rows go from top
to bottom, and within a row blocks go from left to right, and so do the lines of a block. Vertical
Chinese lines stand in columns, which go from right to left. PP-OCR's own rule, a fixed 10 pixels,
fails for large pictures, a tilt, tiny two-line captions, labels side by side, and columns.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ocr.caption import Line

Bounds = tuple[float, float, float, float]
T = TypeVar("T")

LIKE_HEIGHT = 0.55
"""Lines of one block: the lower is at least this share of the higher."""
LINE_GAP = 0.7
"""Lines of one block are at most this far apart, in heights."""
WORD_GAP = 0.7
"""Words of one line are at most this far apart, in heights."""


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines as a person reads them."""
    return [line for block in blocks(lines) for line in block]


def blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines by blocks, blocks and lines in reading order."""
    if sum(line.vertical for line in lines) * 2 > len(lines):
        return [[line] for line in sorted(lines, key=lambda li: (-li.bounds[2], li.bounds[1]))]
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda li: li.bounds[1]):
        near = [g for g in groups if any(_together(line, other) for other in g)]
        groups = [g for g in groups if g not in near]
        groups.append([line, *(other for g in near for other in g)])
    ordered = [_flat(_rows(group, lambda li: li.bounds)) for group in groups]
    return _flat(_rows(ordered, around))


def around(lines: Sequence[Line]) -> Bounds:
    """The box around some lines: (left, top, right, bottom) in pixels."""
    lefts, tops, rights, bottoms = zip(*(line.bounds for line in lines), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _together(a: Line, b: Line) -> bool:
    """Whether two lines belong to one block."""
    low, high = sorted((a.height, b.height))
    if low < LIKE_HEIGHT * high:
        return False
    (left_a, top_a, right_a, bottom_a), (left_b, top_b, right_b, bottom_b) = a.bounds, b.bounds
    apart = max(left_a, left_b) - min(right_a, right_b)
    between = max(top_a, top_b) - min(bottom_a, bottom_b)
    if between < -0.5 * low:  # side by side
        return apart < WORD_GAP * low
    return between < LINE_GAP * low and -apart > 0.3 * min(right_a - left_a, right_b - left_b)


def _rows(things: Sequence[T], bounds: Callable[[T], Bounds]) -> list[list[T]]:
    """Things by rows, from top to bottom, each row from left to right."""
    rows: list[list[T]] = []
    for thing in sorted(things, key=lambda t: bounds(t)[1] + bounds(t)[3]):
        if rows and all(_beside(bounds(other), bounds(thing)) for other in rows[-1]):
            rows[-1].append(thing)
        else:
            rows.append([thing])
    return [sorted(row, key=lambda t: bounds(t)[0]) for row in rows]


def _beside(a: Bounds, b: Bounds) -> bool:
    shared = min(a[3], b[3]) - max(a[1], b[1])
    over = min(a[2], b[2]) - max(a[0], b[0])
    low = min(a[3] - a[1], b[3] - b[1])
    return shared > 0.5 * low and over < 0.5 * min(a[2] - a[0], b[2] - b[0])


def _flat(nested: Sequence[Sequence[T]]) -> list[T]:
    return [thing for several in nested for thing in several]

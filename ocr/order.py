"""Reading order of text lines.

Lines are first gathered into blocks. Lines of like height that stand under each other are a block,
and so are columns of vertical text that stand beside each other; what stands beside a single line
goes on with it, but two blocks of several lines side by side are two. Blocks that overlap in height
by more than half of the lower one stand in a row; rows go from top to bottom. Within a row and a
block, lines go from left to right, columns from right to left. Where each of several blocks has its
own part of the width (labels on things), they go from left to right whatever their height; a title
over them comes first. Blocks in rows and columns go row by row, be the rows not quite level.
PP-OCR's own rule, a fixed 10 pixels, fails for large pictures, a tilt, tiny two-line captions,
labels side by side, and columns.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from ocr.caption import Line

Bounds = tuple[float, float, float, float]
Together = Callable[[Line, Line], bool]
T = TypeVar("T")

LIKE_HEIGHT = 0.55
"""Lines of one block: the lower is at least this share of the higher."""
LINE_GAP = 0.7
"""Lines of one block are at most this far apart, in heights."""
WORD_GAP = 0.7
"""Words of one line are at most this far apart, in heights."""
COLUMN_GAP = 1.5
"""Columns of one block are at most this far apart, in widths."""
LEANS = 4.0
"""Lines that lean by so many degrees are set level before they are ordered."""
LEAN_ALIKE = 6.0
"""Lines of one block differ in lean by no more degrees."""
ROWS_APART = 1.5
"""Rows of a grid are apart by so many times the height over which one of them is spread."""
LABELS = 3
"""So many blocks that share no width go from left to right."""


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines as a person reads them."""
    return [line for block in blocks(lines) for line in block]


def blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines by blocks, blocks and lines in reading order."""
    columns = [line for line in lines if line.vertical]
    # One upright line among columns is a letter or two of a column's.
    columns = list(lines) if 2 * len(columns) > len(lines) else []
    level = [line for line in lines if not any(line is c for c in columns)]
    found = [*_level_blocks(level), *_column_blocks(columns)]
    if not columns and (grid := _grid(found)):
        return grid
    labels = [] if columns else _labels(found)
    if not labels:
        return _flat(_rows(found, around, bool(columns)))
    top = min(around(block)[1] for block in labels)
    rest = _flat(_rows([b for b in found if not any(b is label for label in labels)], around))
    above = [block for block in rest if around(block)[1] < top]
    below = [block for block in rest if around(block)[1] >= top]
    return above + sorted(labels, key=lambda block: around(block)[0]) + below


def _grid(found: Sequence[list[Line]]) -> list[list[Line]]:
    """Blocks that stand in rows and columns, row by row (one in each bubble): rows need not be
    quite level where the next one is far enough away. [] = they stand otherwise."""
    down = sorted(found, key=lambda block: around(block)[1] + around(block)[3])
    for count in range(2, len(found) // 2 + 1):
        rows = [
            sorted(down[i : i + count], key=lambda block: around(block)[0])
            for i in range(0, len(down), count)
        ]
        if len(found) % count == 0 and _in_columns(rows) and _rows_apart(rows):
            return _flat(rows)
    return []


def _in_columns(rows: Sequence[Sequence[list[Line]]]) -> bool:
    """Whether each block shares its width with those of its own column and with no other."""
    placed = [(k, block) for row in rows for k, block in enumerate(row)]
    return all(
        (k == j) == _share_width(a, b) for (k, a), (j, b) in itertools.combinations(placed, 2)
    )


def _rows_apart(rows: Sequence[Sequence[list[Line]]]) -> bool:
    """Whether the middles of a row are nearer to each other than to those of the next."""
    middles = [[(around(b)[1] + around(b)[3]) / 2 for b in row] for row in rows]
    spread = max(max(row) - min(row) for row in middles)
    return all(
        min(below) - max(above) > ROWS_APART * spread
        for above, below in itertools.pairwise(middles)
    )


def _labels(found: Sequence[list[Line]]) -> list[list[Line]]:
    """Blocks that stand side by side, LABELS or more; all others lie over or under all of them."""
    wide = [b for b in found if sum(_share_width(b, other) for other in found) > LABELS - 1]
    labels = [b for b in found if not any(b is w for w in wide)]
    if len(labels) < LABELS or any(
        _share_width(a, b) for a, b in itertools.combinations(labels, 2)
    ):
        return []
    _, top, _, bottom = around(_flat(labels))
    apart = all(around(w)[3] <= top or around(w)[1] >= bottom for w in wide)
    return labels if apart else []


def around(lines: Sequence[Line]) -> Bounds:
    """The box around some lines: (left, top, right, bottom) in pixels."""
    lefts, tops, rights, bottoms = zip(*(line.bounds for line in lines), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _level_blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Blocks of lines; those that lean alike are set level for it, each group by itself."""
    leaning = _groups([line for line in lines if abs(_lean(line)) >= LEANS], _lean_alike)
    level = [line for line in lines if abs(_lean(line)) < LEANS]
    back: dict[int, Line] = {id(line): line for line in level}
    found = _stacks(level)
    for group in leaning:
        turned = [_turned(line, -sum(map(_lean, group)) / len(group)) for line in group]
        back |= {id(t): line for t, line in zip(turned, group, strict=True)}
        found += _stacks(turned)
    return [[back[id(line)] for line in stack] for stack in found]


def _lean(line: Line) -> float:
    """Degrees by which a level line falls to the right; 0 for one that stands."""
    (left, top), (right, bottom) = line.box[0], line.box[1]
    angle = math.degrees(math.atan2(bottom - top, right - left))
    # The box of a letter or two leans by chance.
    return angle if abs(angle) < 45 and math.dist(*line.box[:2]) > 2 * line.height else 0.0


def _lean_alike(a: Line, b: Line) -> bool:
    near = math.dist(_middle(a), _middle(b)) < 2 * (a.height + b.height) + _length(a) + _length(b)
    return near and abs(_lean(a) - _lean(b)) <= LEAN_ALIKE


def _middle(line: Line) -> tuple[float, float]:
    left, top, right, bottom = line.bounds
    return (left + right) / 2, (top + bottom) / 2


def _length(line: Line) -> float:
    return math.dist(line.box[0], line.box[1]) / 2


def _turned(line: Line, degrees: float) -> Line:
    """The line in a picture that is turned about its corner."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    one, two, three, four = ((c * x - s * y, s * x + c * y) for x, y in line.box)
    return replace(line, box=(one, two, three, four))


def _stacks(lines: Sequence[Line]) -> list[list[Line]]:
    stacks = _groups(sorted(lines, key=lambda li: li.bounds[1]), _stacked)
    merged = True
    while merged:
        merged = False
        for a, b in itertools.combinations(stacks, 2):
            if min(len(a), len(b)) == 1 and _goes_on(*sorted((a, b), key=len)):
                stacks = [s for s in stacks if s is not a and s is not b] + [a + b]
                merged = True
                break
    return [_flat(_rows(stack, _bounds)) for stack in stacks]


def _goes_on(piece: Sequence[Line], block: Sequence[Line]) -> bool:
    """Whether a single line is a piece of one of a block's: level with that one alone. What leans
    beside two lines, half way between them, is a text of its own."""
    if not any(_side_by_side(piece[0], line) for line in block):
        return False
    level = [line for line in block if _level(piece[0], line)]
    return all(_level(a, b) for a, b in itertools.combinations(level, 2))


def _level(a: Line, b: Line) -> bool:
    low, between = _like(a, b)
    return between < -0.5 * low


def _column_blocks(lines: Sequence[Line]) -> list[list[Line]]:
    groups = _groups(lines, _columns_together)
    return [_flat(_rows(group, _bounds, from_right=True)) for group in groups]


def _groups(lines: Sequence[Line], together: Together) -> list[list[Line]]:
    """Lines that hang together, directly or by others."""
    groups: list[list[Line]] = []
    for line in lines:
        near = [g for g in groups if any(together(line, other) for other in g)]
        groups = [g for g in groups if g not in near]
        groups.append([line, *_flat(near)])
    return groups


def _bounds(line: Line) -> Bounds:
    return line.bounds


def _stacked(a: Line, b: Line) -> bool:
    """Whether one line stands right under the other."""
    (left_a, _, right_a, _), (left_b, _, right_b, _) = a.bounds, b.bounds
    over = min(right_a, right_b) - max(left_a, left_b)
    low, between = _like(a, b)
    return -0.5 * low <= between < LINE_GAP * low and over > 0.3 * min(
        right_a - left_a, right_b - left_b
    )


def _side_by_side(a: Line, b: Line) -> bool:
    """Whether two pieces may be of one line."""
    apart = max(a.bounds[0], b.bounds[0]) - min(a.bounds[2], b.bounds[2])
    low, between = _like(a, b)
    return between < -0.5 * low and apart < WORD_GAP * low


def _like(a: Line, b: Line) -> tuple[float, float]:
    """(height of the lower one, gap between them in height); an endless gap for unlike heights."""
    low, high = sorted((a.height, b.height))
    between = max(a.bounds[1], b.bounds[1]) - min(a.bounds[3], b.bounds[3])
    return low, between if low >= LIKE_HEIGHT * high else float("inf")


def _columns_together(a: Line, b: Line) -> bool:
    """Whether two columns stand beside each other, or one goes on under the other."""
    low, high = sorted((a.height, b.height))
    over = min(a.bounds[2], b.bounds[2]) - max(a.bounds[0], b.bounds[0])
    between = max(a.bounds[1], b.bounds[1]) - min(a.bounds[3], b.bounds[3])
    beside = between < 0 and -over < COLUMN_GAP * low
    return low >= LIKE_HEIGHT * high and (beside or (over > 0.5 * low and between < low))


def _share_width(one: Sequence[Line], other: Sequence[Line]) -> bool:
    """Whether two blocks stand over each other."""
    a, b = around(one), around(other)
    return min(a[2], b[2]) - max(a[0], b[0]) >= 0.1 * min(a[2] - a[0], b[2] - b[0])


def _rows(
    things: Sequence[T], bounds: Callable[[T], Bounds], from_right: bool = False
) -> list[list[T]]:
    """Things by rows, from top to bottom, each row from left to right or from right to left."""
    rows: list[list[T]] = []
    for thing in sorted(things, key=lambda t: bounds(t)[1] + bounds(t)[3]):
        if rows and all(_beside(bounds(other), bounds(thing)) for other in rows[-1]):
            rows[-1].append(thing)
        else:
            rows.append([thing])
    sign = -1 if from_right else 1
    return [sorted(row, key=lambda t: sign * (bounds(t)[0] + bounds(t)[2])) for row in rows]


def _beside(a: Bounds, b: Bounds) -> bool:
    shared = min(a[3], b[3]) - max(a[1], b[1])
    over = min(a[2], b[2]) - max(a[0], b[0])
    low = min(a[3] - a[1], b[3] - b[1])
    return shared > 0.5 * low and over < 0.5 * min(a[2] - a[0], b[2] - b[0])


def _flat(nested: Sequence[Sequence[T]]) -> list[T]:
    return [thing for several in nested for thing in several]

"""Boxes in a picture, and what a layout of them is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""
ROWS, COLUMNS, CELLS = 10, 20, 100
"""Bounds on a montage."""


@dataclass(frozen=True)
class Layout:
    """Boxes in reading order, each with how well a frame fits there."""

    boxes: tuple[Box, ...]
    fits: tuple[float, ...]
    """Best correlation of each box with a frame of any clip, -1 to 1."""
    blanks: tuple[Box, ...] = ()
    """Cells of one colour that others follow: blank frames, or nothing."""

    @property
    def quality(self) -> float:
        """Mean fit; 0 without a box."""
        return float(np.mean(self.fits)) if self.fits else 0.0


def cells_of(width: int, height: int, rows: int, columns: int) -> list[Box]:
    """A picture cut into equal cells, in reading order."""
    xs = np.linspace(0, width, columns + 1).round().astype(int)
    ys = np.linspace(0, height, rows + 1).round().astype(int)
    return [
        (int(xs[c]), int(ys[r]), int(xs[c + 1] - xs[c]), int(ys[r + 1] - ys[r]))
        for r in range(rows)
        for c in range(columns)
    ]


def empty_before(boxes: Sequence[Box], full: Sequence[Box]) -> tuple[Box, ...]:
    """The empty cells before the last full one."""
    last = boxes.index(full[-1])
    return tuple(b for b in boxes[:last] if b not in full)


def cut(image: np.ndarray, box: Box) -> np.ndarray:
    """The part of a picture inside a box."""
    x, y, w, h = box
    return image[y : y + h, x : x + w]


def in_order(boxes: Sequence[Box]) -> list[Box]:
    """In reading order: rows by their tops, each from left to right."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        if rows and box[1] < rows[-1][0][1] + 0.5 * box[3]:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row)]

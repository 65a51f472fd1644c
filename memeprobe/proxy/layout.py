"""Where in a picture the frames of a clip stand: one of them, a montage, a strip, with or without
margins, gaps and labels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from memeprobe.proxy.boxes import CELLS, COLUMNS, ROWS, Box, Layout, cells_of, cut, empty_before
from memeprobe.proxy.clips import COARSE, FLAT, KnownClip, fitted, shrunk, unit
from memeprobe.proxy.margins import CELL, with_margins

SURE = 0.97
"""Mean correlation from which a cut into equal cells needs no closer look."""


def find_layout(image: np.ndarray, clips: Sequence[KnownClip]) -> Layout:
    """The layout under which the picture is best explained by frames of the clips."""
    cuts = list(_partitions(image, clips))
    exact = max((_scored(image, boxes, clips) for boxes in cuts), key=_rank)
    if exact.quality >= SURE:
        return exact
    loose = with_margins(image, clips)
    found = max([exact, loose], key=_rank)
    return replace(_refined(image, found.boxes, clips), blanks=found.blanks)


def _rank(layout: Layout) -> tuple[float, int]:
    """Better fit first; at the same fit fewer cells."""
    return round(layout.quality, 2), -len(layout.boxes)


def _partitions(image: np.ndarray, clips: Sequence[KnownClip]) -> Iterator[list[Box]]:
    """The picture cut into equal cells: as one cell of any shape, else cells of nearly the shape
    of a clip's frames, or square ones, into which some applications press them."""
    height, width = image.shape[:2]
    shapes = {round(clip.aspect, 3) for clip in clips} | {1.0}
    for rows in range(1, ROWS + 1):
        for columns in range(1, COLUMNS + 1):
            if rows * columns > CELLS or width / columns < 8 or height / rows < 8:
                continue
            aspect = (width / columns) / (height / rows)
            if rows * columns == 1 or any(0.93 < aspect / a < 1.075 for a in shapes):
                yield cells_of(width, height, rows, columns)


def _scored(
    image: np.ndarray, boxes: Sequence[Box], clips: Sequence[KnownClip], longest: int = COARSE
) -> Layout:
    """Those boxes that are not empty, each with its best fit; ``longest``: size to compare at."""
    full = [b for b in boxes if not _empty(image, b)]
    if not full:
        return Layout((), (), tuple(boxes) if len(boxes) == 1 else ())
    best = np.full(len(full), -1.0)
    for size in {fitted(*clip.size, longest) for clip in clips}:
        cells = unit(np.stack([shrunk(cut(image, b), size) for b in full]))
        for clip in clips:
            if fitted(*clip.size, longest) == size:
                best = np.maximum(best, (cells @ clip.at(size).T).max(1))
    return Layout(tuple(full), tuple(map(float, best)), empty_before(boxes, full))


def _empty(image: np.ndarray, box: Box) -> bool:
    """Whether a cell shows nothing but one colour."""
    inner = cut(image, box)
    return float(inner.reshape(-1, 3).std(0).max()) < FLAT


def _refined(image: np.ndarray, boxes: Sequence[Box], clips: Sequence[KnownClip]) -> Layout:
    """Each box moved and resized in small steps to where a frame fits best."""
    moved = []
    for box in boxes:
        at, best = box, _fit(image, box, clips)
        step = max(1, round(0.04 * box[2])) if best < 0.995 else 0
        while step:
            tried = [b for b in _around(at, step) if _inside(image, b)]
            fits = [_fit(image, b, clips) for b in tried]
            if fits and max(fits) > best + 1e-4:
                at, best = tried[int(np.argmax(fits))], max(fits)
            else:
                step //= 2
        moved.append((at, best))
    return Layout(tuple(b for b, _ in moved), tuple(f for _, f in moved))


def _around(box: Box, step: int) -> list[Box]:
    x, y, w, h = box
    grown = max(1, round(step * h / w))
    return [
        (x + step, y, w, h),
        (x - step, y, w, h),
        (x, y + step, w, h),
        (x, y - step, w, h),
        (x, y, w + step, h + grown),
        (x, y, w - step, h - grown),
        (x - step, y - grown, w + 2 * step, h + 2 * grown),
        (x + step, y + grown, w - 2 * step, h - 2 * grown),
    ]


def _inside(image: np.ndarray, box: Box) -> bool:
    x, y, w, h = box
    return (
        x >= 0
        and y >= 0
        and w > 4
        and h > 4
        and x + w <= image.shape[1]
        and (y + h <= image.shape[0])
    )


def _fit(image: np.ndarray, box: Box, clips: Sequence[KnownClip]) -> float:
    layout = _scored(image, [box], clips, CELL)
    return layout.fits[0] if layout.fits else -1.0

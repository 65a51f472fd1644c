"""Reads a picture that differs in some places from one that was read: only those places again.

What lies outside of them reads as it did, so that the check of a caption edit costs the edited
place and not the whole picture.
"""

from collections.abc import Sequence

import numpy as np

from ocr.caption import Caption, Line
from ocr.engines import Engine
from ocr.read import assemble, enlarged, lines_in, read_image
from ocr.regions import STEP, TILE, boxes_seen_smaller, upright

MARGIN = 32
"""Pixels at reading size that are looked at around what changed: a detector needs some ground."""
WORTH = 0.75
"""Places that take more of the picture than this are not worth the trouble."""

Bounds = tuple[float, float, float, float]
Part = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels at reading size, multiples of ``STEP``."""


def read_changed(
    after: np.ndarray, before: np.ndarray, caption: Caption, engine: Engine
) -> Caption:
    """All text of ``after``, where ``caption`` is what was read in ``before``.

    Both uint8 (height, width, 3) RGB. Reads the whole picture where their sizes differ, where most
    of it changed, where it is so long that it is read in tiles, and where letters do not stand
    upright.
    """
    if after.shape != before.shape:
        return read_image(after, engine)
    large, scale = enlarged(np.ascontiguousarray(after))
    red, green, blue = np.moveaxis(after != before, 2, 0)
    parts = _parts(red | green | blue, caption.lines, large.shape[:2], scale)
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in parts)
    turned = any(line.orientation for line in caption.lines)
    if turned or max(large.shape) > TILE or area > WORTH * large.shape[0] * large.shape[1]:
        return read_image(after, engine)
    rest = [line for line in caption.lines if not any(_meet(_at(line, scale), p) for p in parts)]
    boxes = _boxes(large, parts, engine)
    if not boxes and not rest:
        boxes = boxes_seen_smaller(large, engine.detect)
    others = [np.array(line.box, np.float32) * np.array(scale, np.float32) for line in rest]
    found = lines_in(large, scale, boxes, engine, others)
    if any(line.orientation for line in found):
        return read_image(after, engine)
    return assemble([*rest, *found], after)


def _boxes(large: np.ndarray, parts: Sequence[Part], engine: Engine) -> list[np.ndarray]:
    """Boxes of text in some parts, in pixels of the whole."""
    cut = [np.ascontiguousarray(large[y:bottom, x:right]) for x, y, right, bottom in parts]
    return [
        upright(np.asarray(box, np.float32) + np.array(part[:2], np.float32))
        for part, boxes in zip(parts, engine.detect(cut), strict=True)
        for box in boxes
    ]


def _parts(
    changed: np.ndarray, lines: Sequence[Line], size: tuple[int, int], scale: tuple[float, float]
) -> list[Part]:
    """Where to look again: bands of rows in which pixels changed, each with the lines it meets.

    ``changed`` is bool (height, width); ``size`` the (height, width) at reading size.
    """
    parts = [_grown(bounds, size, MARGIN) for bounds in _bands(changed, scale)]
    boxes = [_at(line, scale) for line in lines]
    while True:
        whole = [_union(part, *(b for b in boxes if _meet(b, part))) for part in parts]
        merged = _merged([_grown(bounds, size, 0) for bounds in whole])
        if merged == parts:
            return parts
        parts = merged


def _bands(changed: np.ndarray, scale: tuple[float, float]) -> list[Bounds]:
    """Bands of rows that changed, further apart than two margins, at reading size."""
    rows = np.flatnonzero(changed.any(axis=1))
    if not len(rows):
        return []
    found = []
    for band in np.split(rows, np.flatnonzero(np.diff(rows) * scale[1] > 2 * MARGIN) + 1):
        top, bottom = int(band[0]), int(band[-1]) + 1
        columns = np.flatnonzero(changed[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        found.append((left * scale[0], top * scale[1], right * scale[0], bottom * scale[1]))
    return found


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Parts of which no two overlap."""
    kept: list[Part] = []
    for part in parts:
        met = [k for k in kept if _meet(k, part)]
        left, top, right, bottom = map(int, _union(part, *met))
        kept = [*(k for k in kept if k not in met), (left, top, right, bottom)]
    return kept


def _grown(bounds: Bounds, size: tuple[int, int], margin: int) -> Part:
    """The bounds with a margin, out to multiples of ``STEP``, inside the picture."""
    height, width = size
    left, top = (max(0, int((low - margin) // STEP) * STEP) for low in bounds[:2])
    right, bottom = (int(-(-(high + margin) // STEP) * STEP) for high in bounds[2:])
    return left, top, min(right, width), min(bottom, height)


def _at(line: Line, scale: tuple[float, float]) -> Bounds:
    left, top, right, bottom = line.bounds
    return left * scale[0], top * scale[1], right * scale[0], bottom * scale[1]


def _union(*several: Bounds) -> Bounds:
    lefts, tops, rights, bottoms = zip(*several, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _meet(a: Bounds, b: Bounds) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

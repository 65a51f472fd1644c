"""Where in a picture the frames of a clip stand: one of them, a montage, a strip, with or without
margins, gaps and labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from memeprobe.proxy.clips import COARSE, FLAT, KnownClip, fitted, shrunk, unit

Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""
ROWS, COLUMNS, CELLS = 10, 20, 100
"""Bounds on a montage."""
SURE = 0.97
"""Mean correlation from which a cut into equal cells needs no closer look."""
CELL = 40
"""Longer side in pixels at which a frame is looked for inside its cell."""
SHARES = (1.0, 0.96, 0.92, 0.88, 0.84, 0.8, 0.75, 0.7, 0.65, 0.6)
"""Sizes of a frame by that of the largest one that its cell has room for."""
COVERED = 0.2
"""What it counts for a hypothesis to explain the whole picture, in units of correlation."""
CLOSER = 6
"""Hypotheses that are looked at more closely."""
SAMPLED = 4
"""Cells of a hypothesis that are looked into before the best one is looked into whole."""


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


def find_layout(image: np.ndarray, clips: Sequence[KnownClip]) -> Layout:
    """The layout under which the picture is best explained by frames of the clips."""
    cuts = list(_partitions(image, clips))
    exact = max((_scored(image, boxes, clips) for boxes in cuts), key=_rank)
    if exact.quality >= SURE:
        return exact
    loose = _with_margins(image, clips)
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
                yield _cells(width, height, rows, columns)


def _cells(width: int, height: int, rows: int, columns: int) -> list[Box]:
    xs = np.linspace(0, width, columns + 1).round().astype(int)
    ys = np.linspace(0, height, rows + 1).round().astype(int)
    return [
        (int(xs[c]), int(ys[r]), int(xs[c + 1] - xs[c]), int(ys[r + 1] - ys[r]))
        for r in range(rows)
        for c in range(columns)
    ]


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
    return Layout(tuple(full), tuple(map(float, best)), _before(boxes, full))


def _before(boxes: Sequence[Box], full: Sequence[Box]) -> tuple[Box, ...]:
    """The empty cells before the last full one."""
    last = boxes.index(full[-1])
    return tuple(b for b in boxes[:last] if b not in full)


def cut(image: np.ndarray, box: Box) -> np.ndarray:
    """The part of a picture inside a box."""
    x, y, w, h = box
    return image[y : y + h, x : x + w]


def _empty(image: np.ndarray, box: Box) -> bool:
    """Whether a cell shows nothing but one colour."""
    inner = cut(image, box)
    return float(inner.reshape(-1, 3).std(0).max()) < FLAT


def _with_margins(image: np.ndarray, clips: Sequence[KnownClip]) -> Layout:
    """Frames of one size somewhere inside equal cells: with gaps, labels or margins around."""
    height, width = image.shape[:2]
    tried: list[tuple[float, int, KnownClip, _Cut]] = []
    for rows in range(1, ROWS + 1):
        for columns in range(1, COLUMNS + 1):
            aspect = (width / columns) / (height / rows)
            fitting = [c for c in clips if 0.6 < aspect / c.aspect < 1.67]
            if rows * columns > CELLS or not fitting:
                continue
            here = _Cut.of(image, _cells(width, height, rows, columns))
            for clip in fitting:
                tried.append((here.worth(clip, SHARES[::2], 2), len(tried), clip, here))
    if not tried:
        return Layout((), ())
    tried = sorted(tried, reverse=True)[:CLOSER]
    _, _, clip, here = max(tried, key=lambda t: t[3].worth(t[2], SHARES, SAMPLED))
    share = max(SHARES, key=lambda s: here.worth(clip, (s,), SAMPLED))
    placed = [here.placed(i, clip, share) for i in range(len(here.boxes))]
    return Layout(tuple(b for b, _ in placed), tuple(f for _, f in placed), here.blanks)


@dataclass(frozen=True)
class _Cut:
    """The cells of one cut that are not empty, small enough to be looked through quickly."""

    boxes: tuple[Box, ...]
    small: tuple[np.ndarray, ...]
    blanks: tuple[Box, ...]
    area: int
    """Pixels of the whole picture."""

    @classmethod
    def of(cls, image: np.ndarray, boxes: Sequence[Box]) -> "_Cut":
        cells = [(b, shrunk(cut(image, b), fitted(b[2], b[3], CELL))) for b in boxes]
        full = [(b, c) for b, c in cells if float(c.std((0, 1)).max()) >= FLAT]
        kept, area = tuple(b for b, _ in full), image.shape[0] * image.shape[1]
        return cls(kept, tuple(c for _, c in full), _before(boxes, kept) if kept else (), area)

    def worth(self, clip: KnownClip, shares: Sequence[float], count: int) -> float:
        """How well frames of a clip explain the picture at the best of these sizes: mean
        correlation of a few cells, and the share of the picture that they would cover."""
        if not self.boxes:
            return -1.0
        picks = np.unique(np.linspace(0, len(self.boxes) - 1, count).astype(int))
        best = -1.0
        for share in shares:
            found = [self.placed(i, clip, share) for i in picks]
            fit = float(np.mean([f for _, f in found]))
            area = len(self.boxes) * found[0][0][2] * found[0][0][3] / self.area
            # Many small cells fit a little better by chance alone.
            best = max(best, fit + COVERED * min(1.0, area) - 0.002 * len(self.boxes))
        return best

    def placed(self, place: int, clip: KnownClip, share: float) -> tuple[Box, float]:
        """Where in a cell a frame of this size fits best, and how well."""
        (x, y, w, h), cell = self.boxes[place], self.small[place]
        height, width = cell.shape[:2]
        wide = share * min(width, height * clip.aspect)
        size = min(width, max(3, round(wide))), min(height, max(3, round(wide / clip.aspect)))
        best, at = -1.0, (0, 0)
        for frame in clip.typical_at(size):
            found = cv2.matchTemplate(cell, frame, cv2.TM_CCOEFF_NORMED)
            _, value, _, where = cv2.minMaxLoc(found)
            if best < value < 1.0001:
                best, at = float(value), (int(where[0]), int(where[1]))
        sx, sy = w / width, h / height
        left, top = x + round(at[0] * sx), y + round(at[1] * sy)
        return (left, top, min(w, round(size[0] * sx)), min(h, round(size[1] * sy))), best


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


def in_order(boxes: Sequence[Box]) -> list[Box]:
    """In reading order: rows by their tops, each from left to right."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        if rows and box[1] < rows[-1][0][1] + 0.5 * box[3]:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row)]


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

"""Frames of one size somewhere inside the equal cells of a picture: gaps, labels and margins around
them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from memeprobe.proxy.boxes import CELLS, COLUMNS, ROWS, Box, Layout, cells_of, cut, empty_before
from memeprobe.proxy.clips import FLAT, KnownClip, fitted, shrunk

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


def with_margins(image: np.ndarray, clips: Sequence[KnownClip]) -> Layout:
    """Frames of one size somewhere inside equal cells: with gaps, labels or margins around."""
    height, width = image.shape[:2]
    tried: list[tuple[float, int, KnownClip, _Cut]] = []
    for rows in range(1, ROWS + 1):
        for columns in range(1, COLUMNS + 1):
            aspect = (width / columns) / (height / rows)
            fitting = [c for c in clips if 0.6 < aspect / c.aspect < 1.67]
            if rows * columns > CELLS or not fitting:
                continue
            here = _Cut.of(image, cells_of(width, height, rows, columns))
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
        return cls(kept, tuple(c for _, c in full), empty_before(boxes, kept) if kept else (), area)

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

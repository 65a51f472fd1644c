"""Whether what is cut out of a picture shows letters that were recognised in another one already.

Crops are uint8 (height, width, 3) RGB at reading size."""

import cv2
import numpy as np

SAME_CROP = 40
"""Largest difference of two 96 x 24 gray crops of the same text: noise stays under 10, a changed
character gives 200 and more."""
HEIGHT, RIM = 48, 6
"""Height at which letters are compared, that at which they are recognised; and the pixels at each
side by which a box may be drawn otherwise around the same letters."""
SAME_LETTERS = 0.25
"""Largest difference, smoothed, of the same letters after a move, as a share of their contrast. A
stroke that is new, or gone, gives 0.4 and more."""
FAINT = 20.0
"""Contrast, in levels, below which noise is taken for no difference."""


def small(crop: np.ndarray) -> np.ndarray:
    """A crop as ``difference`` compares it."""
    return cv2.resize(_gray(crop), (96, 24), interpolation=cv2.INTER_AREA)


def difference(a: np.ndarray, b: np.ndarray) -> int:
    """Of two pictures of one size, the largest of all pixels, 0 to 255."""
    return int(cv2.absdiff(a, b).max())


def same_letters(old: np.ndarray, new: np.ndarray) -> bool:
    """Whether two crops show the same letters on the same ground, up to a shift of ``RIM``."""
    scale = HEIGHT / old.shape[0]
    before, after = _scaled(old, scale), _scaled(new, scale)
    inner = before[RIM:-RIM, RIM:-RIM]
    if min(inner.shape, default=0) < HEIGHT // 2 or any(
        side > room for side, room in zip(inner.shape, after.shape, strict=True)
    ):
        return False
    _, _, (x, y), _ = cv2.minMaxLoc(cv2.matchTemplate(after, inner, cv2.TM_SQDIFF))
    found = after[y : y + inner.shape[0], x : x + inner.shape[1]]
    apart = float(cv2.blur(cv2.absdiff(inner, found), (3, 3)).max())
    dark, bright = np.percentile(inner, (3, 97))
    return bool(apart <= SAME_LETTERS * max(bright - dark, FAINT))


def _gray(crop: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)


def _scaled(crop: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(1, round(side * scale)) for side in crop.shape[:2])
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(_gray(crop), (width, height), interpolation=smooth)

"""How a clip looks over time: which frames look the same, and how far apart pictures are.

One pass over the clip, without reading. Consecutive frames that look the same make a stretch;
only one frame of a stretch has to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import cv2
import numpy as np

from frames import Clip

SIDE = 16
"""Side of the thumbnails, in pixels: what a glance keeps of a picture."""
DETAIL = 240
"""Longer side, in pixels, at which two frames are compared for being the same."""
SAME_LOOK = 40
"""Largest difference (of 255) between two smoothed pictures that look the same: noise and
dithering stay under it, the smallest mark of a letter does not."""
LETTER = (24, 12)
"""Width and height, in pixels at ``DETAIL``, of the patch whose change is summed: a few letters."""
NEAR = np.ones((5, 5), np.uint8)
"""Pixels at ``DETAIL`` by which a stroke may move from one stretch to the next and be the same."""


@dataclass(frozen=True)
class Looks:
    """The look of every frame of one clip."""

    thumbnails: np.ndarray
    """uint8 (frames, SIDE, SIDE, 3)."""
    stretches: tuple[tuple[int, int], ...]
    """[first, last] frame of each stretch that looks the same, in order, without gaps."""
    changes: tuple[float, ...]
    """How much the strokes of letter-sized patches changed at the start of each stretch."""
    apart: tuple[float, ...]
    """How far a letter-sized patch of each stretch is from both its neighbours: strokes that stand
    near none of either's, or are missing where both have them. What moves, grows or is drawn by a
    shaky hand has a low value, a text that comes for one stretch a high one; 255 at both ends."""


_KEPT: WeakKeyDictionary[Clip, Looks] = WeakKeyDictionary()


def looks_of(clip: Clip) -> Looks:
    """The looks of a clip, in one decode pass; an opened clip is passed through once.

    Raises MediaError where the file is broken.
    """
    if clip not in _KEPT:
        _KEPT[clip] = _looks(clip)
    return _KEPT[clip]


def _looks(clip: Clip) -> Looks:
    thumbnails: list[np.ndarray] = []
    firsts: list[int] = []
    changes: list[float] = []
    apart: list[float] = []
    anchor = strokes = before = np.zeros((1, 1), np.uint8)
    for frame in clip:
        thumbnails.append(thumbnail(frame.pixels))
        detail = _detail(frame.pixels)
        if firsts and cv2.absdiff(detail, anchor).max() <= SAME_LOOK:
            continue
        last, before, strokes, anchor = before, strokes, _strokes(detail), detail
        changes.append(_change(before, strokes) if firsts else 0.0)
        apart += [_apart(last, before, strokes)] if len(firsts) > 1 else []
        firsts.append(frame.index)
    lasts = [*(first - 1 for first in firsts[1:]), len(thumbnails) - 1]
    stretches = tuple(zip(firsts, lasts, strict=True))
    # Both ends have one neighbour only.
    whole = [255.0, *apart, 255.0][: len(firsts)]
    return Looks(np.stack(thumbnails), stretches, tuple(changes), tuple(whole))


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """The picture as SIDE x SIDE pixels, uint8 RGB."""
    return np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def distances(thumbnails: np.ndarray, indices: Sequence[int]) -> np.ndarray:
    """Mean difference (0 to 255) of every frame's thumbnail from those at ``indices``.

    Float32 (frames, indices).
    """
    flat = thumbnails.reshape(len(thumbnails), -1).astype(np.int16)
    columns = [np.abs(flat - flat[index]).mean(axis=1) for index in indices]
    return np.stack(columns, axis=1).astype(np.float32)


def different(pictures: Sequence[np.ndarray]) -> list[int]:
    """Places of the pictures that look like none before them; the first is always one."""
    details = [_detail(pixels) for pixels in pictures]
    found: list[int] = []
    for place, detail in enumerate(details):
        if all(cv2.absdiff(detail, details[other]).max() > SAME_LOOK for other in found):
            found.append(place)
    return found


def _detail(pixels: np.ndarray) -> np.ndarray:
    """The picture, at most DETAIL a side, smoothed so that dithering does not count."""
    scale = min(1.0, DETAIL / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    return np.asarray(cv2.blur(small, (3, 3)))


def _strokes(detail: np.ndarray) -> np.ndarray:
    """Thin bright and dark strokes: what letters are made of, and soft motion is not."""
    grey = cv2.cvtColor(detail, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))


def _change(before: np.ndarray, after: np.ndarray) -> float:
    if before.shape != after.shape:
        return 255.0
    return float(cv2.blur(cv2.absdiff(before, after), LETTER).max())


def _apart(before: np.ndarray, here: np.ndarray, after: np.ndarray) -> float:
    """See ``Looks.apart``, of three pictures of strokes."""
    wide = [cv2.dilate(strokes, NEAR) for strokes in (before, here, after)]
    new = cv2.subtract(here, np.maximum(wide[0], wide[2]))
    gone = cv2.subtract(np.minimum(before, after), wide[1])
    return float(cv2.blur(np.maximum(new, gone), LETTER).max())

"""Where text stands in a picture of any shape: long pictures are searched tile by tile.

A detector loses text where a picture is far longer than wide (reduced to its size, letters are
gone), and passes over letters that are very large, crossed out or stand alone (`99`, `OF`); so long
pictures are cut into tiles that overlap, and every picture is looked at again, smaller.
"""

import itertools
from collections.abc import Callable, Sequence

import cv2
import numpy as np

STEP = 32
"""The detector takes sides that are multiples of this. Engines that get them need no resizing of
their own, which would differ between them."""
TILE = 1536
"""Longest side of a tile, in pixels."""
OVERLAP = 256
"""Pixels that neighbouring tiles share: a line no higher than this is whole in one of them."""
SAME = 0.5
"""Boxes are of the same line if they share this much of the smaller one."""

SMALLER = (2.0, 4.0)
"""Parts of its size at which a picture is looked at again where nothing was found."""
BESIDE = 3.2
"""Part of its size at which a picture is searched for more."""
APART = 0.2
"""A box is new if it shares no more than this of the smaller one with any other."""

Detect = Callable[[Sequence[np.ndarray]], list[list[np.ndarray]]]
"""Pictures, uint8 (height, width, 3) -> boxes of each, float (4, 2) in pixels."""


def text_boxes(image: np.ndarray, detect: Detect) -> list[np.ndarray]:
    """Boxes of text lines, each float32 (4, 2), clockwise from the corner where the text begins.

    Where nothing is found, the picture is looked at again, smaller.
    """
    found = _tiled(image, detect)
    return [upright(box) for box in found] if found else boxes_seen_smaller(image, detect)


def boxes_seen_smaller(image: np.ndarray, detect: Detect) -> list[np.ndarray]:
    """What a second look finds in a picture without text, as ``text_boxes`` gives it."""
    found: list[np.ndarray] = []
    for part in SMALLER:
        found = found or _smaller(image, part, detect)
    return [upright(box) for box in found]


def boxes_beside(
    image: np.ndarray, detect: Detect, found: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Boxes that a look at the smaller picture finds beside those found: large or lone letters."""
    more = _smaller(image, BESIDE, detect) if found else []
    return [upright(box) for box in more if all(shared(box, other) <= APART for other in found)]


def _smaller(image: np.ndarray, part: float, detect: Detect) -> list[np.ndarray]:
    """Boxes found in the picture at a part of its size, in its own pixels."""
    height, width = (max(2 * STEP, round(s / part / STEP) * STEP) for s in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    back = np.array([image.shape[1] / width, image.shape[0] / height], np.float32)
    return [box * back for box in _tiled(small, detect)]


def upright(box: np.ndarray) -> np.ndarray:
    """The box with its corners from the top left: its first side runs to the right.

    Detectors begin a tilted column anywhere.
    """
    sides = np.roll(box, -1, axis=0) - box
    angles = np.abs(np.arctan2(sides[:, 1], sides[:, 0]))
    return np.roll(box, -int(angles.argmin()), axis=0).astype(np.float32)


def _tiled(image: np.ndarray, detect: Detect) -> list[np.ndarray]:
    places = list(itertools.product(spans(image.shape[0]), spans(image.shape[1])))
    tiles = [np.ascontiguousarray(image[slice(*rows), slice(*columns)]) for rows, columns in places]
    found: list[np.ndarray] = []
    for ((top, _), (left, _)), boxes in zip(places, detect(tiles), strict=True):
        shift = np.array([left, top], np.float32)
        found += [np.asarray(box, np.float32) + shift for box in boxes]
    if max(image.shape[:2]) <= TILE:
        return found
    return _joined(found, image.shape[0] > image.shape[1])


def spans(length: int) -> list[tuple[int, int]]:
    """[begin, end) of the tiles along a side, all of like length, overlapping by ``OVERLAP``."""
    if length <= TILE:
        return [(0, length)]
    count = -(-(length - OVERLAP) // (TILE - OVERLAP))
    begins = np.linspace(0, length - TILE, count) // STEP * STEP
    return [(int(b), min(length, int(b) + TILE)) for b in begins[:-1]] + [(length - TILE, length)]


def _joined(boxes: Sequence[np.ndarray], down: bool) -> list[np.ndarray]:
    """Boxes of one line, found in several tiles, as one. ``down``: tiles stand below each other."""
    kept: list[np.ndarray] = []
    for box in boxes:
        long = [k for k in kept if _goes_on(k, box, down)]
        same = long or [k for k in kept if shared(k, box) > SAME]
        kept = [k for k in kept if not any(k is s for s in same)]
        if long:
            box = np.asarray(cv2.boxPoints(cv2.minAreaRect(np.concatenate([*long, box]))))
        kept.append(max([*same, box], key=cv2.contourArea) if not long else box)
    return kept


def _goes_on(before: np.ndarray, after: np.ndarray, down: bool) -> bool:
    """Whether a line that runs along the tiles goes on from one to the next."""
    along, across = (1, 0) if down else (0, 1)
    (low_a, high_a), (low_b, high_b) = _range(before, along), _range(after, along)
    overlap = min(high_a, high_b) - max(low_a, low_b)
    (left_a, right_a), (left_b, right_b) = _range(before, across), _range(after, across)
    level = min(right_a, right_b) - max(left_a, left_b)
    thick = min(right_a - left_a, right_b - left_b)
    return overlap > thick / 2 and level > 0.6 * thick


def _range(box: np.ndarray, axis: int) -> tuple[float, float]:
    return float(box[:, axis].min()), float(box[:, axis].max())


def shared(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection of two boxes (upright bounds) over the smaller one's area."""
    low, high = np.maximum(a.min(axis=0), b.min(axis=0)), np.minimum(a.max(axis=0), b.max(axis=0))
    areas = [float(np.prod(np.ptp(box, axis=0))) for box in (a, b)]
    return float(np.prod(np.maximum(high - low, 0))) / max(1.0, min(areas))

"""A text line set upright: the crop around it, and the way back into the picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.caption import Line

RIM = 0.2
"""Width of the rim around a line's box, in heights of the line."""
TILT = 2.0
"""A line tilted by no more degrees than this is taken as upright."""


@dataclass(frozen=True)
class RotatedBox:
    """An upright crop around a line: a point of the crop = ``matrix`` times a picture's."""

    matrix: np.ndarray
    """Float (2, 3)."""
    size: tuple[int, int]
    """(width, height) of the crop."""
    box: tuple[int, int, int, int]
    """(left, top, right, bottom) of the line in the crop."""
    angle: float
    """Degrees by which the line is tilted clockwise; 0 for one taken as upright."""

    def crop(self, image: np.ndarray) -> np.ndarray:
        """The picture's pixels in the crop; the picture's edge goes on outside of it."""
        return np.asarray(
            cv2.warpAffine(
                image,
                self.matrix,
                self.size,
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )

    def back(self, mask: np.ndarray, height: int, width: int) -> np.ndarray:
        """A mask of the crop as a mask of the picture, bool (height, width)."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        whole = cv2.warpAffine(mask.astype(np.float32), self.matrix, (width, height), flags=flags)
        return np.asarray(whole > 0.3)

    def covered(self, lines: Sequence[Line]) -> np.ndarray:
        """Which pixels of the crop lie in the boxes of some lines, bool."""
        mask = np.zeros(self.size[::-1], np.uint8)
        for line in lines:
            corners = np.array([[*p, 1] for p in line.box]) @ self.matrix.T
            cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], [1])
        return mask > 0

    def inside(self, height: int, width: int) -> np.ndarray:
        """Which pixels of the crop lie in the picture, bool."""
        ones = np.ones((height, width), np.uint8)
        return np.asarray(cv2.warpAffine(ones, self.matrix, self.size) > 0)


def frame_of(line: Line) -> RotatedBox:
    """The upright crop around a line, with a rim."""
    a, b, c, d = (np.array(p, float) for p in line.box)
    across, down = (b - a + c - d) / 2, (d - a + c - b) / 2
    angle = math.degrees(math.atan2(across[1], across[0]))
    if abs(angle) <= TILT or abs(angle) > 60:
        angle = 0.0
        left, top, right, bottom = line.bounds
    else:
        middle = (a + b + c + d) / 4
        width, height = np.hypot(*across), np.hypot(*down)
        left, right = middle[0] - width / 2, middle[0] + width / 2
        top, bottom = middle[1] - height / 2, middle[1] + height / 2
    short = min(right - left, bottom - top)
    rim = max(4, round(RIM * short))
    x0, y0 = math.floor(left) - rim, math.floor(top) - rim
    size = math.ceil(right) - x0 + rim, math.ceil(bottom) - y0 + rim
    turn = cv2.getRotationMatrix2D(((left + right) / 2, (top + bottom) / 2), angle, 1.0)
    turn = np.asarray(turn) - [[0, 0, x0], [0, 0, y0]]
    return RotatedBox(turn, size, (rim, rim, size[0] - rim, size[1] - rim), angle)

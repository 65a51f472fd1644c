"""Whether two lines are written in one style: by the colours of their letters.

A person sees at once that `NO`, white with a black outline, was put over the picture, and that
white letters on a blue sign were not.
"""

import numpy as np

from ocr.caption import Line
from ocr.deskew import frame_of
from ocr.letter_mask import Colour, LetterMask, find

NEAR = 70.0
"""Colours (RGB distance) no farther apart are one."""
CONTRAST = 150.0
"""Fill and outline of captions are at least so far apart."""


class Styles:
    """The styles of the lines of one picture, uint8 (height, width, 3) RGB, found when asked."""

    def __init__(self, image: np.ndarray) -> None:
        self._image = image
        self._found: dict[int, tuple[Line, LetterMask]] = {}

    def outlined(self, line: Line) -> bool:
        """Whether the letters have an outline, as those put over pictures do."""
        found = self._of(line)
        return found.outline is not None and _apart(found.fill, found.outline) >= CONTRAST

    def alike(self, line: Line, caption: Line) -> bool:
        """Whether a line has a caption's fill, and its ground too if that is not outlined."""
        one, other = self._of(line), self._of(caption)
        near = _apart(one.fill, other.fill) <= NEAR
        return near and (self.outlined(caption) or _apart(one.ground, other.ground) <= NEAR)

    def _of(self, line: Line) -> LetterMask:
        if id(line) not in self._found:
            self._found[id(line)] = line, find(self._image, line, frame_of(line))
        return self._found[id(line)][1]


def _apart(a: Colour, b: Colour) -> float:
    return float(np.linalg.norm(np.subtract(a, b)))

"""How lines are written: whether in one style, and whether drawn or photographed.

A person sees at once that `NO`, white with a black outline, was put over the picture, and that
white letters on a blue sign were not; and that sharp letters of one exact colour were drawn into a
file in which those of a number plate have the noise of a photograph.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from ocr.caption import Line
from ocr.deskew import frame_of
from ocr.letter_mask import Colour, LetterMask, find

NEAR = 70.0
"""Colours (RGB distance) no farther apart are one."""
CONTRAST = 150.0
"""Fill and outline of captions are at least so far apart."""
PLAIN, ROUGH = 0.1, 0.04
"""Share of a line's box that is of one exact colour: where letters were drawn it is more than the
first, where they were photographed less than the second."""
EXACT, NOISY = 0.9, 0.2
"""Share of one exact colour in the middle of the strokes, drawn and photographed."""
INK = 60
"""Pixels in the middle of the strokes that must be there to tell."""
STROKES = 24.0
"""Letters lower than this, in pixels, have too thin strokes to tell."""
SHADE = 30
"""Difference of a colour channel within the middle of strokes, at most."""


class Styles:
    """The styles of the lines of one picture, uint8 (height, width, 3) RGB, found when asked."""

    def __init__(self, image: np.ndarray) -> None:
        self._image = image
        self._found: dict[int, tuple[Line, LetterMask]] = {}

    def photographed(self, lines: Sequence[Line], captions: Sequence[Line]) -> frozenset[int]:
        """ids of lines whose letters have a photograph's noise where ``captions`` have none.

        What was put over the picture is of one exact colour as long as the file was not compressed
        since; what belongs to the picture was photographed or compressed before. Where all letters
        have noise, nothing can be told.
        """
        rough = [li for li in lines if li.height >= STROKES and self._plain(li) < ROUGH]
        if not rough or not any(
            self._plain(li) > PLAIN and self._one_colour(li) > EXACT for li in captions
        ):
            return frozenset()
        return frozenset(id(li) for li in rough if 0 <= self._one_colour(li) < NOISY)

    def _plain(self, line: Line) -> float:
        """Share of the most frequent colour in the line's box."""
        _, counts = np.unique(_codes(self._box(line)), return_counts=True)
        a, b, c, _ = line.box
        return float(counts.max(initial=0) / max(1.0, math.dist(a, b) * math.dist(b, c)))

    def _one_colour(self, line: Line) -> float:
        """Share of the most frequent colour in the middle of the strokes; -1: too few to tell."""
        pixels = self._box(line).astype(np.int16)
        near = np.abs(pixels - np.array(self._of(line).fill)).max(axis=2, initial=0) <= SHADE
        deep = (
            cv2.erode(np.pad(near, 1).astype(np.uint8), np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0
        )
        if deep.sum() < INK:
            return -1.0
        _, counts = np.unique(_codes(pixels)[deep], return_counts=True)
        return float(counts.max() / counts.sum())

    def _box(self, line: Line) -> np.ndarray:
        left, top, right, bottom = (max(0, round(edge)) for edge in line.bounds)
        return self._image[top:bottom, left:right]

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


def _codes(pixels: np.ndarray) -> np.ndarray:
    """Each colour as one number."""
    return np.asarray(pixels.astype(np.int32) @ np.array([65536, 256, 1], np.int32))


def _apart(a: Colour, b: Colour) -> float:
    return float(np.linalg.norm(np.subtract(a, b)))

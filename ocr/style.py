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
from ocr.letter_mask import Colour, LetterMask, find, grown

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
THIN = 40.0
"""Lines lower than this, in pixels, may have an outline of a pixel."""
LUMA = np.array([0.3, 0.59, 0.11], np.float32)
FEW = 20
"""Pixels beside and farther from small letters that must be there to tell."""
DARKER, BRIGHTER, ALL_ROUND = 40.0, 120.0, 0.8
"""An outline of a pixel is so much darker than the ground and than the letters, of 255, beside this
share of their edges."""
FILLED = 0.08
"""Share of a line's box that its letters fill at least."""
SHADE = 30
"""Difference of a colour channel within the middle of strokes, at most."""


class Styles:
    """The styles of the lines of one picture, uint8 (height, width, 3) RGB, found when asked."""

    def __init__(self, image: np.ndarray) -> None:
        self._image = image
        self._found: dict[int, tuple[Line, LetterMask]] = {}
        self._rims: dict[int, bool] = {}

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
        if found.outline is not None:
            return _apart(found.fill, found.outline) >= CONTRAST
        if id(line) not in self._rims:  # asked for each pair of lines
            self._rims[id(line)] = line.height < THIN and self._rimmed(line)
        return self._rims[id(line)]

    def _rimmed(self, line: Line) -> bool:
        """Whether small letters have an outline of a pixel, whose colour is mixed with both sides:
        beside nearly every edge stands something darker than the ground farther out (lighter,
        for dark letters)."""
        found, crop = self._of(line), frame_of(line).crop(self._image).astype(np.float32)
        light, fill, ground = (
            np.asarray(c, np.float32) @ LUMA for c in (crop, found.fill, found.ground)
        )
        letters = np.linalg.norm(crop - np.array(found.fill, np.float32), axis=2) <= NEAR
        if fill < ground:
            light, fill = 255 - light, 255 - fill
        near, far, farther = (grown(letters, by, cv2.MORPH_RECT) for by in (1, 4, 7))
        edge, beyond = near & ~letters, farther & ~far
        if min(edge.sum(), beyond.sum()) < FEW:
            return False
        darkest = cv2.erode(light, np.ones((5, 5), np.uint8))[edge]
        dark = min(np.quantile(light[beyond], 0.25) - DARKER, fill - BRIGHTER)
        return bool((darkest < dark).mean() >= ALL_ROUND)

    def alike(self, line: Line, caption: Line) -> bool:
        """Whether a line has a caption's fill, and its ground too if that is not outlined."""
        one, other = self._of(line), self._of(caption)
        near = _apart(one.fill, other.fill) <= NEAR
        return near and (self.outlined(caption) or _apart(one.ground, other.ground) <= NEAR)

    def shares_fill(self, line: Line, caption: Line) -> bool:
        """Whether a line's box holds the fill of a caption's letters, whatever was taken for its
        own: of letters on a ground of their colour the outline alone is found."""
        fill = np.array(self._of(caption).fill, np.float32)
        near = np.linalg.norm(self._box(line).astype(np.float32) - fill, axis=2) <= NEAR
        return bool(near.size and near.mean() >= FILLED)

    def _of(self, line: Line) -> LetterMask:
        if id(line) not in self._found:
            self._found[id(line)] = line, find(self._image, line, frame_of(line))
        return self._found[id(line)][1]


def _codes(pixels: np.ndarray) -> np.ndarray:
    """Each colour as one number."""
    return np.asarray(pixels.astype(np.int32) @ np.array([65536, 256, 1], np.int32))


def _apart(a: Colour, b: Colour) -> float:
    return float(np.linalg.norm(np.subtract(a, b)))

"""Text that does not stand upright: lines that lie on their side, and whole pictures set right.

A box that stands holds a column of upright characters or a line that lies on its side. Letters of
an alphabet are not set in columns; of other characters the reading tells: cut apart and each set
upright, those of a column still read as they did.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr.accuracy import normalise
from ocr.caption import Line
from ocr.engines import Engine
from ocr.recognise import LETTERS, Reading, cut_out, stands

SIDE = 48
QUARTERS = {"upside down": 2, "turned right": 1, "turned left": 3}
"""Orientation -> quarter turns to the left that set a picture right."""
SAME, OTHER = 0.8, 0.5
"""Share of a reading that is read again where characters were cut well, and where they lie."""


def lying_told(
    boxes: Sequence[np.ndarray], readings: Sequence[Reading], image: np.ndarray, engine: Engine
) -> list[Reading]:
    """The readings of these boxes, those of lines that lie on their side with the side."""
    return [
        replace(reading, orientation=LYING[reading.orientation])
        if reading.orientation in LYING and stands(box) and _lies(reading, box, image, engine)
        else reading
        for box, reading in zip(boxes, readings, strict=True)
    ]


LYING = {"": "turned right", "upside down": "turned left"}
"""How the letters of a standing box read once it is turned to the left -> how they lie."""


def _lies(reading: Reading, box: np.ndarray, image: np.ndarray, engine: Engine) -> bool:
    said = normalise(reading.text)
    if len(said) < LETTERS or said.isdecimal():
        return False
    if all(c < "\u2e80" for c in said):
        return True
    characters = reading.text.replace(" ", "")
    crop = cut_out(image, box)
    if reading.orientation:
        crop = crop[::-1, ::-1]
    edges = np.linspace(0, crop.shape[1], len(characters) + 1).astype(int)
    cells = [crop[:, a:b] for a, b in itertools.pairwise(edges) if b > a]
    (as_read, _), (upright, _) = engine.recognise(
        [_row(cells), _row([np.rot90(cell, -1) for cell in cells])]
    )
    return _alike(as_read, said) >= SAME and _alike(upright, said) < OTHER


def _row(cells: Sequence[np.ndarray]) -> np.ndarray:
    return np.hstack([cv2.resize(np.ascontiguousarray(cell), (SIDE, SIDE)) for cell in cells])


def _alike(text: str, said: str) -> float:
    return float(Levenshtein.normalized_similarity(normalise(text), said))


def common_way(lines: Sequence[Line]) -> str:
    """How all letters of a picture stand if that is not upright; '' if they do or differ."""
    ways = {line.orientation for line in lines if len(normalise(line.text)) >= LETTERS}
    return ways.pop() if len(ways) == 1 else ""


def set_right(image: np.ndarray, way: str) -> np.ndarray:
    """The picture whose letters stand so, turned until they stand upright."""
    return np.ascontiguousarray(np.rot90(image, QUARTERS[way]))


def as_it_stands(line: Line, way: str, image: np.ndarray) -> Line:
    """A line that was read in ``set_right`` of a picture, in the picture's own pixels."""
    height, width = image.shape[:2]
    points = [
        {2: (width - x, height - y), 1: (width - y, x), 3: (y, height - x)}[QUARTERS[way]]
        for x, y in line.box
    ]
    first = {2: 0, 1: 3, 3: 1}[QUARTERS[way]]  # a box that stands begins at its top left
    a, b, c, d = points[first:] + points[:first]
    return replace(line, box=(a, b, c, d), orientation=way)

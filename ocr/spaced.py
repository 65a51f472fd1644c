"""Letters that stand far apart in a row are one line: `V A P O R`.

A detector finds each of them alone, and a lone `O` reads as a zero; set together, they read as
the word that they are.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ocr.engines import Engine
from ocr.recognise import Reading, cut_out, recognised

FEWEST = 3
"""So many letters make a row."""
LIKE = 0.75
"""Heights of the letters: the lower is at least this share of the higher."""
EVEN = 1.6
"""The widest step from letter to letter is at most this many times the narrowest."""
HEIGHT = 48


def joined_letters(
    boxes: Sequence[np.ndarray], readings: Sequence[Reading], image: np.ndarray, engine: Engine
) -> tuple[list[np.ndarray], list[Reading]]:
    """Boxes and readings, each row of spaced letters as one line."""
    single = [i for i, reading in enumerate(readings) if len(reading.text) == 1]
    rows = [row for row in _rows(boxes, single) if len(row) >= FEWEST and _even(boxes, row)]
    inside = {i for row in rows for i in row}
    left = [i for i in range(len(boxes)) if i not in inside]
    whole = [_around([boxes[i] for i in row]) for row in rows]
    crops = [_set_together([cut_out(image, boxes[i]) for i in row]) for row in rows]
    found = [replace(r, text=" ".join(r.text)) for r in recognised(crops, engine)]
    return [*(boxes[i] for i in left), *whole], [*(readings[i] for i in left), *found]


def _rows(boxes: Sequence[np.ndarray], single: Sequence[int]) -> list[list[int]]:
    """Single letters by rows, each from left to right."""
    rows: list[list[int]] = []
    for i in sorted(single, key=lambda i: float(boxes[i][:, 0].min())):
        row = next((r for r in rows if _level(boxes[r[-1]], boxes[i])), None)
        if row is None:
            rows.append([i])
        else:
            row.append(i)
    return rows


def _level(a: np.ndarray, b: np.ndarray) -> bool:
    (top_a, bottom_a), (top_b, bottom_b) = ((x[:, 1].min(), x[:, 1].max()) for x in (a, b))
    low, high = sorted((bottom_a - top_a, bottom_b - top_b))
    shared = min(bottom_a, bottom_b) - max(top_a, top_b)
    return bool(low >= LIKE * high and shared > LIKE * low)


def _even(boxes: Sequence[np.ndarray], row: Sequence[int]) -> bool:
    steps = np.diff([float(boxes[i][:, 0].mean()) for i in row])
    return bool(steps.min() > 0 and steps.max() <= EVEN * steps.min())


def _around(boxes: Sequence[np.ndarray]) -> np.ndarray:
    points = np.concatenate(boxes)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _set_together(crops: Sequence[np.ndarray]) -> np.ndarray:
    """Crops side by side at one height."""
    sized = [
        cv2.resize(crop, (max(1, round(crop.shape[1] * HEIGHT / crop.shape[0])), HEIGHT))
        for crop in crops
    ]
    return np.hstack(sized)

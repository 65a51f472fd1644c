"""Marks that stand alone: a recogniser reads `!!` as `88`, `?` as `2` and dots as `000`.

It knows marks by the letters before them. So what could be marks is read again behind a word that
is set before it; and dots, and bars over dots, are told by their shape.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from ocr.caption import Line
from ocr.deskew import frame_of
from ocr.engines import Engine
from ocr.letter_mask import find
from ocr.recognise import Reading, cut_out

WORD, HEIGHT = "OKAY", 48
"""What is set before marks, and how high lines are read, in pixels."""
MARKS = frozenset("!?！？")
LOOKALIKE = MARKS | frozenset("0OoDQ8B23679°º1lIiJ|_-·.。•●○口■…黑")
"""What marks are read as."""
MOST, FEW, DOUBTFUL = 8, 3, 0.8
"""Longer readings are none of marks alone; those of a few characters that are doubtful may be."""
BY_SHAPE = 0.9
"""Confidence of what the shape tells."""
NEAR = 60.0
"""Colours (RGB distance) of one letter."""
SPECK = 0.04
"""Parts lower than this, in heights of the line, are noise."""
ROUND = (0.6, 1.6)
"""Width in heights of a dot, round or square."""
SOLID = 0.6
"""Share of its bounds that a bar or a dot fills; rings and letters fill less."""
APART = 2.0
"""Steps of rings in a row, in their widths, from which they are no letters: `。。。`."""
LIKE = 0.6
"""Sizes and steps of dots in a row: the least is at least this share of the largest."""

Part = tuple[int, int, int, int, int]
"""(left, top, width, height, pixels) of connected ink."""


def marks_told(
    boxes: Sequence[np.ndarray], readings: Sequence[Reading], image: np.ndarray, engine: Engine
) -> list[Reading]:
    """The readings of these boxes, those of marks alone as they are meant."""
    found = list(readings)
    for i, (box, reading) in enumerate(zip(boxes, readings, strict=True)):
        if not _may_be_marks(reading):
            continue
        said = _said_in(box, image)
        if said:
            surely = max(reading.confidence, BY_SHAPE)
            found[i] = replace(reading, text=said, confidence=surely, orientation="")
        else:
            found[i] = _behind_a_word(reading, cut_out(image, box), engine)
    return found


def _may_be_marks(reading: Reading) -> bool:
    text = reading.text.replace(" ", "")
    if reading.confidence < DOUBTFUL and len(text) <= FEW:
        return True
    sure = set(text) <= MARKS and reading.confidence >= DOUBTFUL
    return not sure and len(text) <= MOST and set(text) <= LOOKALIKE


def _behind_a_word(reading: Reading, crop: np.ndarray, engine: Engine) -> Reading:
    """What a crop says behind a word, if that is marks; else the reading."""
    width = max(1, round(crop.shape[1] * HEIGHT / crop.shape[0]))
    row = np.hstack([_word(), cv2.resize(np.ascontiguousarray(crop), (width, HEIGHT))])
    ((text, confidence),) = engine.recognise([row])
    rest = text.removeprefix(WORD).strip()
    if rest == text.strip() or confidence < DOUBTFUL or not set(rest) or not set(rest) <= MARKS:
        return reading
    surely = max(reading.confidence, confidence)
    return replace(reading, text=rest, confidence=surely, orientation="")


@cache
def _word() -> np.ndarray:
    """The word, white with a black outline on grey, HEIGHT pixels high."""
    picture = np.full((HEIGHT, 128, 3), 128, np.uint8)
    for colour, thick in ((0, 9), (255, 3)):
        cv2.putText(
            picture, WORD, (8, 37), cv2.FONT_HERSHEY_DUPLEX, 1.2, (colour,) * 3, thick, cv2.LINE_AA
        )
    return picture


def _said_in(box: np.ndarray, image: np.ndarray) -> str:
    """What the letters in a box say by shape, or what is inside where their outline was found."""
    a, b, c, d = ((float(x), float(y)) for x, y in box)
    line = Line("", 0.0, (a, b, c, d))
    frame = frame_of(line)
    letters = find(image, line, frame)
    left, top, right, bottom = frame.box
    inside = frame.crop(image)[top:bottom, left:right].astype(np.float32)
    ink = np.linalg.norm(inside - np.array(letters.fill, np.float32), axis=2) <= NEAR
    # The inside of an `o` is ground, that of a dot with an outline is not.
    ground = np.linalg.norm(inside - np.array(letters.ground, np.float32), axis=2) <= NEAR
    within = cv2.morphologyEx((~ink & ~ground).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3)))
    inner = _parts(within)
    return said_by(_parts(ink), inner) or said_by(inner)


def _parts(ink: np.ndarray) -> list[Part]:
    """The connected parts of ink, bool (height, width), from left to right; no specks."""
    _, _, found, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    parts = [tuple(int(v) for v in part) for part in found[1:]]
    return sorted((x, y, w, h, n) for x, y, w, h, n in parts if min(w, h) > SPECK * len(ink))


def said_by(parts: Sequence[Part], inner: Sequence[Part] = ()) -> str:
    """`!` for each bar over a dot, or as many dots as stand in a row; '' for anything else.

    Rings are dots too where they stand far apart, or are the outlines of the dots in ``inner``.
    """
    columns: list[list[Part]] = []
    for part in parts:
        if columns and part[0] < max(p[0] + p[2] for p in columns[-1]):
            columns[-1].append(part)
        else:
            columns.append([part])
    if columns and all(map(_exclaims, columns)):
        return "!" * len(columns)
    row = [max(column, key=lambda p: p[2] * p[3]) for column in columns]
    whole = all(_inside(p, outer) for outer, c in zip(row, columns, strict=True) for p in c)
    if len(row) < 3 or not whole or not all(map(_round, row)) or not _in_row(row):
        return ""
    if any(map(_dot, row)):
        return "." * len(row) if all(map(_dot, row)) and len(row) == len(parts) else ""
    rings = _steps(row).min() >= APART * max(part[2] for part in row)
    rings = rings or all(any(_dot(p) and _inside(p, ring) for p in inner) for ring in row)
    return "." * len(row) if rings else ""


def _inside(part: Part, outer: Part) -> bool:
    (x, y, w, h, _), (left, top, width, height, _) = part, outer
    return left <= x and top <= y and x + w <= left + width and y + h <= top + height


def _round(part: Part) -> bool:
    return ROUND[0] <= part[2] / part[3] <= ROUND[1]


def _dot(part: Part) -> bool:
    _, _, width, height, pixels = part
    return _round(part) and pixels >= SOLID * width * height


def _exclaims(column: Sequence[Part]) -> bool:
    """Whether a column is a solid bar over a dot as wide."""
    if len(column) != 2:
        return False
    bar, dot = sorted(column, key=lambda part: part[1])
    wide = max(bar[2], dot[2]) <= 1.8 * min(bar[2], dot[2])
    solid = bar[4] >= SOLID * bar[2] * bar[3]
    return _dot(dot) and solid and wide and bar[3] >= 1.8 * max(bar[2], dot[3])


def _in_row(dots: Sequence[Part]) -> bool:
    lows, highs = zip(*((min(d[2:4]), max(d[2:4])) for d in dots), strict=True)
    middles = [d[1] + d[3] / 2 for d in dots]
    steps = _steps(dots)
    level = max(middles) - min(middles) < 0.5 * max(highs)
    alike = min(lows) >= LIKE * max(highs) and steps.min() >= LIKE * steps.max()
    return bool(level and alike)


def _steps(parts: Sequence[Part]) -> np.ndarray:
    return np.diff([part[0] + part[2] / 2 for part in parts])

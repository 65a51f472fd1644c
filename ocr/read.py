"""Reads one picture: enlarge, detect, cut out, recognise, order, tell the caption."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ocr.caption import ROLES, Caption, Line, Quad
from ocr.caption_roles import with_roles
from ocr.engines import Engine
from ocr.marks import marks_told
from ocr.order import in_reading_order
from ocr.recognise import Reading, cut_out, recognised
from ocr.regions import STEP, TILE, boxes_beside, text_boxes
from ocr.script import in_one_script
from ocr.sideways import QUARTERS, as_it_stands, common_way, lying_told, set_right
from ocr.spaced import joined_letters
from ocr.style import Styles

SMALL_SIDE = 480
"""Pictures whose shorter side is below this are enlarged: letters under 15 pixels read badly."""
LONG_SIDE = 960
"""Shorter side to which long pictures are reduced: they are screens, and read in tiles."""
MOST_LONG = 2.0
"""Long pictures are enlarged no more than this: their letters are no higher than they are wide."""
MIN_CONFIDENCE = 0.5


def read_image(image: np.ndarray, engine: Engine) -> Caption:
    """All text of a picture, uint8 (height, width, 3) RGB, with the caption told apart.

    Raises ValueError for any other array; what an engine raises goes through: no text is a
    caption without lines, a broken engine never is.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f"a picture must be uint8 (height, width, 3), got {image.dtype} {image.shape}"
        )
    lines = _lines(image, engine)
    way = common_way(lines)
    if way in QUARTERS:
        # A detector places boxes badly around letters that stand on their heads or lie.
        right = set_right(image, way)
        found = assemble(_lines(right, engine), right).lines
        return Caption(tuple(as_it_stands(line, way, image) for line in found))
    return assemble([replace(line, orientation=way) for line in lines] if way else lines, image)


def _lines(image: np.ndarray, engine: Engine) -> list[Line]:
    """Lines that hold something, in no order."""
    large, scale = enlarged(np.ascontiguousarray(image))
    return lines_in(large, scale, text_boxes(large, engine.detect), engine)


def lines_in(
    large: np.ndarray,
    scale: tuple[float, float],
    boxes: Sequence[np.ndarray],
    engine: Engine,
    others: Sequence[np.ndarray] = (),
) -> list[Line]:
    """The lines in these boxes of a picture at reading size (see ``enlarged``) and beside them, in
    no order. What stands in the boxes ``others`` is known already."""
    readings = recognised([cut_out(large, box) for box in boxes], engine)
    more = boxes_beside(large, engine.detect, [*boxes, *others])
    beside = recognised([cut_out(large, box) for box in more], engine) if more else []
    beside = marks_told(more, beside, large, engine)
    boxes, readings = joined_letters(boxes, readings, large, engine)
    readings = lying_told(boxes, marks_told(boxes, readings, large, engine), large, engine)
    lines = [to_line(b, scale, r) for b, r in zip(boxes, readings, strict=True)]
    second = [to_line(b, scale, r) for b, r in zip(more, beside, strict=True)]
    return kept([*lines, *(replace(line, second_look=True) for line in second)])


def kept(lines: Sequence[Line]) -> list[Line]:
    """Lines that were read, and those that hold text which cannot be read."""
    return [
        line
        for line in lines
        if line.unread or line.garbled or (line.text and line.confidence >= MIN_CONFIDENCE)
    ]


def assemble(lines: Sequence[Line], image: np.ndarray) -> Caption:
    """The caption of a picture from its raw lines."""
    return Caption(tuple(arranged(kept(lines), image)))


def arranged(lines: Sequence[Line], image: np.ndarray) -> list[Line]:
    """Lines of a picture with their roles: the caption in reading order, then the other text."""
    height, width = image.shape[:2]
    said = in_one_script([line.text for line in lines])
    lines = [replace(line, text=text) for line, text in zip(lines, said, strict=True)]
    judged = with_roles(lines, width, height, Styles(image))
    return [
        line
        for role in ROLES
        for line in in_reading_order([li for li in judged if li.role == role])
    ]


def enlarged(image: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The picture at reading size, and by how much (width, height) it was enlarged."""
    height, width = image.shape[:2]
    scale = _scale(min(width, height), max(width, height))
    to_width, to_height = (max(STEP, round(side * scale / STEP) * STEP) for side in (width, height))
    smooth = cv2.INTER_CUBIC if scale >= 1 else cv2.INTER_AREA
    large = cv2.resize(image, (to_width, to_height), interpolation=smooth)
    return large, (to_width / width, to_height / height)


def _scale(short: int, long: int) -> float:
    scale = min(max(1.0, SMALL_SIDE / short), TILE / long)
    scale = 1.0 if 1 < scale < 1.1 else scale
    if short * scale >= min(SMALL_SIDE, short):
        return scale
    return LONG_SIDE / short if short > LONG_SIDE else min(max(1.0, SMALL_SIDE / short), MOST_LONG)


def to_line(box: np.ndarray, scale: tuple[float, float], reading: Reading) -> Line:
    """A line in the picture's own pixels from a box at reading size."""
    points = tuple((float(x) / scale[0], float(y) / scale[1]) for x, y in box)
    quad: Quad = (points[0], points[1], points[2], points[3])
    return Line(
        reading.text,
        reading.confidence,
        quad,
        orientation=reading.orientation,
        known=reading.known,
    )

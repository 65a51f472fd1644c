"""Reads one picture: enlarge, detect, cut out, recognise, order, tell the caption."""

import cv2
import numpy as np

from ocr.caption import Caption, Line, Quad
from ocr.caption_roles import with_roles
from ocr.engines import Engine
from ocr.order import in_reading_order

SMALL_SIDE = 480
"""Pictures whose shorter side is below this are enlarged: letters under 15 pixels read badly."""
LARGE_SIDE = 1536
"""Pictures whose longer side is above this are reduced."""
STEP = 32
"""The detector takes sides that are multiples of this. Engines that get them need no resizing of
their own, which would differ between them."""
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
    large, scale = enlarged(image)
    boxes = engine.detect(large)
    texts = engine.recognise([cut_out(large, box) for box in boxes])
    lines = [to_line(box, scale, *found) for box, found in zip(boxes, texts, strict=True)]
    return assemble(lines, image)


def reading_lines(lines: list[Line]) -> list[Line]:
    """Lines that hold something, in reading order."""
    return in_reading_order([line for line in lines if line.text.strip()])


def assemble(lines: list[Line], image: np.ndarray) -> Caption:
    """The caption of a picture from its raw lines."""
    kept = [line for line in lines if line.text.strip() and line.confidence >= MIN_CONFIDENCE]
    return Caption(tuple(with_roles(in_reading_order(kept), image.shape[1], image.shape[0])))


def enlarged(image: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The picture at reading size, and by how much (width, height) it was enlarged."""
    height, width = image.shape[:2]
    scale = max(1.0, SMALL_SIDE / min(width, height))
    scale = min(scale, LARGE_SIDE / max(width, height))
    to_width, to_height = (max(STEP, round(side * scale / STEP) * STEP) for side in (width, height))
    smooth = cv2.INTER_CUBIC if scale >= 1 else cv2.INTER_AREA
    large = cv2.resize(image, (to_width, to_height), interpolation=smooth)
    return large, (to_width / width, to_height / height)


def cut_out(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The line in ``box`` set upright; a vertical line is turned by a quarter, as PP-OCR does."""
    width = max(1, round(max(np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[2] - box[3]))))
    height = max(1, round(max(np.linalg.norm(box[0] - box[3]), np.linalg.norm(box[1] - box[2]))))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(box.astype(np.float32), corners)
    crop = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.rot90(crop) if height >= 1.5 * width else crop


def to_line(box: np.ndarray, scale: tuple[float, float], text: str, confidence: float) -> Line:
    """A line in the picture's own pixels from a box at reading size."""
    points = tuple((float(x) / scale[0], float(y) / scale[1]) for x, y in box)
    quad: Quad = (points[0], points[1], points[2], points[3])
    return Line(text.strip(), min(1.0, max(0.0, confidence)), quad)

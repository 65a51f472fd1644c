"""Reads one picture: enlarge, detect, cut out, recognise, order, tell the caption."""

import cv2
import numpy as np

from ocr.caption import Caption, Line, Quad
from ocr.engines import Engine
from ocr.order import in_reading_order
from ocr.rule import with_roles

SMALL_SIDE = 480
"""Pictures whose shorter side is below this are enlarged: letters under 15 pixels read badly."""
MOST_SCALE = 4.0
MIN_CONFIDENCE = 0.5


def read_image(image: np.ndarray, engine: Engine) -> Caption:
    """All text of a picture, uint8 (height, width, 3) RGB, with the caption told apart.

    Raises ValueError for any other array; what an engine raises goes through: no text is a
    caption without lines, a broken engine never is.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"a picture must be uint8 (height, width, 3), got {image.dtype} {image.shape}")
    large, scale = enlarged(image)
    boxes = engine.detect(large)
    texts = engine.recognise([cut_out(large, box) for box in boxes])
    lines = [to_line(box, scale, *found) for box, found in zip(boxes, texts, strict=True)]
    return assemble(lines, image)


def assemble(lines: list[Line], image: np.ndarray) -> Caption:
    """The caption of a picture from its raw lines."""
    kept = [line for line in lines if line.text.strip() and line.confidence >= MIN_CONFIDENCE]
    return Caption(tuple(with_roles(in_reading_order(kept), image.shape[1], image.shape[0])))


def enlarged(image: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture at reading size, and by how much it was enlarged."""
    scale = min(MOST_SCALE, max(1.0, SMALL_SIDE / min(image.shape[:2])))
    if scale == 1.0:
        return image, 1.0
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), scale


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


def to_line(box: np.ndarray, scale: float, text: str, confidence: float) -> Line:
    """A line in the picture's own pixels from a box at reading size."""
    points = tuple((float(x) / scale, float(y) / scale) for x, y in box)
    quad: Quad = (points[0], points[1], points[2], points[3])
    return Line(text.strip(), min(1.0, max(0.0, confidence)), quad)

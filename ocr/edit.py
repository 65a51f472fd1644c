"""Takes a caption out of a picture, or puts another in its place: same place, size and style.

The caption's own strokes are found inside its boxes, as what differs from the ground around the
box; they are painted over by the ground's colour where that is plain (a strip under the picture)
and inpainted elsewhere. Whether an edit worked is for the caller to check, by reading it again.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from fonts import font, missing_glyphs
from ocr.caption import Caption, Line

PLAIN = 12.0
"""A ground whose colours deviate by no more than this (standard deviation) is plain."""
INPAINT_RADIUS = 3


class EditError(ValueError):
    """A caption cannot be edited as asked; the message says why."""


@dataclass(frozen=True)
class _Style:
    """How a caption is drawn."""

    fill: tuple[int, int, int]
    outline: tuple[int, int, int] | None


def erase(image: np.ndarray, caption: Caption) -> np.ndarray:
    """The picture without its caption lines; uint8 (height, width, 3), a new array."""
    out = image.copy()
    for line in caption.caption_lines:
        out = _erase_box(out, _bounds(line, image))
    return out


def replace(image: np.ndarray, caption: Caption, text: str) -> np.ndarray:
    """The picture with ``text`` in the place of its caption; lines are separated by newlines.

    A text with fewer lines than the caption stands where the caption's first lines stood; one
    with more lines shares the caption's last box. Raises EditError: no caption to replace, an
    empty text, or a character that the font cannot draw.
    """
    lines = caption.caption_lines
    if not lines:
        raise EditError("there is no caption to replace")
    if not text.strip():
        raise EditError("the new caption is empty; use erase() to take the caption out")
    unknown = missing_glyphs(text)
    if unknown:
        raise EditError(f"the font has no glyph for {unknown!r}")
    style = _style(image, lines[0])
    out = Image.fromarray(erase(image, caption))
    draw = ImageDraw.Draw(out)
    for words, box in _layout(text.split("\n"), [_bounds(line, image) for line in lines]):
        _draw(draw, words, box, style, image.shape[1])
    return np.asarray(out)


Box = tuple[int, int, int, int]


def _bounds(line: Line, image: np.ndarray) -> Box:
    """The line's box (left, top, right, bottom), grown a little and kept inside the picture."""
    xs, ys = [x for x, _ in line.box], [y for _, y in line.box]
    grow = max(2, round(0.12 * (max(ys) - min(ys))))
    height, width = image.shape[:2]
    left, top = max(0, int(min(xs)) - grow), max(0, int(min(ys)) - grow)
    return left, top, min(width, int(max(xs)) + grow + 1), min(height, int(max(ys)) + grow + 1)


def _erase_box(image: np.ndarray, box: Box) -> np.ndarray:
    left, top, right, bottom = box
    rim = _rim(image, box)
    ground = np.median(rim, axis=0)
    if len(rim) and rim.std(axis=0).max() <= PLAIN:
        image[top:bottom, left:right] = ground.astype(np.uint8)
        return image
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[top:bottom, left:right] = 255
    painted = cv2.inpaint(np.ascontiguousarray(image), mask, INPAINT_RADIUS, cv2.INPAINT_TELEA)
    return np.asarray(painted)


def _rim(image: np.ndarray, box: Box) -> np.ndarray:
    """Pixels of a frame 3 wide around the box, (n, 3) float."""
    left, top, right, bottom = box
    height, width = image.shape[:2]
    outer = np.zeros((height, width), bool)
    outer[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3] = True
    outer[top:bottom, left:right] = False
    return image[outer].astype(np.float32)


def _style(image: np.ndarray, line: Line) -> _Style:
    """Dark on light stays so; light letters on a picture get a dark outline."""
    left, top, right, bottom = _bounds(line, image)
    inside = image[top:bottom, left:right].reshape(-1, 3).astype(np.float32)
    rim = _rim(image, (left, top, right, bottom))
    ground = np.median(rim if len(rim) else inside, axis=0)
    far = np.linalg.norm(inside - ground, axis=1)
    ink = np.median(inside[far >= np.quantile(far, 0.9)], axis=0)
    bright = inside.mean(axis=1)
    if (bright > 215).mean() > 0.08 and (bright < 60).mean() > 0.08 and ground.mean() <= 200:
        return _Style((255, 255, 255), (0, 0, 0))
    fill = tuple(int(c) for c in ink)
    light = ink.mean() > ground.mean()
    return _Style((fill[0], fill[1], fill[2]), (0, 0, 0) if light and ground.mean() > 40 else None)


def _layout(texts: list[str], boxes: list[Box]) -> list[tuple[str, Box]]:
    """Which text goes into which box."""
    texts = [t for t in texts if t.strip()]
    if len(texts) <= len(boxes):
        return list(zip(texts, boxes, strict=False))
    placed = list(zip(texts, boxes[:-1], strict=False))
    left, top, right, bottom = boxes[-1]
    rest = texts[len(placed) :]
    step = (bottom - top) / len(rest)
    for i, text in enumerate(rest):
        placed.append((text, (left, round(top + i * step), right, round(top + (i + 1) * step))))
    return placed


def _draw(draw: ImageDraw.ImageDraw, text: str, box: Box, style: _Style, width: int) -> None:
    """Draw one line centred on the box, as tall as it; smaller if it would leave the picture."""
    left, top, right, bottom = box
    tall = bottom - top > 1.5 * (right - left) and len(text) > 1
    size = max(10, round(0.72 * (bottom - top))) if not tall else max(10, right - left - 4)
    middle = (left + right) / 2
    room = 2 * min(middle, width - middle) - 6
    while not tall and size > 10 and font(size).getlength(text) > room:
        if room < 0.6 * width:  # a box at the side: use the whole width of the picture
            middle, room = width / 2, width - 6
            continue
        size -= 1
    stroke = max(1, size // 14) if style.outline else 0
    if tall:
        _draw_column(draw, text, box, style, stroke)
        return
    draw.text((middle, (top + bottom) / 2), text, style.fill, font(size), anchor="mm",
              stroke_width=stroke, stroke_fill=style.outline)  # fmt: skip


def _draw_column(
    draw: ImageDraw.ImageDraw, text: str, box: Box, style: _Style, stroke: int
) -> None:
    """A vertical caption: one character under the other."""
    left, top, right, bottom = box
    size = max(10, min(right - left - 4, int((bottom - top) / len(text))))
    for i, character in enumerate(text):
        y = top + (i + 0.5) * (bottom - top) / len(text)
        draw.text(((left + right) / 2, y), character, style.fill, font(size), anchor="mm",
                  stroke_width=stroke, stroke_fill=style.outline)  # fmt: skip

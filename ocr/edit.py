"""Takes a caption out of a picture, or puts another in its place: same place, size and style.

The letters are found by their colours (``ink``); on plain ground their box takes the ground's
colour, elsewhere the letters alone are inpainted. The new text is set by ``typeset``. Whether an
edit worked is for the caller to check, by reading it again.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from memeprobe.fonts import font, missing_glyphs
from ocr.caption import Caption
from ocr.deskew import RotatedBox, frame_of
from ocr.letter_mask import Colour, find, grown
from ocr.typeset import PlacedLine, Slot, slot_of, typeset

PLAIN = 12.0
"""A ground whose colours deviate by no more than this (standard deviation) is plain."""
INPAINT_RADIUS = 4
MOSTLY = 0.7
"""A ground is mostly plain if this share of the rim has its colour; the rest are things that reach
into the line's box, and stay."""
LIKE = 30.0
"""Colours nearer than this (RGB distance) are one, up to JPEG noise."""
SMALL = 26
"""Letters under this size are all rim: their colour is measured paler than it is."""


class EditError(ValueError):
    """A caption cannot be edited as asked; the message says why."""


def erase(
    image: np.ndarray,
    caption: Caption,
    measured: Sequence[Slot] | None = None,
    whole: bool = False,
) -> np.ndarray:
    """The picture without its caption lines; uint8 (height, width, 3), a new array.

    ``measured``: what ``measure`` gave for both, if that is known. ``whole``: each line's whole
    box is inpainted, for letters that cannot be told from the ground.
    """
    return _erased(image, measure(image, caption) if measured is None else measured, whole)


def replace(
    image: np.ndarray,
    caption: Caption,
    text: str,
    measured: Sequence[Slot] | None = None,
    whole: bool = False,
) -> np.ndarray:
    """The picture with ``text`` in the place of its caption; lines are separated by newlines.

    A text with as many lines as the caption goes line by line. Otherwise it is set into the
    caption's blocks: wrapped there, and made smaller only where it would not fit. ``measured`` and
    ``whole`` as for ``erase``. Raises EditError: no caption to replace, an empty text, or a
    character that the font cannot draw.
    """
    if not caption.caption_lines:
        raise EditError("there is no caption to replace")
    if not text.strip():
        raise EditError("the new caption is empty; use erase() to take the caption out")
    unknown = missing_glyphs(text)
    if unknown:
        raise EditError(f"the font has no glyph for {unknown!r}")
    slots = measure(image, caption) if measured is None else measured
    out = Image.fromarray(_erased(image, slots, whole))
    for placed in typeset(text, slots, image.shape[1], image.shape[0]):
        _draw(out, placed)
    return np.asarray(out)


def measure(image: np.ndarray, caption: Caption) -> list[Slot]:
    """The place, the letters and the style of each line of the caption, which all edits need."""
    slots = []
    for line in caption.caption_lines:
        frame = frame_of(line)
        ink = find(image, line, frame, [other for other in caption.lines if other is not line])
        slots.append(slot_of(line, frame, ink, _plain(image, frame, caption, ink.ground)))
    return slots


def _plain(image: np.ndarray, frame: RotatedBox, caption: Caption, ground: Colour) -> bool:
    """Whether the rim around a line is of one colour, other lines left out."""
    crop = frame.crop(image)
    left, top, right, bottom = frame.box
    rim = frame.inside(*image.shape[:2]) & ~frame.covered(caption.lines)
    rim[top:bottom, left:right] = False
    colours = crop[rim].astype(np.float32)
    return len(colours) > 0 and float(np.abs(colours - ground).std(axis=0).max()) <= PLAIN


def _erased(image: np.ndarray, slots: Sequence[Slot], wholly: bool) -> np.ndarray:
    out = np.ascontiguousarray(image).copy()
    height, width = image.shape[:2]
    unclear = np.zeros((height, width), np.uint8)
    for slot in slots:
        reach = _reach(slot)
        whole = np.zeros(reach.shape, bool)
        left, top, right, bottom = slot.frame.box
        whole[top:bottom, left:right] = True
        if slot.plain:
            out[slot.frame.back(whole | reach, height, width)] = slot.ink.ground
            continue
        if wholly:
            unclear[slot.frame.back(grown(whole, _margin(slot)), height, width)] = 255
            continue
        crop = slot.frame.crop(image)
        unlike = np.linalg.norm(crop.astype(np.float32) - slot.ink.ground, axis=2) > LIKE
        rim = ~whole & ~reach & slot.frame.inside(height, width)
        if rim.any() and (~unlike[rim]).mean() >= MOSTLY:
            free = (whole | reach) & ~_kept(unlike, whole, reach)
            out[slot.frame.back(free & ~reach, height, width)] = slot.ink.ground
        unclear[slot.frame.back(reach, height, width)] = 255
    if unclear.any():
        out = np.asarray(cv2.inpaint(out, unclear, INPAINT_RADIUS, cv2.INPAINT_TELEA))
    return out


def _kept(unlike: np.ndarray, whole: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """What is neither ground nor letter: things that come in from outside of the line's box."""
    _, parts = cv2.connectedComponents((unlike & ~reach).astype(np.uint8), connectivity=8)
    outside = np.unique(parts[~whole & ~reach])
    kept = np.isin(parts, outside[outside > 0]).astype(np.uint8)
    return np.asarray(cv2.dilate(kept, np.ones((3, 3), np.uint8)) > 0)


def _reach(slot: Slot) -> np.ndarray:
    """The letters with what JPEG and smoothing spread around them."""
    return grown(slot.ink.mask, _margin(slot))


def _margin(slot: Slot) -> int:
    return max(2, round(0.07 * slot.size))


def _style(slot: Slot, size: int) -> tuple[Colour, Colour | None, int]:
    """Fill, outline and its width in pixels, for letters of this size."""
    ink = slot.ink
    fill, ground = np.array(ink.fill, float), np.array(ink.ground, float)
    if slot.size < SMALL and ink.outline is None:
        fill = np.clip(ground + 1.2 * (fill - ground), 0, 255)
    light = fill.mean() > 127
    if ink.outline is not None:
        return _rgb(fill), ink.outline, max(1, round(ink.stroke * size / slot.size))
    if abs(fill.mean() - ground.mean()) < 50:
        fill = np.full(3, 0.0 if ground.mean() > 127 else 255.0)
        light = ground.mean() <= 127
    if slot.plain:
        return _rgb(fill), None, 0
    return _rgb(fill), (0, 0, 0) if light else (255, 255, 255), max(1, round(0.05 * size))


def _rgb(colour: np.ndarray) -> Colour:
    red, green, blue = (round(float(c)) for c in colour)
    return red, green, blue


def _draw(image: Image.Image, placed: PlacedLine) -> None:
    """Draw one line, or a column of characters, in its slot's style and tilt."""
    slot = placed.slot
    fill, outline, stroke = _style(slot, placed.size)
    layer = Image.new("RGBA", image.size, (*(outline or fill), 0)) if slot.frame.angle else None
    draw = ImageDraw.Draw(layer or image)
    face = font(placed.size)
    if slot.line.vertical:
        _, top, _, bottom = slot.box
        step = min(1.1 * placed.size, (bottom - top) / len(placed.text))
        face = font(max(8, round(min(placed.size, step))))
        for i, character in enumerate(placed.text):
            draw.text(
                (placed.x, top + (i + 0.5) * step),
                character,
                fill,
                face,
                anchor="mm",
                stroke_width=stroke,
                stroke_fill=outline,
            )
        return
    draw.text(
        (placed.x, placed.baseline),
        placed.text,
        fill,
        face,
        anchor="ms",
        stroke_width=stroke,
        stroke_fill=outline,
    )
    if layer is not None:
        left, top, right, bottom = slot.box
        middle = (left + right) / 2, (top + bottom) / 2
        turned = layer.rotate(-slot.frame.angle, Image.Resampling.BICUBIC, center=middle)
        image.paste(turned, (0, 0), turned)

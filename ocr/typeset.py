"""Where the words of a new caption go: measures the old lines, wraps the new ones into their place.

Lengths are in pixels of the picture, sizes in pixels per em of the project's font.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from memeprobe.fonts import font
from ocr.caption import Line
from ocr.deskew import RotatedBox
from ocr.letter_mask import LetterMask
from ocr.order import blocks

LEAST_SIZE = 9
SHRINK = 0.78
"""A text may be this much smaller than the old one before it is wrapped or leaves its width."""
PITCH = 1.18
"""Distance of lines in sizes, where the old caption had one line only."""
NO_LINE_START = set("，。！？：；、”’）》】…—～,.!?:;)]}%")


@dataclass(frozen=True)
class Slot:
    """One old line: where it stood, how large, in which style."""

    line: Line
    frame: RotatedBox
    ink: LetterMask
    size: float
    box: tuple[float, float, float, float]
    """(left, top, right, bottom) of its letters in the picture (before it was tilted)."""
    middle: float
    """Where the middle of its text lies: not quite that of its letters, which leave room beside."""
    baseline: float
    plain: bool
    """Whether the ground around it is of one colour."""


@dataclass(frozen=True)
class PlacedLine:
    """One new line, or a column of characters."""

    text: str
    x: float
    """The middle of the line."""
    baseline: float
    size: int
    slot: Slot
    """Gives style and tilt."""


def slot_of(line: Line, frame: RotatedBox, ink: LetterMask, plain: bool) -> Slot:
    """Measure a line: the size at which the project's font draws its text as high as it is."""
    left, top, right, bottom = ink.extent
    # The middle of the crop stays where it is when a tilted line is set upright.
    x0, y0 = _origin(frame)
    box = (left + x0, top + y0, right + x0, bottom + y0)
    near, up, far, down = _ink_box(line.text)
    height, width = max(1.0, bottom - top), max(1.0, right - left)
    # Half a pixel above and below is lost where thin curves end.
    size, most = 100 * (height + 1) / max(20.0, down - up), 1.05 * line.height
    if not line.text.isascii():  # Chinese letters are as wide in every font, and fill their box
        size = min(size, 104 * (width + 1) / max(1.0, font(100).getlength(line.text)))
        most = 0.92 * line.height
    size = float(np.clip(size, 0.55 * line.height, most))
    baseline = (box[1] + box[3]) / 2 - (up + down) / 2 * size / 100
    middle = (box[0] + box[2]) / 2 - ((near + far) - font(100).getlength(line.text)) * size / 200
    return Slot(line, frame, ink, size, box, middle, baseline, plain)


def _ink_box(text: str) -> tuple[float, float, float, float]:
    """Where the letters of a text lie at 100 pixels, from its left end on the baseline.

    Pillow's getbbox reaches over the room beside the letters as well.
    """
    mask, (x, y) = font(100).getmask2(text, anchor="ls")
    left, top, right, bottom = mask.getbbox() or (0, 0, 1, 1)
    return x + left, y + top, x + right, y + bottom


def _origin(frame: RotatedBox) -> tuple[float, float]:
    """Where the crop's corner lies in the picture, once it is turned about its own middle."""
    width, height = frame.size
    inverse = np.linalg.inv(np.vstack([frame.matrix, [0, 0, 1]]))
    x, y, _ = inverse @ (width / 2, height / 2, 1)
    return float(x - width / 2), float(y - height / 2)


def typeset(text: str, slots: Sequence[Slot], width: int, height: int) -> list[PlacedLine]:
    """The lines of ``text`` in the place of the slots, in a picture of this size.

    As many lines as slots: line by line. Else lines go to blocks of slots: the largest ones if
    there are fewer lines than blocks, and are wrapped inside them.
    """
    texts = [t.strip() for t in text.split("\n") if t.strip()]
    by_line = {id(s.line): s for s in slots}
    if len(texts) == len(slots):
        groups = [([slot], [t]) for slot, t in zip(slots, texts, strict=True)]
    else:
        found = [[by_line[id(li)] for li in block] for block in blocks([s.line for s in slots])]
        groups = list(zip(*_share(texts, found), strict=True))
    placed = []
    for block, its_texts in groups:
        others = [s for s in slots if s not in block and len(texts) == len(slots)]
        room = _room(block, others, width)
        placed += _fill(its_texts, block, room, width, height)
    return placed


def _share(texts: list[str], found: list[list[Slot]]) -> tuple[list[list[Slot]], list[list[str]]]:
    """Blocks that get text, and the lines that each gets."""
    if len(texts) < len(found):
        area = [sum((s.box[2] - s.box[0]) * s.size for s in block) for block in found]
        largest = sorted(np.argsort(area)[::-1][: len(texts)])
        return [found[i] for i in largest], [[t] for t in texts]
    counts = [1] * len(found)
    for _ in range(len(texts) - len(found)):
        counts[max(range(len(found)), key=lambda i: len(found[i]) / counts[i])] += 1
    starts = np.cumsum([0, *counts])
    return found, [texts[a:b] for a, b in pairwise(starts)]


def _room(block: Sequence[Slot], others: Sequence[Slot], width: int) -> float:
    """How wide a line centred on the block may become."""
    left, top, right, bottom = _around(block)
    middle, margin = (left + right) / 2, 0.02 * width
    half = min(middle, width - middle) - margin
    for other in others:
        a, b, c, d = other.box
        if min(bottom, d) - max(top, b) > 0:
            half = min(half, a - middle if a > middle else half, middle - c if c < middle else half)
    return max(2 * half, right - left)


def _around(block: Sequence[Slot]) -> tuple[float, float, float, float]:
    boxes = np.array([s.box for s in block])
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _fill(
    texts: list[str], block: Sequence[Slot], room: float, width: int, height: int
) -> list[PlacedLine]:
    """The lines of one block, wrapped and made smaller only as far as they must be."""
    left, top, right, bottom = _around(block)
    size = float(np.median([s.size for s in block]))
    if block[0].line.vertical:
        return [PlacedLine(texts[0], (left + right) / 2, top, round(size), block[0])]
    pitch = PITCH
    if len(block) > 1:
        steps = np.diff(sorted(s.baseline for s in block))
        pitch = float(np.clip(np.median(steps) / size, 1.0, 1.6))
    centred = abs((left + right) / 2 - width / 2) < 0.1 * width
    own = room if centred else 1.04 * (right - left)
    for wide, least in ((own, SHRINK), (room, SHRINK), (room, 0.0)):
        for step in range(round(size), LEAST_SIZE - 1, -1):
            if step < least * size:
                break
            lines = _wrapped(texts, step, wide, wrap=len(block) > 1 or len(texts) > 1)
            tall = (len(lines) - 1) * pitch * step + 0.9 * step
            if lines and tall <= max(1.1 * (bottom - top), 0.95 * size):
                return _stacked(lines, step, pitch, block, width, height)
    lines = _wrapped(texts, LEAST_SIZE, width, wrap=True)
    return _stacked(lines, LEAST_SIZE, pitch, block, width, height)


def _wrapped(texts: list[str], size: int, wide: float, wrap: bool) -> list[str]:
    """Lines no wider than ``wide``; empty if that cannot be."""
    lines: list[str] = []
    for text in texts:
        pieces = _pieces(text) if wrap else [text]
        line = ""
        for piece in pieces:
            if line and font(size).getlength((line + piece).rstrip()) > wide:
                lines.append(line.strip())
                line = ""
            line += piece
        lines.append(line.strip())
    return lines if all(font(size).getlength(line) <= wide for line in lines) else []


def _pieces(text: str) -> list[str]:
    """Where a text may be broken: after words, between Chinese characters, not before a comma."""
    pieces: list[str] = []
    for piece in re.findall(r"[!-~]+\s*|\S\s*", text):
        if pieces and piece[0] in NO_LINE_START:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _stacked(
    lines: list[str], size: int, pitch: float, block: Sequence[Slot], width: int, height: int
) -> list[PlacedLine]:
    """Lines one under the other about the block's middle, inside the picture."""
    left, _, right, _ = _around(block)
    first, last = block[0], block[-1]
    # A letter's middle lies 0.37 em above the baseline, in the line as in the font.
    middle = (first.baseline - 0.37 * first.size + last.baseline - 0.37 * last.size) / 2
    base = middle + 0.37 * size - (len(lines) - 1) / 2 * pitch * size
    up, down = 0.86 * size, 0.12 * size
    if any(not line.isascii() for line in lines):
        base = min(base, height - down - (len(lines) - 1) * pitch * size)
    base = max(base, up if any(not line.isascii() for line in lines) else 0.76 * size)
    flush = _flush_left(block)
    # One line stands where the old one did; several stand about the middle of the block.
    centre = block[0].middle if len(block) == 1 else (left + right) / 2
    placed = []
    for i, line in enumerate(lines):
        half = font(size).getlength(line) / 2
        x = left + half if flush else centre
        x = min(max(x, half + 1), max(half + 1, width - half - 1))
        style = min(block, key=lambda s, y=base + i * pitch * size: abs(s.baseline - y))  # type: ignore[misc]
        placed.append(PlacedLine(line, x, base + i * pitch * size, size, style))
    return placed


def _flush_left(block: Sequence[Slot]) -> bool:
    """Whether the lines of a block begin at one place and end at different ones."""
    if len(block) < 2:
        return False
    lefts, rights = (np.array([s.box[i] for s in block]) for i in (0, 2))
    size = block[0].size
    return bool(np.ptp(lefts) < 0.25 * size and np.ptp(rights) > size)

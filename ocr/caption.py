"""What OCR found: lines, the caption that they make, and captions over time."""

import math
import re
from dataclasses import dataclass

_SPACE = re.compile(r"(?<!\w)\s|\s(?!\w)")
"""Spaces that stand for letters unread; single ones between letters space them out."""

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
ROLES = ("caption", "other")
LONG, SPARSE = 3.0, 0.4
"""A line at least LONG heights long has at least SPARSE characters a height in any script that was
read; an engine passes over letters that it does not know."""
DOUBTFUL = 0.8
"""A line so long that reads under this was not read: what it says is made up."""


class OcrError(RuntimeError):
    """An engine cannot be loaded or asked; the message says which and what to do."""


@dataclass(frozen=True)
class Line:
    """One line of text."""

    text: str
    confidence: float
    """0 to 1, from the engine."""
    box: Quad
    """Corners in pixels, clockwise from the top left."""
    role: str = "caption"
    """``caption``, or ``other``: a watermark, a mark, text that belongs to the picture."""
    rule: str = ""
    """The rule that decided the role, by its name in ``ocr.caption_roles.RULES``."""
    orientation: str = ""
    """How the letters stand: '' = as usual, else one of ``ocr.recognise.TURNS`` or
    ``ocr.sideways.QUARTERS``."""
    known: frozenset[str] = frozenset()
    """The alphabets that its reader knows beside Latin, see ``ocr.unknown_script.alphabets``."""
    second_look: bool = False
    """Whether only a look at the smaller picture found it (``ocr.regions.boxes_beside``)."""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"Line.role is {self.role!r}; must be one of {', '.join(ROLES)}")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"Line.confidence must be 0 to 1, got {self.confidence}")

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in pixels."""
        xs, ys = [x for x, _ in self.box], [y for _, y in self.box]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def height(self) -> float:
        """Height of the letters in pixels: the shorter side of the box, however it is tilted."""
        return min(math.dist(self.box[0], self.box[1]), math.dist(self.box[1], self.box[2]))

    @property
    def vertical(self) -> bool:
        """Whether the text runs from top to bottom, be it tilted."""
        across, down = (math.dist(self.box[i], self.box[i + 1]) for i in (0, 1))
        return down > 1.5 * across and len(self.text) > 1

    @property
    def figure(self) -> bool:
        """Whether nearly the whole picture was taken for a character: a face, no text."""
        return self.rule == "whole picture"

    @property
    def unread(self) -> bool:
        """Whether there is text that the weights cannot read: a line with hardly a character."""
        letters = len(_SPACE.sub("", self.text))
        return self._long >= LONG and letters < SPARSE * self._long

    @property
    def garbled(self) -> bool:
        """Whether there is text that was read as by chance: Hebrew as `anp D177 ny17`."""
        return self._long >= LONG and self.confidence < DOUBTFUL and not self.second_look

    @property
    def _long(self) -> float:
        """Length in heights."""
        sides = [math.dist(self.box[i], self.box[i + 1]) for i in (0, 1)]
        return max(sides) / max(1.0, min(sides))


@dataclass(frozen=True)
class Caption:
    """All text of one picture, in reading order."""

    lines: tuple[Line, ...] = ()

    @property
    def caption_lines(self) -> tuple[Line, ...]:
        """The lines that are the caption."""
        return tuple(line for line in self.lines if line.role == "caption")

    @property
    def other(self) -> tuple[Line, ...]:
        """The lines that are not."""
        return tuple(line for line in self.lines if line.role == "other")

    @property
    def text(self) -> str:
        """The caption's lines joined by newlines; '' = there is none."""
        return "\n".join(line.text for line in self.caption_lines)


@dataclass(frozen=True)
class Track:
    """One caption over the time in which it shows."""

    text: str
    """Lines joined by newlines."""
    start_ms: int
    end_ms: int
    first_index: int
    """First frame that shows it."""
    last_index: int
    """Last frame that shows it."""
    confidence: float
    box: tuple[int, int, int, int]
    """(left, top, right, bottom) in pixels, around all lines."""
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if self.end_ms < self.start_ms or self.last_index < self.first_index:
            raise ValueError(f"Track ends before it begins: {self}")

"""What was read in one stretch of a clip, and a line of text while it says one thing."""

import math
from dataclasses import dataclass, field

from ocr.caption import Line

EDGE, CUT = 0.02, 0.5
"""A line that comes so close to the picture's edge, in its sides or in heights of the line, may be
cut off there: half a letter is not found at all."""

BRIEF = 150
"""Milliseconds: a piece of a longer text that shows no longer is a stage of it."""
SURE = 0.9
"""Confidence from which a reading counts as sure, if nothing speaks against it."""
CERTAIN = 0.97
"""A reading as sure as this is no misreading, however briefly it shows."""


@dataclass(frozen=True)
class Seen:
    """What was read in one stretch that looks the same."""

    first: int
    """First frame of the stretch."""
    last: int
    start_ms: int
    end_ms: int
    frame: int
    """The frame that was read."""
    lines: tuple[Line, ...]
    width: int
    height: int


@dataclass
class Phase:
    """A line while it says one thing."""

    text: str
    line: Line
    """The surest reading."""
    first: int
    """Place of the first and last ``Seen`` that show it."""
    last: int
    ms: int
    full: dict[int, Line] = field(default_factory=dict)
    """Place -> line, where it was read in its full form."""
    lines: list[Line] = field(default_factory=list)
    cut: tuple[bool, bool] = (False, False)
    """Whether it always touches a side of the picture, and its top or foot."""
    weight: float = 0.0
    """Time in which it was read as it is, times confidence."""

    @property
    def confidence(self) -> float:
        """Of its readings on average: one of many that is surer does not make it sure."""
        return sum(line.confidence for line in self.full.values()) / len(self.full)

    @property
    def moved(self) -> float:
        """How far it travelled, in heights of its letters."""
        (a, b), height = (middle(li) for li in (self.lines[0], self.lines[-1])), self.line.height
        return math.dist(a, b) / max(height, 1.0)


def cut(line: Line, seen: Seen) -> tuple[bool, bool]:
    """Whether a line may be cut off at the left or right, and at the top or foot."""
    left, top, right, bottom = line.bounds
    x, y = max(EDGE * seen.width, CUT * line.height), EDGE * seen.height
    return left <= x or right >= seen.width - x, top <= y or bottom >= seen.height - y


def middle(line: Line) -> tuple[float, float]:
    """The middle of a line's box, in pixels."""
    left, top, right, bottom = line.bounds
    return (left + right) / 2, (top + bottom) / 2

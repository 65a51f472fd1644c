"""What is a caption, and what is other text in the picture.

A line is *other* text if one of these holds; all else is caption.

1. Address: a web address or an account name ('imgflip.com', '@someone'), unless it stands alone.
2. Small: lower than 0.55 of the picture's highest confident line of at least four letters or three
   Chinese characters.
3. Doubtful: confidence under 0.8 beside a line with 0.95 or more, and in no block with a sure line.
   Text on objects (the numbers on a banknote) reads so, captions do not.
4. Mark: a single word at the very edge of the picture, lower than two thirds of the highest line.
5. Label on a thing: a lone word inside the picture while the caption proper, of at least three
   words or five characters, stands at its top or bottom edge.
6. Whole picture: one line whose box is nearly the whole picture, with confidence under 0.9: a
   face or a figure taken for a character.
7. Shapes: nothing but circles and strokes ('0', 'O', '1', 'l') beside other text, unless surely
   read and as high as the caption: eyes, hands.
8. Stray mark: no letter and no digit, and none of the marks that speak alone (`？？？`, `!`).
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocr.accuracy import normalise
from ocr.caption import Line
from ocr.order import around, blocks

_ADDRESS = re.compile(
    r"^@\s*\w|\w\.(?:com|net|org|link|cn|io|me|tv)\b|www\.|https?:", re.IGNORECASE
)


@dataclass(frozen=True)
class _Picture:
    """What the rules look at beside a line."""

    width: int
    height: int
    tallest: float
    """Height of the highest confident line of some length, in pixels."""
    surest: float
    """The highest confidence of any line."""
    lone_words: frozenset[int]
    """ids of lines that rule 5 takes for labels."""
    in_company: frozenset[int]
    """ids of lines that share a block with a sure line."""
    lines: int


def with_roles(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """The lines of a picture of this size with their roles, in the order given."""
    if not lines:
        return []
    sure = [line for line in lines if line.confidence >= 0.9 and not _address(line)] or list(lines)
    long = [line for line in sure if _long(line)] or sure
    # A detector's box around tilted text is loose: its height is no measure for upright lines.
    long = [line for line in long if not _tilted(line)] or long
    picture = _Picture(
        width,
        height,
        max(line.height for line in long),
        max(line.confidence for line in lines),
        _labels(sure, width, height),
        _in_company(lines),
        len(lines),
    )
    return [_judged(line, picture) for line in lines]


def _judged(line: Line, picture: _Picture) -> Line:
    rule = next((name for name, holds in RULES.items() if holds(line, picture)), "")
    return replace(line, role="other" if rule else "caption", rule=rule)


def _address(line: Line) -> bool:
    # '@全体成员今晚加班' is said to somebody; names are shorter.
    told = line.text.startswith("@") and len(normalise(line.text)) > 7 and not line.text.isascii()
    return bool(_ADDRESS.search(line.text)) and len(line.text.split()) <= 2 and not told


def _is_address(line: Line, picture: _Picture) -> bool:
    return picture.lines > 1 and _address(line)


def _is_small(line: Line, picture: _Picture) -> bool:
    return line.height < 0.55 * picture.tallest


def _is_doubtful(line: Line, picture: _Picture) -> bool:
    alone = id(line) not in picture.in_company
    return alone and line.confidence < 0.8 and picture.surest >= 0.95


def _is_mark(line: Line, picture: _Picture) -> bool:
    left, top, right, bottom = line.bounds
    edge = 0.02 * min(picture.width, picture.height)
    at_edge = left <= edge or top <= edge or right >= picture.width - edge
    at_edge = at_edge or bottom >= picture.height - edge
    return at_edge and _lone(line) and line.height < 0.66 * picture.tallest


def _is_label(line: Line, picture: _Picture) -> bool:
    return id(line) in picture.lone_words


def _is_whole_picture(line: Line, picture: _Picture) -> bool:
    left, top, right, bottom = line.bounds
    share = (right - left) * (bottom - top) / (picture.width * picture.height)
    return share > 0.6 and line.confidence < 0.9


def _is_shapes(line: Line, picture: _Picture) -> bool:
    drawn = len(line.text) <= 3 and set(line.text) <= set("0Oo1lI|")
    # Letters as high as the caption and surely read are a caption: `10`, `lol`.
    text = line.confidence >= 0.97 and line.height >= 0.66 * picture.tallest
    text = text and len(set(line.text)) > 1
    return picture.lines > 1 and drawn and not text


def _is_stray(line: Line, picture: _Picture) -> bool:
    return not normalise(line.text) and not set(line.text) & set("?？!！…♪")


RULES: dict[str, Callable[[Line, _Picture], bool]] = {
    "address": _is_address,
    "small": _is_small,
    "doubtful": _is_doubtful,
    "mark": _is_mark,
    "label": _is_label,
    "whole picture": _is_whole_picture,
    "shapes": _is_shapes,
    "stray mark": _is_stray,
}
"""Name -> whether a line is other text; the first that holds is told with the line."""


def _tilted(line: Line) -> bool:
    """By more than 15 degrees from both axes."""
    (left, top), (right, bottom) = line.box[0], line.box[1]
    lesser, greater = sorted((abs(right - left), abs(bottom - top)))
    return lesser > math.tan(math.radians(15)) * greater


def _long(line: Line) -> bool:
    text = normalise(line.text)
    return len(text) >= (4 if text.isascii() else 3)


def _lone(line: Line) -> bool:
    """One word, or at most two Chinese characters."""
    text = normalise(line.text)
    return len(line.text.split()) == 1 and (len(text) <= 2 or text.isascii())


def _labels(lines: Sequence[Line], width: int, height: int) -> frozenset[int]:
    """Lines that are lone words inside the picture while the caption stands at its edge."""
    found = blocks(lines)
    if not any(_proper(block, height) for block in found):
        return frozenset()
    return frozenset(
        id(line)
        for block in found
        for line in block
        if len(block) <= 2 and all(_lone(li) for li in block) and not _at_edge(block, height)
    )


def _in_company(lines: Sequence[Line]) -> frozenset[int]:
    return frozenset(
        id(line)
        for block in blocks(lines)
        for line in block
        if any(other.confidence >= 0.9 for other in block)
    )


def _proper(block: Sequence[Line], height: int) -> bool:
    words = sum(len(line.text.split()) for line in block)
    characters = sum(len(normalise(line.text)) for line in block)
    wide = any(not line.text.isascii() for line in block)
    return _at_edge(block, height) and (characters >= 5 if wide else words >= 3 or characters >= 12)


def _at_edge(block: Sequence[Line], height: int) -> bool:
    _, top, _, bottom = around(block)
    return top <= 0.15 * height or bottom >= 0.85 * height

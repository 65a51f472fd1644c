"""What is a caption, and what is other text in the picture.

A line is *other* text if one of these holds; all else is caption.

1. Unread: a line with hardly a character for its length: text in a script that the weights do not
   know, or in an alphabet of which they know a part (Vietnamese).
2. Mirrored: letters that read right in a mirror only.
3. Address: a web address or an account name ('imgflip.com', '@someone'), unless it stands alone.
4. Small: lower than 0.55 of the picture's highest confident line of several words. A second line of
   a caption may be smaller (two languages), and a small text of several lines or of three words
   is one of its own, unless it stands at the very edge (who drew it, and for whom).
5. Doubtful: confidence under 0.8 beside a line with 0.95 or more and in no block with a sure line,
   or under 0.75 where nothing is sure. Text on objects (the numbers on a banknote) reads so,
   captions do not.
6. Mark: a single word at the very edge of the picture, lower than two thirds of the highest line
   (than nine tenths, where it reads doubtfully).
7. Label on a thing: a lone word inside the picture while the caption proper, of at least three
   words or five characters, stands at its top or bottom edge; unless it is higher than the caption,
   or as high as longer text inside the picture.
8. Whole picture: one line whose box is nearly the whole picture, with confidence under 0.9: a
   face or a figure taken for a character.
9. Shapes: nothing but circles and strokes ('0', 'O', '1', 'l', '二') beside other text, unless
   surely read and as high as the caption: eyes, hands, glasses.
10. Stray mark: no letter and no digit, and none of the marks that speak alone (`？？？`, `!`).
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


PARTLY_KNOWN = frozenset("ơưƠƯ")
"""Letters of an alphabet of which the weights know a few: Vietnamese loses its tone marks, with
the letters that carry them, and reads surely all the same."""
SMALL = 0.55
"""Share of the highest line's height under which a line is small."""
HIGHER = 1.3
"""A lone word is no label from this many times the caption's height on."""
SENTENCE = 3
"""A line of so many words is no mark, however small, unless it stands at the picture's rim."""
RIM = 0.02
"""Width of the rim, in shorter sides of the picture."""
ALIKE = 0.15
"""Heights of one style of text differ by less than this share."""


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
    """ids of lines that rule 7 takes for labels."""
    in_company: frozenset[int]
    """ids of lines that share a block with a sure line."""
    told_small: frozenset[int]
    """ids of small lines that are a caption's second line, or a text of several lines."""
    lines: int


def with_roles(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """The lines of a picture of this size with their roles, in the order given."""
    if not lines:
        return []
    sure = [line for line in lines if line.confidence >= 0.9 and not _address(line)] or list(lines)
    tallest = _tallest(sure)
    picture = _Picture(
        width,
        height,
        tallest,
        max(line.confidence for line in lines),
        _labels(sure, width, height),
        _in_company(lines),
        _told_small([line for line in sure if not _at_rim(line, width, height)], SMALL * tallest),
        len(lines),
    )
    return [_judged(line, picture) for line in lines]


def _tallest(lines: Sequence[Line]) -> float:
    """Height of the highest line that is a measure for the others, in pixels."""
    long = [line for line in lines if _long(line)] or lines
    # A detector's box around tilted text is loose: its height is no measure for upright lines.
    long = [line for line in long if not _tilted(line)] or long
    return max(line.height for line in [li for li in long if not _lone(li)] or long)


def _judged(line: Line, picture: _Picture) -> Line:
    rule = next((name for name, holds in RULES.items() if holds(line, picture)), "")
    return replace(line, role="other" if rule else "caption", rule=rule)


def _address(line: Line) -> bool:
    # '@全体成员今晚加班' is said to somebody; names are shorter.
    mention = (
        line.text.startswith("@") and len(normalise(line.text)) > 7 and not line.text.isascii()
    )
    return bool(_ADDRESS.search(line.text)) and len(line.text.split()) <= 2 and not mention


def _is_address(line: Line, picture: _Picture) -> bool:
    return picture.lines > 1 and _address(line)


def _is_small(line: Line, picture: _Picture) -> bool:
    return line.height < SMALL * picture.tallest and id(line) not in picture.told_small


def _is_doubtful(line: Line, picture: _Picture) -> bool:
    alone = id(line) not in picture.in_company
    return alone and line.confidence < (0.8 if picture.surest >= 0.95 else 0.75)


def _is_mark(line: Line, picture: _Picture) -> bool:
    at_edge = _at_rim(line, picture.width, picture.height)
    low = line.height < (0.66 if line.confidence >= 0.9 else 0.9) * picture.tallest
    return at_edge and _lone(line) and low


def _at_rim(line: Line, width: int, height: int) -> bool:
    left, top, right, bottom = line.bounds
    rim = RIM * min(width, height)
    return left <= rim or top <= rim or right >= width - rim or bottom >= height - rim


def _is_label(line: Line, picture: _Picture) -> bool:
    return id(line) in picture.lone_words


def _is_whole_picture(line: Line, picture: _Picture) -> bool:
    left, top, right, bottom = line.bounds
    share = (right - left) * (bottom - top) / (picture.width * picture.height)
    return share > 0.6 and line.confidence < 0.9


def _is_shapes(line: Line, picture: _Picture) -> bool:
    drawn = len(line.text) <= 3 and set(line.text) <= set("0Oo1lI|一二三口")
    # Letters as high as the caption and surely read are a caption: `10`, `lol`.
    text = line.confidence >= 0.97 and line.height >= 0.66 * picture.tallest
    text = text and (len(set(line.text)) > 1 or not line.text.isascii())
    return picture.lines > 1 and drawn and not text


def _is_stray(line: Line, picture: _Picture) -> bool:
    return not normalise(line.text) and not set(line.text) & set("?？!！…♪")


def _is_unread(line: Line, picture: _Picture) -> bool:
    return line.unread or bool(PARTLY_KNOWN & set(line.text))


def _is_mirrored(line: Line, picture: _Picture) -> bool:
    return line.orientation.startswith("mirrored")


RULES: dict[str, Callable[[Line, _Picture], bool]] = {
    "unread": _is_unread,
    "mirrored": _is_mirrored,
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
    proper = [block for block in found if _proper(block, height)]
    if not proper:
        return frozenset()
    highest = max(line.height for block in proper for line in block)
    inside = [block for block in found if not _at_edge(block, height)]
    text = [li.height for block in inside for li in block if not _lone(li)]
    return frozenset(
        id(line)
        for block in inside
        for line in block
        if len(block) <= 2
        and all(_lone(li) for li in block)
        and line.height <= HIGHER * highest
        and not any(abs(line.height - other) <= ALIKE * other for other in text)
    )


def _told_small(lines: Sequence[Line], small: float) -> frozenset[int]:
    """Lines lower than ``small`` that are text of their own, or a caption's second line."""
    low = [line for line in lines if line.height < small]
    high = [line for line in lines if line.height >= small and not _tilted(line)]
    texts = [block for block in blocks(low) if len(block) > 1 and _words(block) >= 4]
    second = [line for line in low if _words([line]) >= 2 and any(_under(line, h) for h in high)]
    second += [line for line in low if _words([line]) >= SENTENCE]
    return frozenset(id(line) for line in [*second, *(li for block in texts for li in block)])


def _under(line: Line, caption: Line) -> bool:
    """Whether a line stands right over or under another, in the middle of it or flush left."""
    (left, top, right, bottom), other = line.bounds, caption.bounds
    apart = max(top, other[1]) - min(bottom, other[3])
    middle = abs(left + right - other[0] - other[2]) / 2 < caption.height
    return (
        apart + line.height > 0
        and apart < caption.height
        and (middle or abs(left - other[0]) < caption.height)
    )


def _words(lines: Sequence[Line]) -> float:
    """Words of some lines; two characters count as one where no spaces part words."""
    return sum(
        len(line.text.split()) if line.text.isascii() else len(normalise(line.text)) / 2
        for line in lines
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

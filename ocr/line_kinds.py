"""What the lines of a picture are to each other, for the rules of ``ocr.caption_roles``."""

import math
import re
from collections.abc import Callable, Sequence

from ocr.accuracy import normalise
from ocr.caption import Line
from ocr.order import around, blocks

SPEAKING = re.compile(r"[?？!！…♪]|(?:[.。·•]\s*){3}")
_ADDRESS = re.compile(
    r"^@\s*\w|\w\.(?:com|net|org|link|cn|io|me|tv)\b|www\.|https?:", re.IGNORECASE
)
_RIGHTS = re.compile(
    r"^\W*©|©\s*\d{4}|^(?:copyright|\(c\))\W*\d{4}|\ball rights reserved\b", re.IGNORECASE
)
_EVERYONE = re.compile(r"@\s*(?:全体成员|所有人|(?:everyone|all|here)\b)", re.IGNORECASE)
"""Nobody's name: what follows is said to all."""
FAR_HIGHER = 2.0
"""What a second look finds so many times as high as the caption is a figure in the picture."""
HIGHER = 1.3
"""A lone word is no label from this many times the caption's height on."""
SENTENCE = 3
"""A line of so many words is no mark, however small, unless it stands at the picture's rim."""
TOGETHER = 4
"""Small lines of several, in one block or in one style, hold at least so many words."""
RIM = 0.02
"""Width of the rim, in shorter sides of the picture."""
TINY = 0.05
"""A single letter or digit lower than this share of the picture's height is a star or a spark."""
ALIKE = 0.15
"""Heights of one style of text differ by less than this share."""


BLOCK = 0.7
"""Lines of one block are at least so high, in heights of each other: boxes at a rim are loose."""
WIDE = 0.6
"""A line of several words that takes this share of the width is no mark, though at the rim."""


def address(line: Line) -> bool:
    """Whether a line is a web address, the name of an account, or says whose the picture is."""
    if _RIGHTS.search(line.text):
        return True
    # '@小王今晚八点来开会' is said to somebody; names are shorter.
    chinese = re.search("[\u3040-\u9fff]", line.text) is not None
    said = line.text.startswith("@") and len(normalise(line.text)) > 7 and chinese
    mention = said or _EVERYONE.match(line.text)
    words_in_it = line.text.removeprefix("@").split()
    return bool(_ADDRESS.search(line.text)) and len(words_in_it) <= 2 and not mention


def link(line: Line) -> bool:
    """Whether a line is nothing but a link that is written out: somebody may say one."""
    return re.match(r"https?:\S+$", line.text.strip(), re.IGNORECASE) is not None


def at_rim(line: Line, width: int, height: int) -> bool:
    """Whether a line stands at the very edge of a picture of this size."""
    left, top, right, bottom = line.bounds
    rim = RIM * min(width, height)
    return left <= rim or top <= rim or right >= width - rim or bottom >= height - rim


def aside(line: Line, width: int) -> bool:
    """Whether a line stands away from the middle between left and right: a watermark does."""
    left, _, right, _ = line.bounds
    return abs((left + right) / 2 - width / 2) > width / 6


def tilted(line: Line) -> bool:
    """By more than 15 degrees from both axes."""
    (left, top), (right, bottom) = line.box[0], line.box[1]
    lesser, greater = sorted((abs(right - left), abs(bottom - top)))
    return lesser > math.tan(math.radians(15)) * greater


def long(line: Line) -> bool:
    """Whether a line holds letters enough to be a measure for others."""
    text = normalise(line.text)
    return len(text) >= (4 if text.isascii() else 3)


def lone(line: Line) -> bool:
    """One word, or at most two Chinese characters."""
    text = normalise(line.text)
    return len(line.text.split()) == 1 and (len(text) <= 2 or text.isascii())


def one_letter(text: str) -> bool:
    """One Latin letter or digit, or the simplest character: what figures are taken for."""
    return len(text) == 1 and (text == "一" or (text.isascii() and text.isalnum()))


def stray_letters(lines: Sequence[Line], height: int) -> frozenset[int]:
    """Single letters and digits in no row of a caption that is surely read: where that is Chinese,
    or where they are tiny in a picture of this height."""
    said = [li for li in lines if li.confidence >= 0.9 and long(li)]
    chinese = [li for li in said if not li.text.isascii()]
    letters = [li for li in lines if one_letter(li.text) and li.text.isascii()]
    return frozenset(
        id(line)
        for line in letters
        if (chinese or line.height < TINY * height)
        and not any(_in_row(line, other) for other in chinese or said)
    )


def _in_row(a: Line, b: Line) -> bool:
    (left, top, right, bottom), other = a.bounds, b.bounds
    shared = min(bottom, other[3]) - max(top, other[1])
    apart = max(left, other[0]) - min(right, other[2])
    return shared > 0.5 * min(a.height, b.height) and apart < 2 * b.height


def speaks(text: str) -> bool:
    """Whether a text is one of marks alone that are said as they are: `？？？`, `!`, `...`."""
    return not normalise(text) and bool(SPEAKING.search(text))


def labels(lines: Sequence[Line], width: int, height: int) -> frozenset[int]:
    """Lines that are lone words inside the picture while the caption stands at its edge."""
    found = blocks(lines)
    proper = [block for block in found if _proper(block, height)]
    if not proper:
        return frozenset()
    highest = max(line.height for block in proper for line in block)
    inside = [block for block in found if not _at_edge(block, height)]
    text = [li.height for block in inside for li in block if not lone(li)]
    return frozenset(
        id(line)
        for block in inside
        for line in block
        if len(block) <= 2
        and all(lone(li) for li in block)
        and line.height <= HIGHER * highest
        and not any(abs(line.height - other) <= ALIKE * other for other in text)
    )


def odd(lines: Sequence[Line], tallest: float) -> frozenset[int]:
    """Lines that only a second look found and that are short, or far higher than all others."""
    first = any(not line.second_look for line in lines)
    return frozenset(
        id(line)
        for line in lines
        if first
        and line.second_look
        and (words([line]) < SENTENCE or line.height > FAR_HIGHER * tallest)
    )


def told_small(lines: Sequence[Line], small: float) -> frozenset[int]:
    """Lines lower than ``small`` that are text of their own, or a caption's second line."""
    low = [line for line in lines if line.height < small]
    high = [line for line in lines if line.height >= small and not tilted(line)]
    texts = [block for block in blocks(low) if len(block) > 1 and words(block) >= TOGETHER]
    second = [line for line in low if words([line]) >= 2 and any(_under(line, h) for h in high)]
    second += [line for line in low if words([line]) >= SENTENCE]
    return frozenset(id(line) for line in [*second, *(li for block in texts for li in block)])


def in_one_style(
    lines: Sequence[Line], small: Sequence[Line], alike: Callable[[Line, Line], bool]
) -> frozenset[int]:
    """Of ``small``, lines of texts of several lines that say enough together: those written alike,
    and as high, wherever they stand (what two signs say)."""
    several = [line for block in blocks(lines) if len(block) > 1 for line in block]
    return frozenset(
        id(line)
        for line in small
        if any(line is other for other in several)
        and words([other for other in several if _as_high(line, other) and alike(line, other)])
        >= TOGETHER
    )


def _as_high(a: Line, b: Line) -> bool:
    return BLOCK * a.height <= b.height <= a.height / BLOCK


def things_in_block(
    lines: Sequence[Line],
    outlined: Callable[[Line], bool],
    shares_fill: Callable[[Line, Line], bool],
) -> frozenset[int]:
    """Lone words in a block of outlined lines that have neither an outline nor their colour: they
    stand on a thing under the caption (the number of a fire engine)."""
    return frozenset(
        id(line)
        for block in blocks(lines)
        for line in block
        if len(block) > 1
        and lone(line)
        and not outlined(line)
        and all(
            outlined(other) and not shares_fill(line, other) for other in block if other is not line
        )
    )


def wide(line: Line, width: int) -> bool:
    """Whether a line of several words runs through most of a picture of this width."""
    left, _, right, _ = line.bounds
    return right - left >= WIDE * width and words([line]) >= SENTENCE


def going_on(lines: Sequence[Line]) -> frozenset[int]:
    """ids of lines that stand in a caption's block and are as high."""
    return frozenset(
        id(line)
        for block in blocks(lines)
        for line in block
        if any(
            other.role == "caption"
            and long(other)
            and BLOCK * line.height <= other.height <= line.height / BLOCK
            for other in block
            if other is not line
        )
    )


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


def words(lines: Sequence[Line]) -> float:
    """Words of some lines; two characters count as one where no spaces part words."""
    return sum(
        len(line.text.split()) if line.text.isascii() else len(normalise(line.text)) / 2
        for line in lines
    )


def in_company(lines: Sequence[Line]) -> frozenset[int]:
    """Lines that share a block with a sure one."""
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

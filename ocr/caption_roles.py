"""What is a caption, and what is other text in the picture.

A line is *other* text if one of these holds; all else is caption.

1. Unread: a line with hardly a character for its length, or one of some length that reads under
   0.8 in no block with a sure line: text in a script that the weights do not know; or in an
   alphabet of which they know a part (Vietnamese, Greek, Cyrillic capitals).
2. Mirrored: letters that read right in a mirror only, and doubtful ones beside more of those.
3. Address: a web address, an account name or a notice of rights ('imgflip.com', '@someone',
   '© 2019 ...'), unless it stands alone and in the middle between left and right.
4. Small: lower than 0.55 of the picture's highest confident line of several words. A second line of
   a caption may be smaller (two languages), and a small text of several lines or of three words
   is one of its own, unless it stands at the very edge (who drew it, and for whom); lines of
   several texts count together if they are written alike (what two signs say).
5. Doubtful: confidence under 0.8 beside a line with 0.95 or more and in no block with a sure line,
   or under 0.75 where nothing is sure. Text on objects (the numbers on a banknote) reads so,
   captions do not.
6. Mark: a single word at the very edge of the picture, lower than two thirds of the highest line
   (than nine tenths, where it reads doubtfully).
7. Label on a thing: a lone word inside the picture while the caption proper, of at least three
   words or five characters, stands at its top or bottom edge; unless it is higher than the caption,
   or as high as longer text inside the picture. Or one in the block of outlined lines, with
   neither an outline nor their colour.
8. Whole picture: one line whose box is nearly the whole picture, with confidence under 0.9, or a
   single letter or digit (or '一') over half of its height, however surely read: a face or a figure
   taken for a character.
9. Shapes: nothing but circles and strokes ('0', 'O', '1', 'l', '二') beside other text, unless
   surely read and as high as the caption: eyes, hands, glasses. One, or two circles, alone, too.
10. Stray mark: no letter and no digit, and none of the marks that speak alone (`？？？`, `!`,
    `...`), which are not doubtful where a first look found them: they never read surely. And a
    single letter or digit in no row of a caption, if that is Chinese (limbs and strokes of a
    drawing) or the letter tiny (stars and sparks).
11. Style: a word or two that only a second look found (ocr/regions.py), or far higher than all.
12. Photographed: letters with a photograph's noise, or a compressed picture's, where the caption is
   of one exact colour (ocr/style.py): a number plate, a shop's sign, a film's own subtitle.

The rules `small`, `mark`, and `address` for a link that is written out, do not hold for a line that
stands over or under a caption's and is as high: one block. `small`, `label`, `shapes` and `style`
do not hold for a line that is surely read, away from the rim, and written as captions are: in
letters with an outline or, for a label or a second look, in the colours of the caption.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ocr.accuracy import normalise
from ocr.caption import Line
from ocr.line_kinds import (
    FAR_HIGHER,
    address,
    aside,
    at_rim,
    going_on,
    in_company,
    in_one_style,
    labels,
    link,
    lone,
    long,
    odd,
    one_letter,
    speaks,
    stray_letters,
    things_in_block,
    tilted,
    told_small,
    wide,
)
from ocr.unknown_script import unread

SMALL = 0.55
"""Share of the highest line's height under which a line is small."""
SURE, LESS_SURE = 0.95, 0.8
"""Confidence of a line that the way in which it is written can make a caption; and of marks alone,
which are narrow and wide ones alike (`!` and `！`), so that they never read as surely."""
BY_COLOUR, BY_OUTLINE = ("label", "style"), ("small", "shapes")
"""Rules that do not hold where a line is written as a caption."""
BY_BLOCK = ("small", "mark", "link")
"""Rules that do not hold for a line of a caption's block."""


@dataclass(frozen=True)
class _Picture:
    """What the rules look at beside a line."""

    width: int
    height: int
    tallest: float
    """Height of the highest confident line of some length, in pixels."""
    surest: float
    """The highest confidence of any line."""
    unread: frozenset[int]
    """ids of lines in a script that the weights do not know."""
    lone_words: frozenset[int]
    """ids of lines that rule 7 takes for labels."""
    in_company: frozenset[int]
    """ids of lines that share a block with a sure line."""
    told_small: frozenset[int]
    """ids of small lines that are a caption's second line, or a text of several lines."""
    odd: frozenset[int]
    """ids of lines that rule 11 takes for shapes."""
    letters: frozenset[int]
    """ids of single letters and digits that rule 10 takes for strokes."""
    photographed: frozenset[int]
    """ids of lines that rule 12 takes for a part of the picture."""
    mirrored: bool
    """Whether most of what was read was read in a mirror."""
    lines: int


class Written(Protocol):
    """How the lines of a picture are written, see ``ocr.style.Styles``."""

    def outlined(self, line: Line) -> bool:
        """Whether the letters have an outline."""
        ...

    def alike(self, line: Line, caption: Line) -> bool:
        """Whether a line is written as the other one is."""
        ...

    def shares_fill(self, line: Line, caption: Line) -> bool:
        """Whether a line's box holds the fill of a caption's letters."""
        ...

    def photographed(self, lines: Sequence[Line], captions: Sequence[Line]) -> frozenset[int]:
        """ids of lines whose letters have a photograph's noise where the captions have none."""
        ...


def with_roles(
    lines: Sequence[Line], width: int, height: int, written: Written | None = None
) -> list[Line]:
    """The lines of a picture of this size with their roles, in the order given.

    ``written``: how they are written; None = unknown.
    """
    if not lines:
        return []
    first = [line for line in lines if not line.second_look] or lines
    sure = [line for line in first if line.confidence >= 0.9 and not address(line)] or list(first)
    tallest = _tallest(sure)
    picture = _Picture(
        width,
        height,
        tallest,
        max(line.confidence for line in lines),
        unread(lines),
        labels(sure, width, height),
        in_company(lines),
        told_small(
            [li for li in sure if wide(li, width) or not at_rim(li, width, height)],
            SMALL * tallest,
        ),
        odd(lines, tallest),
        stray_letters(lines, height),
        written.photographed(lines, [li for li in sure if long(li)]) if written else frozenset(),
        _mostly_mirrored(lines),
        len(lines),
    )
    judged = [_judged(line, picture) for line in lines]
    if written is not None:
        captions = [line for line in judged if line.role == "caption" and line.confidence >= SURE]
        together = in_one_style(
            [line for line in judged if line.confidence >= SURE and line.rule in ("", "small")],
            [line for line in judged if line.confidence >= SURE and line.rule == "small"],
            written.alike,
        )
        judged = [
            _as_caption(line)
            if id(line) in together or _put_over(line, captions, picture, written)
            else line
            for line in judged
        ]
        captions = [line for line in judged if line.role == "caption"]
        things = things_in_block(captions, written.outlined, written.shares_fill)
        judged = [
            replace(line, role="other", rule="label") if id(line) in things else line
            for line in judged
        ]
    goes_on = going_on(judged)
    return [
        _as_caption(line)
        if id(line) in goes_on
        and (line.rule in BY_BLOCK or (line.rule == "address" and link(line)))
        else line
        for line in judged
    ]


def _mostly_mirrored(lines: Sequence[Line]) -> bool:
    letters = {True: 0, False: 0}
    for line in lines:
        letters[line.orientation.startswith("mirrored")] += len(normalise(line.text))
    return letters[True] > letters[False]


def _as_caption(line: Line) -> Line:
    return replace(line, role="caption", rule="")


def _put_over(line: Line, captions: Sequence[Line], picture: _Picture, written: Written) -> bool:
    """Whether a line that a rule took for other text is written as captions are."""
    sure = LESS_SURE if speaks(line.text) else SURE
    if line.rule not in (*BY_COLOUR, *BY_OUTLINE) or line.confidence < sure:
        return False
    if at_rim(line, picture.width, picture.height) or line.height > FAR_HIGHER * picture.tallest:
        return False
    colours = line.rule in BY_COLOUR and any(written.alike(line, other) for other in captions)
    return colours or written.outlined(line)


def _tallest(lines: Sequence[Line]) -> float:
    """Height of the highest line that is a measure for the others, in pixels."""
    some = [line for line in lines if long(line)] or lines
    # A detector's box around tilted text is loose: its height is no measure for upright lines.
    some = [line for line in some if not tilted(line)] or some
    return max(line.height for line in [li for li in some if not lone(li)] or some)


def _judged(line: Line, picture: _Picture) -> Line:
    rule = next((name for name, holds in RULES.items() if holds(line, picture)), "")
    return replace(line, role="other" if rule else "caption", rule=rule)


def _is_address(line: Line, picture: _Picture) -> bool:
    return address(line) and (picture.lines > 1 or aside(line, picture.width))


def _is_small(line: Line, picture: _Picture) -> bool:
    return line.height < SMALL * picture.tallest and id(line) not in picture.told_small


def _is_doubtful(line: Line, picture: _Picture) -> bool:
    alone = id(line) not in picture.in_company
    if speaks(line.text) and not line.second_look:
        return False
    return alone and line.confidence < (0.8 if picture.surest >= 0.95 else 0.75)


def _is_mark(line: Line, picture: _Picture) -> bool:
    at_edge = at_rim(line, picture.width, picture.height)
    low = line.height < (0.66 if line.confidence >= 0.9 else 0.9) * picture.tallest
    return at_edge and lone(line) and low


def _is_label(line: Line, picture: _Picture) -> bool:
    return id(line) in picture.lone_words


def _is_whole_picture(line: Line, picture: _Picture) -> bool:
    left, top, right, bottom = line.bounds
    share = (right - left) * (bottom - top) / (picture.width * picture.height)
    letter = one_letter(line.text) and bottom - top > 0.5 * picture.height
    return letter or (share > 0.6 and line.confidence < 0.9)


def _is_shapes(line: Line, picture: _Picture) -> bool:
    drawn = len(line.text) <= 3 and set(line.text) <= set("0Oo1lI|一二三口")
    # As high as the caption and surely read is `10` one; letters of two kinds are a word: `lol`.
    text = line.confidence >= 0.97 and line.height >= 0.66 * picture.tallest
    text = text and (len(set(line.text)) > 1 or not line.text.isascii())
    word = len(line.text) == 3 and line.text.isalpha() and {"l", "o"} <= set(line.text.casefold())
    eyes = len(line.text) == 1 or set(line.text) <= set("0Oo")
    return (picture.lines > 1 or eyes) and drawn and not (text or (word and line.confidence >= 0.9))


def _is_stray(line: Line, picture: _Picture) -> bool:
    mark = not normalise(line.text) and not speaks(line.text)
    return mark or id(line) in picture.letters


def _is_unread(line: Line, picture: _Picture) -> bool:
    return id(line) in picture.unread or (line.garbled and id(line) not in picture.in_company)


def _is_mirrored(line: Line, picture: _Picture) -> bool:
    doubtful = line.confidence < SURE and picture.mirrored
    return line.orientation.startswith("mirrored") or doubtful


RULES: dict[str, Callable[[Line, _Picture], bool]] = {
    "unread": _is_unread,
    "mirrored": _is_mirrored,
    "link": lambda line, picture: link(line) and _is_address(line, picture),
    "address": _is_address,
    "stray mark": _is_stray,
    "photographed": lambda line, picture: id(line) in picture.photographed,
    "style": lambda line, picture: id(line) in picture.odd,
    "small": _is_small,
    "doubtful": _is_doubtful,
    "mark": _is_mark,
    "label": _is_label,
    "whole picture": _is_whole_picture,
    "shapes": _is_shapes,
}
"""Name -> whether a line is other text; the first that holds is told with the line."""

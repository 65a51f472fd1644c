"""The font of the project: Noto Sans CJK SC Bold, cut down to Chinese, Latin and punctuation.

Shipping it keeps rendered memes equal to the byte on every machine and shows Chinese where the
system has no Chinese font. A second file has Greek, Cyrillic, kana, Hangul and signs, for what
users wrote; memes are drawn with the first alone. ``make_subset.py`` cuts both from the full font;
``OFL.txt`` is its licence.
"""

from functools import cache
from pathlib import Path

from PIL import ImageFont

FONT_PATH = Path(__file__).with_name("NotoSansCJKsc-Bold-subset.otf")

MORE_PATH = Path(__file__).with_name("NotoSansCJKsc-Bold-more.otf")


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The project's font at ``size`` pixels per em."""
    # Basic layout, not Raqm: Raqm is optional in Pillow, and its kerning would change the bytes.
    return ImageFont.truetype(FONT_PATH, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _covered() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(FONT_PATH, lazy=True).getBestCmap())


def missing_glyphs(text: str) -> str:
    """The characters of ``text`` that the font cannot draw, in order, each once ('' = none)."""
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in _covered()))


@cache
def more_font(size: int) -> ImageFont.FreeTypeFont:
    """The second file at ``size`` pixels per em."""
    return ImageFont.truetype(MORE_PATH, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _more_covered() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(MORE_PATH, lazy=True).getBestCmap())


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut where the file changes: (piece, whether it takes the second one).

    What neither has becomes □.
    """
    found: list[tuple[str, bool]] = []
    for character in text:
        code, second = ord(character), False
        if not character.isspace() and code not in _covered():
            second = code in _more_covered()
            if not second:
                character, second = "□", ord("□") not in _covered()
        if found and found[-1][1] == second:
            found[-1] = found[-1][0] + character, second
        else:
            found.append((character, second))
    return found

"""The fonts of the project: Noto Sans CJK SC Bold, cut down to Chinese, Latin and punctuation.

Shipping it keeps rendered memes equal to the byte on every machine and shows Chinese where the
system has no Chinese font. A second file has Greek, Cyrillic, kana, Hangul and signs, a third one
(Noto Emoji) emoji, for what users wrote; memes are drawn with the first alone. ``make_subset.py``
cuts them from the full fonts; ``OFL.txt`` is the licence of all.
"""

from functools import cache
from pathlib import Path

from PIL import ImageFont

FONT_PATH = Path(__file__).with_name("NotoSansCJKsc-Bold-subset.otf")

MORE_PATH = Path(__file__).with_name("NotoSansCJKsc-Bold-more.otf")
EMOJI_PATH = Path(__file__).with_name("NotoEmoji-Regular-subset.ttf")
FILES = (FONT_PATH, MORE_PATH, EMOJI_PATH)
"""Where a character is looked for, in this order."""
JOINS = {0x200D, 0xFE0E, 0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400)}
"""What makes one emoji of several or changes its looks: its parts are drawn one after another."""


@cache
def font(size: int, path: Path = FONT_PATH) -> ImageFont.FreeTypeFont:
    """One of the project's fonts at ``size`` pixels per em."""
    # Basic layout, not Raqm: Raqm is optional in Pillow, and its kerning would change the bytes.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _covered(path: Path = FONT_PATH) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as file:
        return frozenset(file.getBestCmap())


def missing_glyphs(text: str) -> str:
    """The characters of ``text`` that the font cannot draw, in order, each once ('' = none)."""
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in _covered()))


def pieces(text: str) -> list[tuple[str, Path]]:
    """The text cut where the file changes: (piece, its file). What none has becomes □."""
    found: list[tuple[str, Path]] = []
    for character in text:
        if ord(character) in JOINS:
            continue
        path = _file_of(character)
        if path is None:
            character, path = "□", MORE_PATH
        if found and found[-1][1] == path:
            found[-1] = found[-1][0] + character, path
        else:
            found.append((character, path))
    return found


def _file_of(character: str) -> Path | None:
    if character.isspace():
        return FONT_PATH
    return next((path for path in FILES if ord(character) in _covered(path)), None)

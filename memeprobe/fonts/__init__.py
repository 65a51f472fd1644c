"""The one font of the project: Noto Sans CJK SC Bold, cut down to Chinese, Latin and punctuation.

Shipping it keeps rendered memes equal to the byte on every machine and shows Chinese where the
system has no Chinese font. ``make_subset.py`` cuts the file from the full font; ``OFL.txt`` is
its licence.
"""

from functools import cache
from pathlib import Path

from PIL import ImageFont

FONT_PATH = Path(__file__).with_name("NotoSansCJKsc-Bold-subset.otf")


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

"""Cut the shipped fonts out of the full Noto Sans CJK Bold collection and of Noto Emoji.

    python -m memeprobe.fonts.make_subset NotoSansCJK-Bold.ttc noto-emoji-emoji-400-normal.woff

Both are only needed to run this script: the collection (20 MB) is in Debian's fonts-noto-cjk, under
/usr/share/fonts/opentype/noto, the emoji in npm's @fontsource/noto-emoji, under files.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from memeprobe.fonts import EMOJI_PATH, FONT_PATH, MORE_PATH

# Characters of memes that GB 2312 leaves out, and some that it has.
SLANG = (
    "鸭喵汪哒噢咦呦咱卧槽啥嗯嘿哎呀咯啰嘞呃咩囧萌怂怼懵嗨嘤噗兮蹭跶嘚瑟嗷瞅愣嚎啕翻滚妥咳嗝嘟嘻"
    "诶欸喔唔呐哟呗噜噻嘛吗呢吧啦喽嗖嗦瞪蛤蟆肝撸喷靓尬瞎晕魅霸飙躺赖奶盹眯寐饿馋撑噎烫爽酷帅炸"
    "嗑瓜蔫蛰怵咚哐咣嘎屌"
)
PUNCTUATION = "，。！？：；“”‘’（）《》【】、…—～·「」￥°×÷←→↑↓①②③√％＋－＝／｜＆＠＃"


def wanted() -> set[int]:
    """Code points of the first file: all 6,763 characters of GB 2312, the 5,401 of Big5 level 1
    (traditional ones), Latin, full-width forms, meme slang."""
    chinese = _decoded(range(0xB0, 0xF8), range(0xA1, 0xFF), "gb2312")
    chinese += _decoded(range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)], "big5")
    ranges = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0xFF01, 0xFF5F)]
    return {ord(c) for c in chinese + SLANG + PUNCTUATION} | set(ranges)


def _decoded(rows: Iterable[int], cells: Iterable[int], encoding: str) -> str:
    """The characters of some rows of a table of two bytes each; places without one are left out."""
    cells = list(cells)
    return "".join(bytes([r, c]).decode(encoding, errors="ignore") for r in rows for c in cells)


def more() -> set[int]:
    """Code points of the second file: Greek, Cyrillic, kana, the Hangul syllables of KS X 1001,
    currencies, dashes, marks and arrows."""
    syllables = _decoded(range(0xB0, 0xC9), range(0xA1, 0xFF), "euc_kr")
    ranges = [
        *range(0x370, 0x530),
        *range(0x2010, 0x2060),
        *range(0x20A0, 0x20C0),
        *range(0x2100, 0x2200),
        *range(0x25A0, 0x2670),
        *range(0x3000, 0x3130),
        *range(0x3130, 0x3190),
    ]
    return ({ord(c) for c in syllables} | set(ranges)) - wanted()


def main(collection: str, emoji: str) -> None:
    """Write the subsets beside this file."""
    names = [f["name"].getDebugName(4) for f in TTCollection(collection, lazy=True).fonts]
    number = names.index("Noto Sans CJK SC Bold")
    cut(collection, wanted(), FONT_PATH, number)
    cut(collection, more(), MORE_PATH, number)
    with TTFont(emoji, lazy=True) as font:
        pictures = set(font.getBestCmap()) - wanted() - more()
    cut(emoji, pictures, EMOJI_PATH)


def cut(source: str, characters: set[int], to: Path, number: int = -1) -> None:
    """Write a font with these characters alone. ``number``: of the font in a collection."""
    options = subset.Options()
    options.font_number = number
    options.layout_features = []
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = subset.load_font(source, options)
    font.flavor = None
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.save(to)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The report's figures: every word that they draw is there, in both languages."""

import re
from collections.abc import Callable

import pytest
from fontTools.ttLib import TTFont

from memeprobe.fonts import FONT_PATH
from memeprobe.measures import Influence
from memeprobe.messages import labels
from memeprobe.report import figures
from memeprobe.stats import Interval
from memeprobe.verdicts.run_result import SlotAccuracy

HALF = Interval(0.5, 0.4, 0.6, 20)
EVERY = [(name, HALF) for name in labels.CONDITIONS.values()]


def glyphs(text: str) -> set[str]:
    """The glyphs of the project's font for the Chinese in a text, by another reader of fonts."""
    with TTFont(FONT_PATH, lazy=True) as font:
        drawn = font.getBestCmap()
        found = [font.getGlyphID(drawn[ord(c)]) for c in re.findall("[\u4e00-\u9fff]", text)]
    return {f"{number:x}" for number in found}


@pytest.mark.filterwarnings("error::UserWarning")  # Matplotlib warns of a letter that no font has
@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: figures.accuracy_figure(EVERY, 0.25), "瞎猜正确率全部关键帧只有第一帧抹去文字"),
        (lambda: figures.curve_figure([SlotAccuracy(1, HALF)], 0.5, 0.25), "决定性一帧无图位置"),
        (lambda: figures.influence_figure([Influence(1, HALF, HALF)]), "均等被换成灰色的关键帧占"),
    ],
)
def test_figures_speak_chinese_too(draw: Callable[[], str], words: str) -> None:
    svg = draw()
    there = set(re.findall(r'<path id="NotoSansCJKsc-Bold-([0-9a-f]+)"', svg))
    assert glyphs(words) <= there
    assert svg == draw()  # the same numbers give the same bytes

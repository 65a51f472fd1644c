"""The report's figures as SVG text, in English and Chinese: accuracy per condition, the position
curve, and what each frame weighs."""

import io
from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import ParamSpec

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from memeprobe.fonts import FONT_PATH
from memeprobe.measures import Influence
from memeprobe.stats import Interval
from memeprobe.verdicts.run_result import SlotAccuracy

BLUE, ORANGE, GREY = "#0072B2", "#B84A00", "#666666"
"""From Okabe and Ito's palette, which colour-blind readers can tell apart; orange and grey are
darker than there, as words are written in them: 4.5 to 1 on white at least (WCAG 2.2, 1.4.3)."""

CHINESE = "memeprobe Chinese"
"""What Matplotlib calls the project's font: under its own name another file of it may be found."""
_P = ParamSpec("_P")


@cache
def _know_font() -> None:
    font_manager.fontManager.ttflist.append(
        font_manager.FontEntry(fname=str(FONT_PATH), name=CHINESE)
    )


def _drawn(draw: Callable[_P, Figure]) -> Callable[_P, str]:
    """Draw in Latin letters as Matplotlib has them and Chinese ones as the project has them."""

    @wraps(draw)
    def drawn(*args: _P.args, **named: _P.kwargs) -> str:
        _know_font()
        # A fixed salt and no date: the same numbers give the same bytes.
        with matplotlib.rc_context(
            {"svg.hashsalt": "memeprobe", "font.family": ["DejaVu Sans", CHINESE]}
        ):
            buffer = io.StringIO()
            draw(*args, **named).savefig(buffer, format="svg", metadata={"Date": None})
        text = buffer.getvalue()
        return text[text.index("<svg") :]

    return drawn


@_drawn
def accuracy_figure(
    rows: Sequence[tuple[tuple[str, ...], Interval]], chance: float | None = None
) -> Figure:
    """Accuracy with its 95 % interval for each (label in each language, accuracy), from top to
    bottom."""
    figure = Figure(figsize=(7, 0.42 * len(rows) + 1.05), layout="constrained")
    axes = figure.subplots()
    for y, (_, share) in enumerate(rows):
        if share.n:
            _point(axes, 100 * share.value, y, 100 * share.low, 100 * share.high)
    if chance is not None:
        axes.axvline(100 * chance, color=GREY, linestyle=":", linewidth=1.2)
        free = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # of the line
        axes.text(
            100 * chance, -0.75, "chance 瞎猜", color=GREY, ha="center", fontsize=8, bbox=free
        )
    axes.set_yticks(range(len(rows)), ["\n".join(label) for label, _ in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.95)
    axes.set_xlim(-2, 102)
    axes.set_xlabel("right answers in percent, with 95 % interval\n正确率（%）及 95 % 区间")
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure


@_drawn
def curve_figure(curve: Sequence[SlotAccuracy], alone: float | None, blind: float | None) -> Figure:
    """Accuracy over the slot in which the decisive frame stands, with 95 % intervals."""
    figure = Figure(figsize=(5.2, 3.2), layout="constrained")
    axes = figure.subplots()
    slots = [point.slot for point in curve]
    values, errors = _bars([point.accuracy for point in curve])
    axes.errorbar(slots, values, errors, color=BLUE, marker="o", capsize=4, linewidth=1.8)
    for level, colour, label in (
        (alone, ORANGE, "decisive frame alone 单独决定性一帧"),
        (blind, GREY, "no picture 无图"),
    ):
        if level is not None:
            axes.axhline(100 * level, color=colour, linestyle="--", linewidth=1.2)
            below = 0 <= values[-1] - 100 * level < 15  # the curve runs where the words would be
            axes.text(
                slots[-1] + 0.42,
                100 * level + (-2 if below else 1.5),
                label,
                color=colour,
                ha="right",
                va="top" if below else "bottom",
                fontsize=8,
            )
    axes.set_xticks(slots)
    axes.set_xlim(slots[0] - 0.4, slots[-1] + 0.45)
    axes.set_ylim(-2, 109)
    axes.set_xlabel("slot of the decisive frame among grey frames\n决定性一帧在灰色帧之间的位置")
    axes.set_ylabel("right answers in percent\n正确率（%）")
    axes.grid(axis="y", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


@_drawn
def influence_figure(influence: Sequence[Influence]) -> Figure:
    """Share of each keyframe in the change of the right answer's log-probability."""
    figure = Figure(figsize=(5.2, 2.8), layout="constrained")
    axes = figure.subplots()
    slots = [one.slot for one in influence]
    values, errors = _bars([one.share for one in influence])
    axes.bar(slots, values, 0.6, yerr=errors, color=BLUE, alpha=0.8, capsize=4)
    axes.axhline(100 / len(slots), color=GREY, linestyle="--", linewidth=1.2)
    axes.text(slots[0] - 0.45, 100 / len(slots) + 1.5, "equal shares 均等", color=GREY, fontsize=8)
    axes.set_xticks(slots)
    axes.set_ylim(0, max(60, max(v + e for v, e in zip(values, errors[1], strict=True)) + 4))
    axes.set_xlabel("keyframe that is replaced by grey\n被换成灰色的关键帧")
    axes.set_ylabel("share of the change, percent\n占总改变的百分比")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _bars(found: Sequence[Interval]) -> tuple[list[float], list[list[float]]]:
    """Values in percent, and how far their intervals reach below and above."""
    below = [100 * (one.value - one.low) for one in found]
    above = [100 * (one.high - one.value) for one in found]
    return [100 * one.value for one in found], [below, above]


def _point(axes: Axes, value: float, y: float, low: float, high: float) -> None:
    axes.plot([low, high], [y, y], color=BLUE, linewidth=2.2, solid_capstyle="butt")
    axes.plot(value, y, "o", color=BLUE, markersize=6)
    axes.text(103, y, f"{value:.0f} %", va="center", fontsize=9)

"""A sweep as one table and one picture in a page of its own."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from memeprobe.report.export_leaderboard import cell, html_table, p_text, page

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's palette."""
AXES = {"k": "keyframes", "side": "pixels on the longer side", "delivery": "delivery"}


def table(found: Mapping[str, Any]) -> tuple[str, list[str], list[list[str]]]:
    """(caption, head, rows): every dose with its figures and differences from the first."""
    head = ["keyframes", "pixels", "delivery", "right", "difference", "p (Holm)"]
    head += ["bias index", "difference", "p (Holm)"]
    rows = []
    for dose in found["doses"]:
        row = [str(dose["k"]), str(dose["side"] or "full"), dose["delivery"]]
        for what in ("accuracy", "index"):
            against = dose[f"{what}_difference"]
            row.append(cell(dose[what], what == "index"))
            row += (
                ["", ""]
                if against is None
                else [cell(against, what == "index"), p_text(against["p_holm"])]
            )
        rows.append(row)
    caption = (
        f"{found['model']} on {found['set']}: percent right and first-frame index with 95 % "
        "interval; differences from the first row that has one, over the items asked of both"
    )
    return caption, head, rows


def groups(found: Mapping[str, Any]) -> tuple[str, list[str], list[list[str]]] | None:
    """The same by groups of items; None where none were asked for."""
    if not found.get("by"):
        return None
    shown = (f"{d['k']} / {d['side'] or 'full'} / {d['delivery']}" for d in found["doses"])
    head = ["group", *shown]
    rows = [[name, *(cell(v, False) for v in values)] for name, values in found["by"].items()]
    return "Percent right by group (keyframes / pixels / delivery)", head, rows


def picture(found: Mapping[str, Any]) -> str:
    """Accuracy and bias index over what varies most, a line for each of the rest; SVG."""
    doses = found["doses"]
    across = max(AXES, key=lambda name: len({d[name] for d in doses}))
    others = [name for name in AXES if name != across]
    ticks = list(dict.fromkeys(d[across] for d in doses))
    if across != "delivery":
        ticks.sort(key=lambda v: float("inf") if v is None else v)
    lines: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for dose in doses:
        lines.setdefault(tuple(dose[name] for name in others), []).append(dose)
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    for axes, what in zip(figure.subplots(1, 2), ("accuracy", "index"), strict=True):
        for i, (fixed, line) in enumerate(lines.items()):
            label = ", ".join("full size" if v is None else str(v) for v in fixed)
            colour = COLOURS[i % len(COLOURS)]
            _line(axes, line, what, [ticks.index(d[across]) for d in line], colour, label)
        axes.set_xticks(range(len(ticks)), ["full" if t is None else str(t) for t in ticks])
        axes.set_xlabel(AXES[across])
        axes.set_ylabel("right, percent" if what == "accuracy" else "first-frame index")
        axes.grid(axis="y", alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False, fontsize=8)
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "memeprobe"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _line(
    axes: Axes,
    line: Sequence[Mapping[str, Any]],
    what: str,
    places: Sequence[int],
    colour: str,
    label: str,
) -> None:
    scale = 100 if what == "accuracy" else 1
    kept = [(x, d[what]) for x, d in sorted(zip(places, line, strict=True), key=lambda p: p[0])]
    kept = [(x, v) for x, v in kept if v["value"] is not None]
    if not kept:
        return
    xs = [x for x, _ in kept]
    values = [scale * v["value"] for _, v in kept]
    errors = [
        [scale * (v["value"] - v["low"]) for _, v in kept],
        [scale * (v["high"] - v["value"]) for _, v in kept],
    ]
    axes.errorbar(xs, values, errors, color=colour, marker="o", capsize=3, label=label)


def html(found: Mapping[str, Any], path: Path) -> None:
    """One self-contained page with picture and tables."""
    body = ["<h1>Dose and form</h1>", picture(found), html_table(*table(found))]
    more = groups(found)
    if more is not None:
        body.append(html_table(*more))
    path.write_text(page("Dose and form", body), encoding="utf-8")

"""Charts as Vega-Lite specifications: they follow the page's theme and say what they show."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from memeprobe.dashboard.ui.texts import Texts
from memeprobe.verdicts.run_result import RunResult

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#888888"
"""Okabe and Ito's palette."""
_PERCENT = {"domain": [0, 103], "nice": False}
_ROOM = {"left": 5, "top": 5, "right": 14, "bottom": 5}
"""Pixels around a chart: half of the last number of an axis stands beyond it."""
_HAS_TWO = "test(/(, |，)/, datum.label)"
_TWO_LINES = "split(replace(datum.label, /(, |，)/, '\\n'), '\\n')"
"""Long names of conditions go on behind their comma: cut off, several would read the same."""


def _rows(
    t: Texts,
    title: str,
    points: Sequence[Mapping[str, Any]],
    scale: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A dot and its interval for each label, one under another, in the order given."""
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {
            "labelLimit": 170,
            "labelFlush": False,
            "labelBound": False,
            "labelOverlap": False,
            "labelFontSize": 11,
            "labelLineHeight": 12,
            "labelExpr": _TWO_LINES,
            "labelOffset": {"condition": {"test": _HAS_TWO, "value": -6}, "value": 0},
        },
    }
    x = {
        "field": "value",
        "type": "quantitative",
        "title": title,
        **({"scale": scale} if scale else {}),
    }
    return {
        "height": 90 + 28 * len(points),
        "padding": _ROOM,
        "data": {"values": points},
        "layer": [
            {
                "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2.5},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "color": BLUE, "size": 80, "opacity": 1},
                "encoding": {"y": y, "x": x, "tooltip": _tips(t)},
            },
        ],
    }


def curve(t: Texts, found: RunResult) -> None:
    """Accuracy over the slot of the decisive frame, with 95 % intervals."""
    points = [_row(str(p.slot), p.accuracy.as_json()) for p in found.curve]
    lines = []
    for name in ("decisive", "blind"):
        tally = found.conditions.get(name)
        if tally is not None and tally.accuracy.n:
            lines.append({"label": t.condition(name), "level": 100 * tally.accuracy.value})
    x = {"field": "label", "type": "ordinal", "title": t("slot"), "axis": {"labelAngle": 0}}
    y = {"field": "value", "type": "quantitative", "title": t("right_percent"), "scale": _PERCENT}
    spec = {
        "height": 340,
        "padding": _ROOM,
        "data": {"values": points},
        "layer": [
            {
                "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": BLUE, "point": {"size": 70, "color": BLUE}},
                "encoding": {"x": x, "y": y, "tooltip": _tips(t)},
            },
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 1.5},
                "encoding": {
                    "y": {"field": "level", "type": "quantitative", "scale": _PERCENT},
                    "color": {
                        "field": "label",
                        "type": "nominal",
                        "title": None,
                        "scale": {"range": [ORANGE, GREY]},
                        "legend": {"orient": "bottom"},
                    },
                },
            },
        ],
    }
    alt = t("curve_alt", points=_said(points))
    st.vega_lite_chart(spec=spec, width="stretch", key=f"curve_{found.record.run}", alt=alt)


def accuracies(t: Texts, found: RunResult) -> None:
    """Accuracy of every condition with its 95 % interval, in the order of asking."""
    points = [
        _row(t.condition(name), tally.accuracy.as_json())
        for name, tally in found.conditions.items()
        if tally.accuracy.n
    ]
    spec = _rows(t, t("right_percent"), points, _PERCENT)
    alt = t("accuracies_alt", points=_said(points))
    st.vega_lite_chart(spec=spec, width="stretch", key=f"accuracies_{found.record.run}", alt=alt)


def _row(label: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": label,
        "value": round(100 * row["value"], 1),
        "low": round(100 * row["low"], 1),
        "high": round(100 * row["high"], 1),
        "n": row["n"],
    }


def _tips(t: Texts) -> list[dict[str, str]]:
    return [
        {"field": "label", "title": t("condition")},
        {"field": "value", "title": t("right_percent")},
        {"field": "low", "title": "95 % ≥"},
        {"field": "high", "title": "95 % ≤"},
        {"field": "n", "title": "n"},
    ]


def _said(points: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{p['label']} {p['value']:.0f} % [{p['low']:.0f}, {p['high']:.0f}]" for p in points
    )


def differences(t: Texts, rows: Sequence[Mapping[str, Any]], key: str) -> None:
    """Difference of two runs by condition, with 95 % intervals around no difference."""
    points_ = [_row(t.condition(r["condition"]), r["difference"]) for r in rows]
    spec = _rows(t, t("difference"), points_)
    spec["layer"].insert(
        0,
        {
            "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 4]},
            "encoding": {"x": {"datum": 0}},
        },
    )
    told = t("compare_alt", points=_said(points_))
    st.vega_lite_chart(spec=spec, width="stretch", key=f"differences_{key}", alt=told)


def points(row: Mapping[str, Any]) -> str:
    """'+12.5 [3.1, 21.9]', in percentage points."""
    if row["value"] is None:
        return "–"
    return f"{100 * row['value']:+z.1f} [{100 * row['low']:z.1f}, {100 * row['high']:z.1f}]"

"""Many models on the same items: figures with intervals, differences, ranks with uncertainty."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from memeprobe import stats
from memeprobe.comparison.figures import Figure, difference, known
from memeprobe.comparison.runs import CompareError, same_items
from memeprobe.measures import Table
from memeprobe.stats import Interval
from memeprobe.store.rows import RunRecord
from memeprobe.store.store import Store

ALPHA = 0.05


def leaderboard(
    store: Store, runs: Sequence[str], figures: Sequence[str] | None = None
) -> dict[str, Any]:
    """Every figure of every run, and every pair of runs compared.

    Ranks: with M models, a model that is surely worse than b of them and surely better than w has
    a rank from 1 + b to M - w (Klein, Wright and Wieczorek 2020, "A joint confidence set for an
    overall ranking of populations"); sure at 5 %, Holm-adjusted over all pairs of a figure.
    Raises CompareError: fewer than two runs, or not the same items in one language.
    """
    found = same_items([store.run(name) for name in runs])
    tables = {info.run: Table.of(store.outcomes(info.run)) for info in found}
    columns = {
        name: _column(figure, tables)
        for name, figure in known(figures).items()
        if sum(figure.of(t).n > 0 for t in tables.values()) > 1
    }
    if not columns:
        raise CompareError("the runs share no figure: ask the same conditions of every model")
    return {
        "set": found[0].set,
        "language": found[0].language,
        "models": [_named(info) for info in found],
        "figures": columns,
    }


def _named(info: RunRecord) -> dict[str, Any]:
    return {name: getattr(info, name) for name in ("run", "model", "revision", "delivery", "k")}


def _column(figure: Figure, tables: Mapping[str, Table]) -> dict[str, Any]:
    """One figure: value and ranks of each run, and the difference of each pair."""
    values = {run: figure.of(table) for run, table in tables.items()}
    asked = [run for run, value in values.items() if value.n]
    differences, adjusted = _pairs(figure, asked, tables, float)
    ranking = adjusted
    if figure.better == "zero":  # ranked by size: indices of either sign can be as large
        ranking = _pairs(figure, asked, tables, abs)[1]
    better = {pair: _better(figure, pair, values) for pair, p in ranking.items() if p < ALPHA}
    merits = {run: figure.merit(values[run].value) for run in asked}
    cells = {}
    for run in asked:
        above = sum(run in pair and winner != run for pair, winner in better.items())
        below = sum(run in pair and winner == run for pair, winner in better.items())
        cells[run] = {
            **values[run].as_json(),
            "rank": 1 + sum(other > merits[run] for other in merits.values()),
            "rank_low": 1 + above,
            "rank_high": len(asked) - below,
        }
    return {
        "better": figure.better,
        "index": figure.index,
        "cells": cells,
        "differences": [
            {
                "first": a,
                "second": b,
                **d.as_json(),
                "p_holm": stats.number(adjusted[a, b], 6),
            }
            for (a, b), d in differences.items()
        ],
    }


def _pairs(
    figure: Figure,
    asked: Sequence[str],
    tables: Mapping[str, Table],
    of: Callable[[float], float],
) -> tuple[dict[tuple[str, str], Interval], dict[tuple[str, str], float]]:
    """The difference of every pair that has one, and its Holm-adjusted p."""
    pairs = {
        (a, b): difference(figure, tables[a], tables[b], of) for a, b in combinations(asked, 2)
    }
    differences = {pair: d for pair, d in pairs.items() if d.n}
    adjusted = stats.holm([1.0 if d.p is None else d.p for d in differences.values()])
    return differences, dict(zip(differences, adjusted, strict=True))


def _better(figure: Figure, pair: tuple[str, str], values: Mapping[str, Interval]) -> str:
    """The run of a pair that surely differs which is the better one."""
    return max(pair, key=lambda run: figure.merit(values[run].value))

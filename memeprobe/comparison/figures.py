"""The figures that models are ranked by, and the jackknife that compares any of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from memeprobe import measures, stats
from memeprobe.measures import Table
from memeprobe.stats import NAN, NOTHING, Interval

GROUPS = 20
"""Groups of clusters that are left out in turn, at most: more cost time and change little."""


@dataclass(frozen=True)
class Figure:
    """One column of the leaderboard."""

    of: Callable[[Table], Interval]
    """From a run's rows; NOTHING where they do not allow it."""
    better: str
    """'high', 'low', or 'zero' (the nearer to 0 the better)."""
    index: bool = False
    """Whether it is an index, written as it is, or a share, written in percent."""

    def merit(self, value: float) -> float:
        """Larger is better."""
        return {"high": value, "low": -value, "zero": -abs(value)}[self.better]


def _accuracy(condition: str) -> Callable[[Table], Interval]:
    return lambda table: measures.accuracy(table, condition)


def _index(estimator: str) -> Callable[[Table], Interval]:
    def found(table: Table) -> Interval:
        for one in measures.estimates(table):
            if (one.estimator, one.place) == (estimator, "first"):
                return one.index
        return NOTHING

    return found


FIGURES: dict[str, Figure] = {
    "keyframes": Figure(_accuracy("keyframes"), "high"),
    "picture": Figure(_accuracy("picture"), "high"),
    "as_is": Figure(_accuracy("as_is"), "high"),
    "lure_rate": Figure(measures.lure_rate, "low"),
    "bias_other_clips": Figure(_index("other_clips"), "zero", index=True),
    "bias_own_lures": Figure(_index("own_lures"), "zero", index=True),
    "bias_grey": Figure(_index("grey"), "zero", index=True),
    "reading_gain": Figure(lambda t: measures.gain(t, "as_is", "erased"), "high"),
    "prompt_copying": Figure(measures.copying, "low"),
}
"""Name -> figure; its words in both languages stand in ``memeprobe.messages.labels.FIGURES``."""


def difference(
    figure: Figure, first: Table, second: Table, of: Callable[[float], float] = float
) -> Interval:
    """Second minus first with 95 % limits and p, over the items asked of both.

    ``of`` is taken of both values first (``abs``: which index is nearer to 0).

    Delete-a-group jackknife (Kott 2001, "The delete-a-group jackknife"): whole clusters are dealt
    to groups in turn, the same for both models, and each group is left out of both at once, so
    what the models share cancels. Student's t with groups - 1 degrees of freedom.
    """
    one, two = shared(first, second)
    values = figure.of(one), figure.of(two)
    if not values[0].n or not values[1].n:
        return NOTHING
    parts = _groups(one)
    value = of(values[1].value) - of(values[0].value)
    left_out = []
    for part in parts:
        rest = [figure.of(without(table, part)) for table in (one, two)]
        left_out.append(of(rest[1].value) - of(rest[0].value) if all(r.n for r in rest) else NAN)
    changes = np.array(left_out)
    if len(parts) < 2 or not np.isfinite(changes).all():
        return NOTHING
    count = len(parts)
    error = math.sqrt((count - 1) / count * float(np.square(changes - changes.mean()).sum()))
    n = min(v.n for v in values)
    # Models that never differ on a few items are not known to be the same: never less than the
    # adjusted Wald interval of so many differences of 0.
    half = max(float(student.ppf(0.975, count - 1)) * error, stats.mean([0.0] * n).high)
    p = 1.0 if error == 0 and value == 0 else 0.0
    if error > 0:
        p = float(2 * student.sf(abs(value) / error, count - 1))
    return Interval(value, value - half, value + half, n, p)


def shared(first: Table, second: Table) -> tuple[Table, Table]:
    """Both tables with the (condition, item) pairs only that stand in both."""

    def kept(table: Table, other: Table) -> Table:
        return Table(
            {
                c: {i: r for i, r in rows.items() if i in other.rows[c]}
                for c, rows in table.rows.items()
                if c in other.rows
            }
        )

    return kept(first, second), kept(second, first)


def _groups(table: Table) -> list[frozenset[str]]:
    """Clusters dealt to at most ``GROUPS`` groups, in the order of the set."""
    names = list(dict.fromkeys(r.cluster for rows in table.rows.values() for r in rows.values()))
    count = min(GROUPS, len(names))
    return [frozenset(names[i::count]) for i in range(count)]


def without(table: Table, clusters: frozenset[str]) -> Table:
    """The table without the items of these clusters."""
    return Table(
        {
            c: {i: r for i, r in rows.items() if r.cluster not in clusters}
            for c, rows in table.rows.items()
        }
    )


def known(figures: Sequence[str] | None) -> dict[str, Figure]:
    """The figures of these names; all of them for None."""
    return FIGURES if figures is None else {name: FIGURES[name] for name in figures}

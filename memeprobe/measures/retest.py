"""The model's own inconsistency, and change beyond it.

The same pictures are asked again in other words. An answer that then changes shows what a change
between two conditions is worth: a model that answers a fifth of all questions at random "changes"
a third of its answers whatever is done to the pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from memeprobe import stats
from memeprobe.measures.ratio import ratio
from memeprobe.measures.table import Table, clusters
from memeprobe.stats import NOTHING, Interval
from memeprobe.store.rows import TrialRow

KEYFRAMES = ("keyframes", "keyframes_again", "keyframes_thrice")
LAST = ("last", "last_again")
"""Conditions that show the same pictures and ask in other words."""
FIRST_ALONE = ("first_repeated", "first_then_other")
"""The first keyframe, and nothing of the later ones."""

Keep = Callable[[TrialRow], bool]


def retests(table: Table) -> list[tuple[str, str]]:
    """The pairs of conditions that were asked and differ in nothing but their words."""
    return [
        pair
        for group in (KEYFRAMES, LAST)
        for pair in combinations([c for c in group if table.answered(c)], 2)
    ]


def inconsistency(table: Table) -> Interval:
    """Share of answers that change when the same pictures are asked about in other words."""
    pairs = [
        (a, b)
        for one, other in retests(table)
        for a, b in table.together((one, other), lambda r: r.chosen is not None)
    ]
    return stats.share([a.chosen != b.chosen for a, b in pairs], clusters([a for a, _ in pairs]))


def changed_beyond(
    table: Table,
    these: Sequence[str],
    those: Sequence[str],
    keep: Keep = lambda row: True,
    level: float = 0.95,
) -> Interval:
    """Share of settled answers that differ between two groups of conditions, without noise.

    If an answer is settled in a share s^2 of the pairs of trials and random in one of the two
    otherwise, two looks at the same pictures agree in s^2 + (1 - s^2) / m of the items (m options),
    and two conditions whose settled answers are the same in a share q in q s^2 + (1 - s^2) / m. So
    1 - q = (agreement on the same pictures - agreement between the groups) (1 - 1/m) / (agreement
    on the same pictures - 1/m): Spearman's correction for attenuation, for answers. Items that are
    no control.
    NOTHING without a repeat, or for a model that hardly ever agrees with itself.
    """

    def settled(row: TrialRow) -> bool:
        return not row.control and row.chosen is not None and keep(row)

    again = _agreement(table, retests(table), settled)
    between = _agreement(
        table, [(a, b) for a in these for b in those if table.rows.get(a)], settled
    )
    both = [i for i in between if i in again]
    rows = {r.item: r for c in (*these, *those) for r in table.answered(c, settled)}
    top = {i: again[i] - between[i] for i in both}
    chance = {i: 1 / max(2, len(rows[i].options)) for i in both}
    bottom = {i: (again[i] - chance[i]) / (1 - chance[i]) for i in both}
    return ratio(top, bottom, {i: rows[i].cluster for i in both}, level) if both else NOTHING


def as_share(found: Interval) -> Interval:
    """What an estimate without bounds says of a share: of its interval, what a share can be."""
    if not found.n:
        return found
    value, low, high = (min(1.0, max(0.0, v)) for v in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def _agreement(table: Table, pairs: Sequence[tuple[str, str]], keep: Keep) -> dict[str, float]:
    """Item -> share of the pairs of conditions, of those answered, that chose the same option."""
    found: dict[str, list[bool]] = {}
    for one, other in pairs:
        for a, b in table.together((one, other), keep):
            found.setdefault(a.item, []).append(a.chosen == b.chosen)
    return {item: sum(same) / len(same) for item, same in found.items()}

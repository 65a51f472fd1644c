"""Which place in the sequence decides, and how surely: judged on the bias index's estimators.

The position curve among grey frames cannot tell a model that skips pictures which show nothing from
one that looks at every frame. The other estimators can: other clips' frames, the clip's own
misleading frames, and the whole clip shown in order and reversed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from memeprobe import measures, stats
from memeprobe.measures import Estimate, Table
from memeprobe.verdicts.common import BEYOND_DOUBT, FLAT_MARGIN, SURE

TOTAL, STRONG = 0.70, 0.30
"""Lower limits of the index from which on a bias is called so; below them it is slight."""
ALONE = 0.95
"""The index of a place that alone decides may be at least so high."""
ONE_SIDED = ("own_lures", "swap")
"""Estimators in which counting the last place more is right where a question is about the end."""
BESIDE = "replacement"
"""The estimator that decides nothing alone: see ``measures.estimates``."""
POWER = 0.8
FEWEST = 20
"""Items on which an estimator must rest to name a place: fewer do not tell its error."""


@dataclass(frozen=True)
class Leaning:
    """A place that surely counts more than the others."""

    place: str
    """'first', 'last', 'middle' or 'ends'."""
    grade: str
    """'total', 'strong' or 'slight'."""
    estimate: Estimate


def deciding(found: Sequence[Estimate]) -> list[Estimate]:
    """The estimates that a verdict may rest on."""
    return [e for e in found if e.estimator != BESIDE]


def leaning(table: Table, found: Sequence[Estimate]) -> Leaning | None:
    """The place that counts more, if one surely does; None = none is sure.

    An index is a finding where it surely exceeds the margin within which places are called equal
    (minimum-effect test, Murphy and Myors 1999: the mirror of the test of equivalence, so that both
    cannot hold), or where it is above 0 beyond doubt, however small. Holm over all estimators and
    places in either way.
    """
    rested = deciding(found)
    beyond = stats.holm([_p_beyond(e) for e in rested])
    above = stats.holm([1.0 if e.index.p is None else e.index.p for e in rested])
    named = [
        (e, place)
        for e, large, real in zip(rested, beyond, above, strict=True)
        if e.index.n >= FEWEST
        and e.index.low > 0
        and real < SURE
        and (large < SURE or real < BEYOND_DOUBT)
        if (place := _stands_out(table, e)) is not None
    ]
    if not named:
        return None
    strongest, place = max(named, key=lambda one: one[0].index.value)
    return Leaning(place, grade(strongest), strongest)


def _p_beyond(estimate: Estimate) -> float:
    """One-sided p-value that the index is no larger than the margin."""
    return 1 - NormalDist().cdf((estimate.index.value - FLAT_MARGIN) / _error(estimate))


def _stands_out(table: Table, estimate: Estimate) -> str | None:
    """The place by which an estimator's curve is to be called: what is above the mean of the other
    slots may still not be above each of them.

    Order against reversal cannot tell the first slot from the second, there a curve must; and among
    real frames not every slot is asked, so where the slots among grey frames surely differ, the
    place must stand out there too.
    """
    place: str | None = estimate.place
    if estimate.estimator == "swap":
        asked = [n for n in measures.CURVES if measures.over_others(table, n, "first").n]
        if asked and not any(_above_each(table, name, "first") for name in asked):
            return None
    elif estimate.estimator not in ONE_SIDED and place != "middle":
        both = measures.over_others(table, estimate.estimator, "ends")
        if both.n and both.low > 0 and (both.p or 0) < BEYOND_DOUBT:
            place = "ends"
    if place != "ends" and estimate.estimator != "swap":
        place = estimate.place if _above_each(table, estimate.estimator, estimate.place) else None
    if place is None or estimate.estimator == "grey":
        return place
    grey = measures.curve(table)
    if grey is None or stats.cochran(grey.right, grey.clusters)[1] >= SURE:
        return place
    return place if _above_each(table, "grey", place) else None


def _above_each(table: Table, estimator: str, place: str) -> bool:
    over = measures.over_others(table, estimator, place)
    return over.n > 0 and over.low > 0 and (over.p or 0.0) < SURE


def grade(estimate: Estimate) -> str:
    """How much of the decision the place surely holds."""
    low = estimate.index.low
    return "total" if low >= TOTAL else "strong" if low >= STRONG else "slight"


def surely_none(found: Sequence[Estimate]) -> bool:
    """Whether every estimator shows that no place counts more, to within the margin.

    Two one-sided tests at 5 % for each (its 90 % interval); at least one must rest on real frames.
    """
    rested = deciding(found)
    return any(e.estimator != "grey" for e in rested) and all(
        e.narrow.high < FLAT_MARGIN and (e.estimator in ONE_SIDED or e.narrow.low > -FLAT_MARGIN)
        for e in rested
    )


def bound(found: Sequence[Estimate]) -> float:
    """The largest index that the estimators do not rule out (90 % limits); NaN without any."""
    limits = [
        e.narrow.high if e.estimator in ONE_SIDED else max(e.narrow.high, -e.narrow.low)
        for e in deciding(found)
    ]
    return max(limits, default=stats.NAN)


def detectable(found: Sequence[Estimate]) -> float:
    """The smallest index that would have been found with 80 % power by the least sharp estimator
    of the first place, in either way of ``leaning``; NaN without any."""
    rested = deciding(found)
    if not rested:
        return stats.NAN
    z = NormalDist().inv_cdf
    large = z(1 - SURE / len(rested)) + z(POWER)
    real = z(1 - BEYOND_DOUBT / len(rested) / 2) + z(POWER)
    return max(
        min(FLAT_MARGIN + large * _error(e), real * _error(e)) for e in rested if e.place == "first"
    )


def needed(found: Sequence[Estimate]) -> int:
    """Items to show by every estimator that no place counts more (90 % power, true index 0; where
    only one side counts, an index below 0 stays where it is)."""
    z = 2 * NormalDist().inv_cdf(0.95)
    return max(
        (round(e.index.n * (z * _error(e) / _room(e)) ** 2) for e in deciding(found)), default=0
    )


def _room(estimate: Estimate) -> float:
    """How far the index may be off until it reaches the margin."""
    below = -estimate.index.value if estimate.estimator in ONE_SIDED else 0.0
    return FLAT_MARGIN + max(0.0, below)


def _error(estimate: Estimate) -> float:
    """Standard error of the index, from its 90 % limits."""
    narrow = estimate.narrow
    return (narrow.high - narrow.low) / 2 / NormalDist().inv_cdf(0.95)

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
from memeprobe.verdicts.common import FLAT_MARGIN, SURE

TOTAL, STRONG = 0.70, 0.30
"""Lower limits of the index from which on a bias is called so; below them it is slight."""
ALONE = 0.95
"""The index of a place that alone decides may be at least so high."""
ONE_SIDED = ("own_lures", "swap")
"""Estimators in which counting the last place more is right where a question is about the end."""
BESIDE = "replacement"
"""The estimator that decides nothing alone: see ``measures.estimates``."""
POWER = 0.8


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
    """The place that counts more, if one surely does; None = none is sure."""
    rested = deciding(found)
    adjusted = stats.holm([1.0 if e.index.p is None else e.index.p for e in rested])
    sure = [e for e, p in zip(rested, adjusted, strict=True) if p < SURE and e.index.low > 0]
    named = [(e, place) for e in sure if (place := _stands_out(table, e)) is not None]
    if not named:
        return None
    strongest, place = max(named, key=lambda one: one[0].index.value)
    return Leaning(place, grade(strongest), strongest)


def _stands_out(table: Table, estimate: Estimate) -> str | None:
    """The place by which an estimator's curve is to be called: what is above the mean of the other
    slots may still not be above each of them."""
    if estimate.estimator in ONE_SIDED:
        return estimate.place
    if estimate.place != "middle":
        both = measures.over_others(table, estimate.estimator, "ends")
        if both.n and both.low > 0 and (both.p or 0) < SURE:
            return "ends"
    over = measures.over_others(table, estimate.estimator, estimate.place)
    return estimate.place if over.n and over.low > 0 else None


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
    of the first place (level ``SURE``, shared by all estimators); NaN without any."""
    rested = deciding(found)
    if not rested:
        return stats.NAN
    z = NormalDist().inv_cdf(1 - SURE / len(rested) / 2) + NormalDist().inv_cdf(POWER)
    return max(z * _error(e) for e in rested if e.place == "first")


def needed(found: Sequence[Estimate]) -> int:
    """Items to show by every estimator that no place counts more (90 % power, true index 0)."""
    z = 2 * NormalDist().inv_cdf(0.95)
    return max((round(e.index.n * (z * _error(e) / FLAT_MARGIN) ** 2) for e in found), default=0)


def _error(estimate: Estimate) -> float:
    """Standard error of the index, from its 90 % limits."""
    narrow = estimate.narrow
    return (narrow.high - narrow.low) / 2 / NormalDist().inv_cdf(0.95)

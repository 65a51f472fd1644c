"""Which place in the sequence decides, by the bias index among real frames.

The position curve among grey frames cannot tell a model that skips pictures which show nothing from
one that looks at every frame. The other estimators can: other clips' frames, the clip's own
misleading frames, and the whole clip shown in order and reversed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from memeprobe import stats
from memeprobe.measures import Estimate
from memeprobe.verdicts.common import FLAT_MARGIN

SURE = 0.01
"""Holm-adjusted over every estimator and place: 95 % intervals of so many would err too often."""
TOTAL, STRONG = 0.70, 0.30
"""Lower limits of the index from which on a bias is called so; below them it is slight."""
ONE_SIDED = ("own_lures", "swap")
"""Estimators in which counting the last place more is right where a question is about the end."""


@dataclass(frozen=True)
class Leaning:
    """A place that surely counts more than the others."""

    place: str
    """'first', 'last', 'middle' or 'ends'."""
    grade: str
    """'total', 'strong' or 'slight'."""
    estimate: Estimate


def leaning(found: Sequence[Estimate]) -> Leaning | None:
    """The place that counts more, if any surely does among real frames; None = none is sure."""
    adjusted = stats.holm([1.0 if e.index.p is None else e.index.p for e in found])
    sure = [
        e
        for e, p in zip(found, adjusted, strict=True)
        if e.estimator != "grey" and p < SURE and e.index.low > 0 and e.index.value >= FLAT_MARGIN
    ]
    if not sure:
        return None
    strongest = max(sure, key=lambda e: e.index.value)
    places = {e.place for e in sure if e.estimator == "other_clips"}
    place = "ends" if {"first", "last"} <= places else strongest.place
    return Leaning(place, grade(strongest), strongest)


def grade(estimate: Estimate) -> str:
    """How much of the decision the place surely holds."""
    low = estimate.index.low
    return "total" if low >= TOTAL else "strong" if low >= STRONG else "slight"


def surely_none(found: Sequence[Estimate]) -> bool:
    """Whether every estimator shows that no place counts more, to within the margin.

    Two one-sided tests at 5 % for each (its 90 % interval); at least one must rest on real frames.
    """
    real = [e for e in found if e.estimator != "grey"]
    return bool(real) and all(
        e.narrow.high < FLAT_MARGIN and (e.estimator in ONE_SIDED or e.narrow.low > -FLAT_MARGIN)
        for e in real
    )

"""Tests: McNemar and its clustered form, Cochran's Q, equivalence, Holm."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import cochrans_q

from memeprobe.stats.core import NAN, RESAMPLES, Interval, codes
from memeprobe.stats.intervals import mean, padded

FEWEST_CELLS = 24
"""Below so many cells (items that vary times slots) Cochran's chi-square is not to be trusted
(Tate and Brown 1970); the p-value then comes from permutations."""


def tested(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | None = None
) -> Interval:
    """95 % ``mean`` of paired differences in [-1, 1] together with its ``sign_flip`` p-value."""
    found = mean(values, clusters)
    return Interval(found.value, found.low, found.high, found.n, sign_flip(values, clusters))


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided p-value of McNemar's exact test (McNemar 1947): items right only after, and only
    before. Without any such item 1."""
    if min(gained, lost) < 0:
        raise ValueError(f"counts of items cannot be {gained} and {lost}")
    if gained + lost == 0:
        return 1.0
    return float(scipy_stats.binomtest(gained, gained + lost, 0.5).pvalue)


def sign_flip(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | None = None
) -> float:
    """Two-sided p-value of the exact sign-flip test of a zero mean, flipping whole clusters.

    For 0/1 answers of items that stand alone this is McNemar's exact test: the flips of the
    discordant pairs are the binomial. The distribution of the sum is built by convolution, exact
    for sums on a grid of 1/5040 (all fractions with denominators up to 10).
    """
    data = np.asarray(values, float)
    sums = np.bincount(codes(clusters, len(data))[0], data) if len(data) else data
    scaled = [round(abs(float(s)) * 5040) for s in sums if abs(s) > 1e-9]
    if not scaled:
        return 1.0
    unit = math.gcd(*scaled)
    steps = [s // unit for s in scaled]
    if sum(steps) > 2_000_000:
        raise ValueError("the values lie on no common grid; the exact sign-flip test needs one")
    chances = np.ones(1)
    for step in steps:
        wider = np.zeros(len(chances) + 2 * step)
        wider[: len(chances)] += chances / 2
        wider[2 * step :] += chances / 2
        chances = wider
    offsets = np.abs(np.arange(len(chances)) - sum(steps))
    observed = round(abs(float(sums.sum())) * 5040 / unit)
    return float(min(1.0, chances[offsets >= observed].sum()))


def cochran(
    table: np.ndarray, clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> tuple[float, float]:
    """Cochran's Q (1950) over a 0/1 table (items, slots): do the slots differ? Returns (Q, p).

    Q is the right statistic for the curve because the same items are asked in every slot; under
    the null hypothesis the slots of an item are exchangeable. The chi-square counts items as
    independent and needs many of them: with clusters of several items, or few that vary, the
    p-value comes from permuting the slots of whole clusters instead, which is exact up to the
    number of permutations. No variation gives (0, 1).
    """
    if table.ndim != 2 or table.shape[1] < 2 or len(table) == 0:
        return 0.0, 1.0
    varied = table[(table.min(axis=1) != table.max(axis=1))]
    if len(varied) == 0:
        return 0.0, 1.0
    places, count = codes(clusters, len(table))
    found = cochrans_q(varied)
    if count == len(table) and varied.size >= FEWEST_CELLS:
        return float(found.statistic), float(found.pvalue)
    rng = np.random.default_rng(seed)
    sums = np.array([np.bincount(places, column) for column in table.T]).T
    sums = sums[sums.min(axis=1) != sums.max(axis=1)]
    if len(sums) == 0:
        return float(found.statistic), 1.0
    copies = np.broadcast_to(sums, (RESAMPLES, *sums.shape))
    shuffled = rng.permuted(copies, axis=2).sum(axis=1)
    # Q depends on the column totals only through their sum of squares.
    extreme = np.square(shuffled).sum(axis=1) >= np.square(sums.sum(axis=0)).sum() - 1e-9
    return float(found.statistic), float((extreme.sum() + 1) / (RESAMPLES + 1))


@dataclass(frozen=True)
class Equivalence:
    """Whether a mean is shown to lie within a margin of 0."""

    interval: Interval
    """With its 90 % limits."""
    margin: float
    p: float
    """The larger of the two one-sided p-values; NaN for the bootstrap, which has none."""

    @property
    def shown(self) -> bool:
        """Whether both one-sided tests reject at 5 %: the 90 % interval lies inside the margin."""
        inside = -self.margin < self.interval.low and self.interval.high < self.margin
        return bool(self.interval.n) and inside


def equivalence(
    values: Sequence[float] | np.ndarray, margin: float, clusters: Sequence[Hashable] | None = None
) -> Equivalence:
    """Two one-sided tests (Schuirmann 1987) that the mean lies within +-``margin``, each at 5 %.

    Carried out by the 90 % interval of ``mean``, which is the same decision (Westlake 1981).
    """
    if margin <= 0:
        raise ValueError(f"a margin of equivalence must be above 0, got {margin}")
    found = mean(values, clusters, level=0.90)
    data = np.asarray(values, float)
    places, count = codes(clusters, len(data))
    if not len(data) or count < len(data):
        return Equivalence(found, margin, NAN)
    centre, error = padded(data, places)
    above = NormalDist().cdf(-(centre + margin) / error)
    below = NormalDist().cdf(-(margin - centre) / error)
    return Equivalence(found, margin, max(above, below))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given."""
    # statsmodels has it too, but collects garbage at every call, which takes longer than the rest.
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted

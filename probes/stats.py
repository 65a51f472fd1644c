"""Statistics of the probes: numbers in, numbers out; every formula with its source.

Nothing here knows of memes or models. Values that cannot be computed (no items) are NaN, never
a number that looks measured.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.proportion import proportion_confint

NAN = float("nan")
RESAMPLES = 2000
"""Bootstrap resamples and permutations."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval. NaN where there is nothing to estimate from."""

    value: float
    low: float
    high: float
    n: int
    """Items behind the estimate (items, not clusters)."""
    p: float | None = None
    """Two-sided p-value against 0, where the measure has one."""

    def __post_init__(self) -> None:
        if self.n < 0:
            raise ValueError(f"an interval cannot stand on {self.n} items")
        if self.n and not self.low - 1e-9 <= self.value <= self.high + 1e-9:
            raise ValueError(f"{self.value} lies outside its interval [{self.low}, {self.high}]")

    def as_json(self) -> dict[str, Any]:
        """Plain numbers, rounded to 4 decimals; NaN becomes None (JSON has no NaN)."""
        found: dict[str, Any] = {
            "value": number(self.value),
            "low": number(self.low),
            "high": number(self.high),
            "n": self.n,
        }
        if self.p is not None:
            found["p"] = number(self.p, 6)
        return found


NOTHING = Interval(NAN, NAN, NAN, 0)


def number(value: float | None, digits: int = 4) -> float | None:
    """``value`` rounded, or None where it is no finite number."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Share ``successes / n`` with the score interval (Wilson 1927; Brown, Cai, DasGupta 2001)."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} are impossible")
    if n == 0:
        return NOTHING
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    return _around(successes / n, float(low), float(high), n, (0.0, 1.0))


def share(
    flags: Sequence[bool], clusters: Sequence[Hashable] | None = None, level: float = 0.95
) -> Interval:
    """Share of true ``flags``: Wilson, or the cluster bootstrap where clusters have several items.

    Without any variation the bootstrap cannot speak; then Wilson on the number of clusters.
    """
    values = np.asarray(flags, float)
    codes, count = _codes(clusters, len(values))
    if count == len(values):
        return wilson(int(values.sum()), len(values), level)
    limits = _bootstrap(values, codes, level)
    if limits is None:
        narrow = wilson(round(float(values.mean()) * count), count, level)
        limits = narrow.low, narrow.high
    return _around(float(values.mean()), *limits, len(values), (0.0, 1.0))


def mean(
    values: Sequence[float] | np.ndarray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
    bounds: tuple[float, float] = (-1.0, 1.0),
) -> Interval:
    """Mean of ``values``, each within ``bounds``: paired differences, error rates.

    Items that stand alone: the adjusted Wald interval of Bonett and Price (2012, "Adjusted Wald
    confidence interval for a difference of binomial proportions based on paired data"), that is
    one pseudo-item at either bound; so an interval never has width 0 and few items never look
    certain. Clusters of several items: bootstrap of whole clusters, BCa (Efron 1987).
    """
    data = np.asarray(values, float)
    if len(data) == 0:
        return NOTHING
    codes, count = _codes(clusters, len(data))
    limits = None if count == len(data) else _bootstrap(data, codes, level)
    if limits is None:
        padded = np.append(np.bincount(codes, data) / np.bincount(codes), bounds)
        centre, error = padded.mean(), padded.std() / math.sqrt(len(padded))
        z = NormalDist().inv_cdf(0.5 + level / 2)
        limits = float(centre - z * error), float(centre + z * error)
    return _around(float(data.mean()), *limits, len(data), bounds)


def tested(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | None = None
) -> Interval:
    """95 % ``mean`` of paired differences in [-1, 1] together with its ``sign_flip`` p-value."""
    found = mean(values, clusters)
    return Interval(found.value, found.low, found.high, found.n, sign_flip(values, clusters))


def sign_flip(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | None = None
) -> float:
    """Two-sided p-value of the exact sign-flip test of a zero mean, flipping whole clusters.

    For 0/1 answers of items that stand alone this is McNemar's exact test (McNemar 1947; the
    flips of the discordant pairs are the binomial). The distribution of the sum is built by
    convolution, exact for sums on a grid of 1/5040 (all fractions with denominators up to 10).
    """
    data = np.asarray(values, float)
    sums = np.bincount(_codes(clusters, len(data))[0], data) if len(data) else data
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

    With clusters of several items the chi-square would count them as independent; there the
    p-value comes from permuting the slots of whole clusters. No variation gives (0, 1).
    """
    if table.ndim != 2 or table.shape[1] < 2 or len(table) == 0:
        return 0.0, 1.0
    varied = table[(table.min(axis=1) != table.max(axis=1))]
    if len(varied) == 0:
        return 0.0, 1.0
    codes, count = _codes(clusters, len(table))
    found = cochrans_q(varied)
    if count == len(table):
        return float(found.statistic), float(found.pvalue)
    rng = np.random.default_rng(seed)
    sums = np.array([np.bincount(codes, column) for column in table.T]).T
    shuffled = [rng.permuted(sums, axis=1).sum(axis=0) for _ in range(RESAMPLES)]
    # Q depends on the column totals only through their sum of squares.
    extreme = np.square(shuffled).sum(axis=1) >= np.square(sums.sum(axis=0)).sum() - 1e-9
    return float(found.statistic), float((extreme.sum() + 1) / (RESAMPLES + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given."""
    # statsmodels has it too, but collects garbage at every call, which takes longer than the rest.
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted


def items_for_equivalence(
    values: Sequence[float] | np.ndarray,
    margin: float,
    clusters: Sequence[Hashable] | None = None,
    power: float = 0.9,
) -> int:
    """Items like these needed to show by two one-sided tests that the mean is within a ``margin``.

    n = ((z_95 + z_(1+power)/2) sd / margin)^2 clusters for a true mean of 0 (Chow, Shao, Wang
    2008, section 3.1), with the sd of the cluster means, times the items a cluster has; and never
    fewer than the adjusted Wald interval of ``mean`` asks of a spotless subject. 0 without values.
    """
    data = np.asarray(values, float)
    if not len(data):
        return 0
    codes, count = _codes(clusters, len(data))
    deviation = float((np.bincount(codes, data) / np.bincount(codes)).std())
    z95, zp = map(NormalDist().inv_cdf, (0.95, (1 + power) / 2))
    spotless = z95 * math.sqrt(2) / margin - 2
    needed = max(((z95 + zp) * deviation / margin) ** 2, spotless, 1)
    return math.ceil(needed * len(data) / count)


def _codes(clusters: Sequence[Hashable] | None, n: int) -> tuple[np.ndarray, int]:
    """The cluster of each item as a number from 0, and how many clusters there are."""
    if clusters is None:
        return np.arange(n), n
    if len(clusters) != n:
        raise ValueError(f"{n} values need {n} cluster names, got {len(clusters)}")
    numbers: dict[Hashable, int] = {}
    codes = np.array([numbers.setdefault(name, len(numbers)) for name in clusters], int)
    return codes, len(numbers)


def _bootstrap(values: np.ndarray, codes: np.ndarray, level: float) -> tuple[float, float] | None:
    """BCa limits of the mean over items, resampling clusters; None where nothing varies."""
    sums, sizes = np.bincount(codes, values), np.bincount(codes).astype(float)
    if len(sums) < 3 or np.ptp(sums / sizes) < 1e-12:
        return None
    found = scipy_stats.bootstrap(
        (sums, sizes),
        lambda s, n, axis: s.sum(axis=axis) / n.sum(axis=axis),
        n_resamples=RESAMPLES,
        paired=True,
        vectorized=True,
        confidence_level=level,
        method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return (float(found.low), float(found.high)) if np.isfinite(found).all() else None


def _around(value: float, low: float, high: float, n: int, bounds: tuple[float, float]) -> Interval:
    """An interval kept within ``bounds`` that holds its own estimate."""
    return Interval(value, max(bounds[0], min(low, value)), min(bounds[1], max(high, value)), n)

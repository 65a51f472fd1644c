"""Shares and means with their intervals."""

import math
from collections.abc import Hashable, Sequence
from statistics import NormalDist

import numpy as np
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from memeprobe.stats.core import NOTHING, Interval, around, checked, cluster_means, codes
from memeprobe.stats.resample import bootstrap

MANY = 60
"""From so many clusters on the bootstrap stands alone (benchmarks/coverage.py)."""


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Share ``successes / n`` with the score interval (Wilson 1927; Brown, Cai, DasGupta 2001)."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} are impossible")
    if n == 0:
        return NOTHING
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    return around(successes / n, float(low), float(high), n, (0.0, 1.0))


def share(
    flags: Sequence[bool] | np.ndarray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Interval:
    """Share of true ``flags``: Wilson; where clusters have several items, ``_clustered``.

    Where clusters do not vary: Wilson on as many items as there are clusters, the most that
    clusters whose items agree can be worth.
    """
    values = checked(flags, "share")
    places, count = codes(clusters, len(values))
    if count == len(values):
        return wilson(int(values.sum()), len(values), level)
    value = float(values.mean())
    limits = _clustered(values, places, level)
    if limits is None:
        limits = _score(value, float(count), level)
    elif count < MANY:
        narrow = _score(value, float(count), level)
        error = half_width(values, places, level)
        if error is not None and error > 0:
            z = NormalDist().inv_cdf(0.5 + level / 2)
            worth = max(1.0, min(len(values), value * (1 - value) * (z / error) ** 2))
            narrow = _score(value, worth, level)
        limits = min(limits[0], narrow[0]), max(limits[1], narrow[1])
    return around(value, *limits, len(values), (0.0, 1.0))


def _score(value: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's limits of a share on ``n`` items, which need not be a whole number."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return centre - half, centre + half


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
    certain. Clusters of several items: ``_clustered``; where that cannot speak, the adjusted Wald
    interval of the clusters' means, with Student's t, or ``half_width`` where that is wider.
    """
    data = checked(values, "mean")
    if len(data) == 0:
        return NOTHING
    places, count = codes(clusters, len(data))
    alone = count == len(data)
    limits = None if alone else _clustered(data, places, level)
    if limits is None:
        centre, error = padded(data, places, bounds)
        z = NormalDist().inv_cdf(0.5 + level / 2)
        if not alone:
            z = float(student.ppf(0.5 + level / 2, max(1, count - 1)))
        limits = centre - z * error, centre + z * error
        if not alone:  # the clusters' means know nothing of a size that goes with the value
            half = half_width(data, places, level) or 0.0
            limits = min(limits[0], data.mean() - half), max(limits[1], data.mean() + half)
    return around(float(data.mean()), *limits, len(data), bounds)


def _clustered(values: np.ndarray, places: np.ndarray, level: float) -> tuple[float, float] | None:
    """Limits of a mean over items in clusters; None where too few clusters vary.

    From ``MANY`` clusters on: BCa alone (``bootstrap``). Below, its coverage falls, most where
    the size of a cluster goes with its value: the limits are then the wider of BCa and of
    Student's t with the jackknife's error (``half_width``).
    """
    limits = bootstrap(values, places, level)
    count = int(places.max()) + 1
    if limits is None or count >= MANY:
        return limits
    half = half_width(values, places, level)
    if half is None:
        return None
    value = float(values.mean())
    return min(limits[0], value - half), max(limits[1], value + half)


def half_width(values: np.ndarray, places: np.ndarray, level: float) -> float | None:
    """Half of Student's t interval of the mean over items with the jackknife's standard error.

    Leaving out one cluster at a time (Cameron and Miller 2015, "A practitioner's guide to
    cluster-robust inference", their CV3, which is rather too wide than too narrow); clusters - 1
    degrees of freedom. None with fewer than two clusters.
    """
    sums, sizes = np.bincount(places, values), np.bincount(places).astype(float)
    count = len(sums)
    if count < 2:
        return None
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    error = math.sqrt((count - 1) / count * float(np.square(left_out - left_out.mean()).sum()))
    return float(student.ppf(0.5 + level / 2, count - 1)) * error


def location(
    values: Sequence[float] | np.ndarray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Interval:
    """Mean of values without bounds (changes of a log-probability): BCa over clusters.

    Where the bootstrap cannot speak: Student's t on the clusters' means. With fewer than two
    clusters, or values that are all the same, no limits at all (infinite): nothing says how far
    the next one may lie.
    """
    data = checked(values, "location")
    if len(data) == 0:
        return NOTHING
    places, count = codes(clusters, len(data))
    limits = _clustered(data, places, level)
    if limits is None:
        means = cluster_means(data, places)
        spread = float(means.std(ddof=1)) if count > 1 else 0.0
        error = spread / math.sqrt(count) if spread > 1e-12 * max(1.0, abs(means[0])) else math.inf
        half = float(student.ppf(0.5 + level / 2, max(1, count - 1)) * error)
        limits = float(means.mean()) - half, float(means.mean()) + half
    return around(float(data.mean()), *limits, len(data), (-math.inf, math.inf))


def padded(
    data: np.ndarray, places: np.ndarray, bounds: tuple[float, float] = (-1.0, 1.0)
) -> tuple[float, float]:
    """Centre and standard error of the adjusted Wald interval over the clusters' means."""
    values = np.append(cluster_means(data, places), bounds)
    return float(values.mean()), float(values.std() / math.sqrt(len(values)))

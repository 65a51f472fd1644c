"""Shares and means with their intervals."""

import math
from collections.abc import Hashable, Sequence
from statistics import NormalDist

import numpy as np
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from memeprobe.stats.core import NOTHING, Interval, around, cluster_means, codes
from memeprobe.stats.resample import bootstrap


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Share ``successes / n`` with the score interval (Wilson 1927; Brown, Cai, DasGupta 2001)."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} are impossible")
    if n == 0:
        return NOTHING
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    return around(successes / n, float(low), float(high), n, (0.0, 1.0))


def share(
    flags: Sequence[bool], clusters: Sequence[Hashable] | None = None, level: float = 0.95
) -> Interval:
    """Share of true ``flags``: Wilson, or the cluster bootstrap where clusters have several items.

    Where the bootstrap cannot speak (few clusters, no variation): Wilson on as many items as there
    are clusters, the most that clusters whose items agree can be worth.
    """
    values = np.asarray(flags, float)
    places, count = codes(clusters, len(values))
    if count == len(values):
        return wilson(int(values.sum()), len(values), level)
    limits = bootstrap(values, places, level)
    if limits is None:
        narrow = wilson(round(float(values.mean()) * count), count, level)
        limits = narrow.low, narrow.high
    return around(float(values.mean()), *limits, len(values), (0.0, 1.0))


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
    certain. Clusters of several items: bootstrap of whole clusters, BCa (Efron 1987); where that
    cannot speak, the adjusted Wald interval of the clusters' means.
    """
    data = np.asarray(values, float)
    if len(data) == 0:
        return NOTHING
    places, count = codes(clusters, len(data))
    limits = None if count == len(data) else bootstrap(data, places, level)
    if limits is None:
        centre, error = padded(data, places, bounds)
        z = NormalDist().inv_cdf(0.5 + level / 2)
        limits = centre - z * error, centre + z * error
    return around(float(data.mean()), *limits, len(data), bounds)


def location(
    values: Sequence[float] | np.ndarray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Interval:
    """Mean of values without bounds (changes of a log-probability): BCa over clusters.

    Where the bootstrap cannot speak: Student's t on the clusters' means, and with fewer than two
    clusters no limits at all (infinite).
    """
    data = np.asarray(values, float)
    if len(data) == 0:
        return NOTHING
    places, count = codes(clusters, len(data))
    limits = bootstrap(data, places, level)
    if limits is None:
        means = cluster_means(data, places)
        error = means.std(ddof=1) / math.sqrt(count) if count > 1 else math.inf
        half = float(student.ppf(0.5 + level / 2, max(1, count - 1)) * error)
        limits = float(means.mean()) - half, float(means.mean()) + half
    return around(float(data.mean()), *limits, len(data), (-math.inf, math.inf))


def padded(
    data: np.ndarray, places: np.ndarray, bounds: tuple[float, float] = (-1.0, 1.0)
) -> tuple[float, float]:
    """Centre and standard error of the adjusted Wald interval over the clusters' means."""
    values = np.append(cluster_means(data, places), bounds)
    return float(values.mean()), float(values.std() / math.sqrt(len(values)))

"""Cluster bootstrap with BCa limits.

``scipy.stats.bootstrap`` has BCa, but resamples observations, not whole clusters of uneven size
drawn alike for every measure, and takes ten times as long; a report has a hundred intervals. Given
the same resamples the limits here are scipy's (a test holds that).
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from memeprobe.stats.core import RESAMPLES

FEWEST_VARIED = 10
"""The bootstrap speaks only if so many clusters differ from the most common one: it knows nothing
of what it has not drawn, and is too narrow with fewer (benchmarks/coverage.py)."""


MOST_RESAMPLED = 2000
"""With more clusters than this the limits come from the linearised error."""


def bootstrap(values: np.ndarray, places: np.ndarray, level: float) -> tuple[float, float] | None:
    """BCa limits (Efron 1987) of the mean over items, resampling whole clusters.

    ``places``: the cluster of each item, from 0. The mean of a resample is a ratio: sum over the
    drawn clusters / number of their items. None where the bootstrap cannot speak: fewer than
    ``FEWEST_VARIED`` clusters differ from the most common one, or all resamples lie on one side.
    """
    sums, sizes = np.bincount(places, values), np.bincount(places).astype(float)
    if len(sums) > MOST_RESAMPLED:
        return linearised(sums, sizes, level)
    _, common = np.unique(np.round(sums / sizes, 9), return_counts=True)
    if len(sums) - common.max() < FEWEST_VARIED:
        return None
    drawn = draws(len(sums))
    resampled = (drawn @ sums) / (drawn @ sizes)
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    return bca(float(sums.sum() / sizes.sum()), resampled, left_out, level)


def linearised(sums: np.ndarray, sizes: np.ndarray, level: float) -> tuple[float, float] | None:
    """Limits of the mean over items by the linearised error of a ratio (Cochran 1977, eq. 6.4).

    With very many clusters the bootstrap says the same, and takes a resample of each. None where
    fewer than ``FEWEST_VARIED`` clusters differ from the mean's own level.
    """
    total, count = sizes.sum(), len(sums)
    value = float(sums.sum() / total)
    _, common = np.unique(np.round(sums / sizes, 9), return_counts=True)
    if count - common.max() < FEWEST_VARIED:
        return None
    spread = np.square(sums - value * sizes).sum() * count / (count - 1)
    half = float(ndtri((1 + level) / 2) * np.sqrt(spread) / total)
    return value - half, value + half


def bca(
    value: float, resampled: np.ndarray, left_out: np.ndarray, level: float = 0.95
) -> tuple[float, float] | None:
    """BCa limits from an estimate, its bootstrap distribution and its jackknife values.

    Efron (1987), "Better bootstrap confidence intervals", eq. 6.6 for the acceleration; ties count
    half for the bias. None where the bias correction is infinite.
    """
    below = (np.mean(resampled < value) + np.mean(resampled <= value)) / 2
    if not 0 < below < 1:
        return None
    bias = ndtri(below)
    away = left_out.mean() - left_out
    spread = np.square(away).sum() ** 1.5
    acceleration = (away**3).sum() / (6 * spread) if spread > 0 else 0.0
    z = ndtri((1 + level) / 2)
    shares = [ndtr(bias + (bias + s) / (1 - acceleration * (bias + s))) for s in (-z, z)]
    low, high = np.percentile(resampled, [100 * float(s) for s in shares])
    return float(low), float(high)


@lru_cache(maxsize=16)
def draws(n: int) -> np.ndarray:
    """How often each of ``n`` clusters is drawn, per resample: float (RESAMPLES, n).

    The same draws for every measure on as many clusters: repeatable, and quick.
    """
    drawn = np.random.default_rng(n).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    return drawn.astype(np.float64 if n < 2000 else np.float32)

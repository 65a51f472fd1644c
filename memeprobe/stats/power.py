"""How many items would be needed."""

import math
from collections.abc import Hashable, Sequence
from statistics import NormalDist

import numpy as np
from scipy.stats import binom

from memeprobe.stats.core import cluster_means, codes

MOST = 100_000
"""More items than this are reported as this many: nobody will ask them."""


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
    places, count = codes(clusters, len(data))
    deviation = float(cluster_means(data, places).std())
    z95, zp = map(NormalDist().inv_cdf, (0.95, (1 + power) / 2))
    spotless = z95 * math.sqrt(2) / margin - 2
    needed = max(((z95 + zp) * deviation / margin) ** 2, spotless, 1)
    return math.ceil(needed * len(data) / count)


def mcnemar_power(n: int, gained: float, lost: float, alpha: float = 0.05) -> float:
    """Chance that McNemar's exact test rejects with ``n`` items that stand alone.

    ``gained``, ``lost``: probabilities that an item is right only after, only before. Summed over
    the number of discordant items (Duffy 1984, "Asymptotic and exact power for the McNemar
    test"); no approximation.
    """
    if min(gained, lost) < 0 or gained + lost > 1:
        raise ValueError(f"shares of items cannot be {gained} and {lost}")
    total = gained + lost
    if n < 1 or total == 0:
        return 0.0
    counts = np.arange(n + 1)
    weights = binom.pmf(counts, n, total)
    kept = counts[weights > 1e-12]
    # Largest c with P(X <= c) <= alpha / 2 under fairness; -1 = no rejection possible.
    edge = binom.ppf(alpha / 2, kept, 0.5)
    edge = np.where(binom.cdf(edge, kept, 0.5) <= alpha / 2, edge, edge - 1)
    rejected = binom.cdf(edge, kept, gained / total) + binom.cdf(edge, kept, lost / total)
    return float((weights[kept] * np.where(edge >= 0, np.minimum(rejected, 1), 0)).sum())


def items_for_difference(
    gained: float, lost: float, power: float = 0.95, alpha: float = 0.05
) -> int:
    """Items needed for McNemar's exact test to find such a difference with this ``power``.

    The exact power goes up and down a little with n; found by doubling and halving from below.
    ``MOST`` where there is no difference to find.
    """
    if math.isclose(gained, lost):
        return MOST
    high = 4
    while mcnemar_power(high, gained, lost, alpha) < power:
        high *= 2
        if high > 8192:  # beyond this the normal approximation serves (Connor 1987)
            return _approximate(gained, lost, power, alpha)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = mcnemar_power(middle, gained, lost, alpha) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def _approximate(gained: float, lost: float, power: float, alpha: float) -> int:
    """Connor (1987), "Sample size for testing differences in proportions for the paired design"."""
    difference, total = abs(gained - lost), gained + lost
    z_alpha, z_power = map(NormalDist().inv_cdf, (1 - alpha / 2, power))
    spread = z_alpha * math.sqrt(total) + z_power * math.sqrt(total - difference**2)
    return min(MOST, math.ceil((spread / difference) ** 2))

"""A ratio of two means over items of which not all need be the same, with its interval."""

from collections.abc import Hashable, Mapping

import numpy as np

from memeprobe import stats
from memeprobe.stats import NOTHING, Interval

LEAST = 0.05
"""A mean below this is not divided by: what is left of it is noise."""


def ratio(
    top: Mapping[str, float],
    bottom: Mapping[str, float],
    clusters: Mapping[str, Hashable],
    level: float = 0.95,
    p: float | None = None,
) -> Interval:
    """Mean of ``top`` over mean of ``bottom`` (item -> value); error linearised (Cochran 1977).

    ``clusters``: item -> cluster, of every item. NOTHING where ``bottom`` is about 0 or less.
    """
    if not top or len(bottom) < 2:
        return NOTHING
    above, below = np.array([*top.values()], float), np.array([*bottom.values()], float)
    scale = float(below.mean())
    if scale <= LEAST:
        return NOTHING
    value = float(above.mean() / scale)
    names = list(dict.fromkeys([*top, *bottom]))
    place = {item: i for i, item in enumerate(names)}
    error = np.zeros(len(names))
    error[[place[i] for i in top]] += (above - above.mean()) * len(names) / len(above)
    # A wild ratio of few items must not be weighted by its own size.
    weight = float(np.clip(value, -2, 2)) * len(names) / len(below)
    error[[place[i] for i in bottom]] -= weight * (below - scale)
    error /= scale
    reach = max(1.0, 1 / scale)
    around = stats.mean(error, [clusters[i] for i in names], level, (-reach, reach))
    half = max(around.high - around.value, around.value - around.low)
    return Interval(value, value - half, value + half, len(top), p)

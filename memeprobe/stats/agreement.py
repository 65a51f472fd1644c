"""How far several people agree who labelled the same items: Krippendorff's alpha.

Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": 1 - observed / expected
disagreement, for any number of people, with labels missing here and there, and any difference
between two labels. 1 = all agree, 0 = as by chance. On nominal labels that nobody left out it is
Fleiss' kappa but for the small-sample term (a test holds that).
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from memeprobe.stats.core import NOTHING, Interval
from memeprobe.stats.resample import FEWEST_VARIED, bca, draws

Difference = Callable[[str, str], float]
"""How different two labels are: 0 for the same, symmetric."""


def nominal(one: str, other: str) -> float:
    """Labels are the same or they are not."""
    return float(one != other)


def alpha(
    labels: Sequence[Sequence[str]],
    difference: Difference = nominal,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Interval:
    """Alpha with BCa limits from resampled clusters of items.

    ``labels``: for each item what the people said who labelled it; items with fewer than two
    labels count for nothing. ``clusters``: one for each item; None = every item by itself. NaN
    where nobody can be compared, or where all labels are one (Krippendorff: without variation there
    is no evidence of reliability). The limits are -1 and 1, which says nothing, where fewer than
    ``FEWEST_VARIED`` clusters hold a disagreement, or an agreement, to draw from.
    """
    paired = [u for u, said in enumerate(labels) if len(said) > 1]
    values = sorted({label for u in paired for label in labels[u]})
    if len(values) < 2:
        return NOTHING
    place = {value: i for i, value in enumerate(values)}
    apart = np.array([[difference(a, b) for b in values] for a in values])
    counts = np.zeros((len(paired), len(values)))
    for row, u in enumerate(paired):
        np.add.at(counts[row], [place[label] for label in labels[u]], 1)
    sizes = counts.sum(axis=1)
    within = np.einsum("uv,vw,uw->u", counts, apart, counts) / (sizes - 1)
    names = [u if clusters is None else clusters[u] for u in paired]
    _, groups = np.unique([str(name) for name in names], return_inverse=True)
    totals = np.zeros((groups.max() + 1, len(values)))
    np.add.at(totals, groups, counts)
    disagreement = np.bincount(groups, within)
    value = float(_alpha(disagreement.sum(), totals.sum(axis=0)[None], apart)[0])
    limits = _limits(value, disagreement, totals, apart, level)
    low, high = limits if limits is not None else (-1.0, 1.0)
    # The limits of a skewed ratio may leave it out by a rounding.
    return Interval(value, min(low, value), max(high, value), len(paired))


def _alpha(within: np.ndarray | float, totals: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Alpha of one or more draws: disagreement within items (draws,), labels (draws, values)."""
    n = totals.sum(axis=1)
    expected = np.einsum("rv,vw,rw->r", totals, apart, totals, optimize=True) / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - within / expected, np.nan)


def _limits(
    value: float, within: np.ndarray, totals: np.ndarray, apart: np.ndarray, level: float
) -> tuple[float, float] | None:
    differ = int((within > 0).sum())
    if min(differ, len(within) - differ) < FEWEST_VARIED:
        return None
    drawn = draws(len(within))
    resampled = _alpha(drawn @ within, drawn @ totals, apart)
    left_out = _alpha(within.sum() - within, totals.sum(axis=0) - totals, apart)
    if np.isnan(resampled).any() or np.isnan(left_out).any():
        return None
    return bca(value, resampled, left_out, level)

"""Tests: McNemar and its clustered form, Cochran's Q, equivalence, Holm."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np
from scipy import stats as scipy_stats
from scipy.signal import fftconvolve

from memeprobe.stats.core import NAN, RESAMPLES, Interval, checked, codes
from memeprobe.stats.intervals import mean, padded

FEWEST_CELLS = 24
"""Below so many cells (items that vary times slots) Cochran's chi-square is not to be trusted
(Tate and Brown 1970); the p-value then comes from permutations."""


CLUSTERED_CELLS = 200
"""The same where clusters have several items: sums of several answers, of uneven sizes."""
DENOMINATORS = 64
DISTINCT = 600
"""Clusters that differ in what they got right, beyond which ``exchanged`` is approximate."""
LONGEST = 4_000_000
"""Largest distribution that the sign-flip test builds, in steps of its grid."""
FLIPS = 9999


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
    """Two-sided p-value of the sign-flip test of a zero mean, flipping whole clusters.

    For 0/1 answers of items that stand alone this is McNemar's exact test: the flips of the
    discordant pairs are the binomial. Sums of one size flip like a binomial, so the distribution
    is built by convolving one binomial for each size: exact where the sums are whole multiples of
    1/d for some d up to ``DENOMINATORS`` (right in one slot minus the mean over up to 64 others).
    Other values are flipped at random, by a fixed seed, ``FLIPS`` times.
    """
    data = checked(values, "sign_flip")
    sums = np.bincount(codes(clusters, len(data))[0], data) if len(data) else data
    sums = sums[np.abs(sums) > 1e-9]
    if not len(sums):
        return 1.0
    whole = _whole(sums)
    if whole is None:
        return _flipped(sums)
    sizes, counts = np.unique(np.abs(whole), return_counts=True)
    observed = abs(int(whole.sum()))
    if len(sizes) == 1:
        rest = (int(counts[0]) - observed // int(sizes[0])) // 2
        return float(min(1.0, 2 * scipy_stats.binom.cdf(rest, counts[0], 0.5)))
    chances: np.ndarray = np.ones(1)
    for size, count in zip(sizes, counts, strict=True):
        flips = np.zeros(2 * size * count + 1)
        flips[:: 2 * size] = scipy_stats.binom.pmf(np.arange(count + 1), count, 0.5)
        chances = fftconvolve(chances, flips) if len(flips) > 512 else np.convolve(chances, flips)
    offsets = np.abs(np.arange(len(chances)) - len(chances) // 2)
    return float(np.clip(chances[offsets >= observed].sum(), 0.0, 1.0))


def _whole(sums: np.ndarray) -> np.ndarray | None:
    """The sums as whole numbers on their coarsest common grid; None if there is none."""
    for parts in range(1, DENOMINATORS + 1):
        scaled = sums * parts
        if np.abs(scaled - np.round(scaled)).max() < 1e-6:
            whole = np.round(scaled).astype(np.int64)
            whole //= np.gcd.reduce(np.abs(whole))
            return whole if np.abs(whole).sum() <= LONGEST else None
    return None


def _flipped(sums: np.ndarray) -> float:
    """The p-value by random flips: (extreme ones + 1) / (flips + 1), Phipson and Smyth 2010."""
    rng = np.random.default_rng(len(sums))
    observed, extreme, step = abs(float(sums.sum())) - 1e-9, 0, max(1, 2_000_000 // len(sums))
    for start in range(0, FLIPS, step):
        signs = rng.integers(0, 2, (min(step, FLIPS - start), len(sums)), np.int8)
        extreme += int((np.abs((2 * signs - 1) @ sums) >= observed).sum())
    return (extreme + 1) / (FLIPS + 1)


def exchanged(
    table: np.ndarray, kept: Sequence[int], clusters: Sequence[Hashable] | None = None
) -> float:
    """Two-sided p-value that one or two slots (``kept``, from 0) are answered as all slots are.

    Exact: under the null hypothesis of Cochran's Q the slots of a cluster are exchangeable, so the
    number of right answers in the kept slots is a sum of independent draws from each cluster's own
    slots; their characteristic functions are multiplied (for one item of ``t`` right slots of K a
    Bernoulli variable of t / K; Fisher 1935, sections 20 and 21, on permutation). The sign-flip
    test is no substitute: right in a slot minus the mean of the others is skewed, and where errors
    are few that test finds a difference a hundred times as often as it says.
    ``table``: 0/1 (items, slots). More than ``DISTINCT`` different clusters: normal approximation
    with the exact variance.
    """
    data = checked(table, "exchanged").round().astype(np.int64)
    if data.ndim != 2 or data.shape[1] <= len(kept) or len(data) == 0:
        return 1.0
    places, _ = codes(clusters, len(data))
    sums = np.array([np.bincount(places, column) for column in data.T]).round().astype(np.int64).T
    observed = int(sums[:, list(kept)].sum())
    several, counts = np.unique(np.sort(sums, axis=1), axis=0, return_counts=True)
    chosen = np.array([*combinations(range(sums.shape[1]), len(kept))])
    draws = several[:, chosen].sum(axis=2)
    away = abs(observed - float(counts @ draws.mean(axis=1))) - 1e-6
    if len(draws) > DISTINCT:
        error = math.sqrt(float(counts @ draws.var(axis=1)))
        return float(min(1.0, 2 * scipy_stats.norm.sf(away / error))) if error else 1.0
    least = draws.min(axis=1)
    length = int(counts @ (draws.max(axis=1) - least)) + 1
    wave = np.ones(length // 2 + 1, complex)
    for row, low, count in zip(draws, least, counts, strict=True):
        wave *= np.fft.rfft(np.bincount(row - low) / len(row), length) ** int(count)
    chances = np.fft.irfft(wave, length)
    off = np.abs(np.arange(length) + int(counts @ least) - float(counts @ draws.mean(axis=1)))
    return float(np.clip(chances[off >= away].sum(), 0.0, 1.0))


def cochran(
    table: np.ndarray, clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> tuple[float, float]:
    """Cochran's Q (1950) over a 0/1 table (items, slots): do the slots differ? Returns (Q, p).

    Q is the right statistic for the curve because the same items are asked in every slot; under
    the null hypothesis the slots of an item are exchangeable. With clusters of several items the
    slots of whole clusters are: Q = (slots - 1) x sum of squares of the column totals about their
    mean / sum of squares of each cluster's row about its mean, which is Cochran's where each
    cluster is one item, and chi-square as well with many clusters. With few that vary the p-value
    comes from permuting the slots, exact up to the number of permutations. No variation: (0, 1).
    """
    checked(table, "cochran")
    if table.ndim != 2 or table.shape[1] < 2 or len(table) == 0:
        return 0.0, 1.0
    places, count = codes(clusters, len(table))
    sums = np.array([np.bincount(places, column) for column in table.T]).T
    sums = sums[sums.min(axis=1) != sums.max(axis=1)]
    if len(sums) == 0:
        return 0.0, 1.0
    slots, totals = sums.shape[1], sums.sum(axis=0)
    spread = np.square(sums - sums.mean(axis=1, keepdims=True)).sum()
    q = float((slots - 1) * np.square(totals - totals.mean()).sum() / spread)
    enough = FEWEST_CELLS if count == len(table) else CLUSTERED_CELLS
    if sums.size >= enough:
        return q, float(scipy_stats.chi2.sf(q, slots - 1))
    copies = np.broadcast_to(sums, (RESAMPLES, *sums.shape))
    shuffled = np.random.default_rng(seed).permuted(copies, axis=2).sum(axis=1)
    # Q depends on the column totals only through their sum of squares.
    extreme = np.square(shuffled).sum(axis=1) >= np.square(totals).sum() - 1e-9
    return q, float((extreme.sum() + 1) / (RESAMPLES + 1))


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
    data = checked(values, "equivalence")
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
    checked(p_values, "holm")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted

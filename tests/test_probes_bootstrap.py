"""Bootstrap, equivalence and power against scipy, statsmodels, enumeration and hand tables."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportion_confint

from memeprobe import stats
from memeprobe.stats.power import MOST


@pytest.mark.parametrize("seed", range(4))
def test_bca_limits_are_scipys_given_the_same_resamples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.exponential(size=25)  # skewed: the acceleration matters
    found = scipy_stats.bootstrap(
        (values,), np.mean, method="BCa", n_resamples=999, rng=np.random.default_rng(seed)
    )
    left_out = (values.sum() - values) / 24
    mine = stats.bca(float(values.mean()), found.bootstrap_distribution, left_out)
    assert mine == pytest.approx(tuple(found.confidence_interval), abs=1e-9)


def test_cluster_bootstrap_agrees_with_scipys_on_whole_clusters() -> None:
    """scipy resamples the clusters as pairs (sum, size); only the random draws differ."""
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 6, 60)
    places = np.repeat(np.arange(60), sizes)
    values = (rng.random(sizes.sum()) < rng.beta(2, 1, 60)[places]).astype(float)
    sums = np.bincount(places, values)
    expected = scipy_stats.bootstrap(
        (sums, sizes),
        lambda s, n, axis: s.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="BCa",
        n_resamples=20000,
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert stats.bootstrap(values, places, 0.95) == pytest.approx(tuple(expected), abs=0.008)


@pytest.mark.parametrize(
    ("values", "clusters"),
    [
        ([1.0] * 40, [i // 4 for i in range(40)]),  # all right
        ([0.0] * 40, [i // 4 for i in range(40)]),  # all wrong
        ([1.0, 0.0] * 20, ["one"] * 40),  # one cluster
        ([1.0, 0.0, 1.0], ["a", "a", "b"]),  # two clusters
        ([1.0] * 39 + [0.0], [i // 4 for i in range(40)]),  # one cluster differs
        ([0.0], ["a"]),
    ],
    ids=["all right", "all wrong", "one cluster", "two clusters", "one differs", "one item"],
)
def test_where_the_bootstrap_cannot_speak_the_interval_stays_wide(
    values: Any, clusters: Any
) -> None:
    """Never narrower than Wilson's on as many items as there are clusters, and never NaN."""
    n = len(set(clusters))
    assert stats.bootstrap(np.array(values), np.unique(clusters, return_inverse=True)[1], 0.95) is (
        None
    )
    shared = stats.share([v > 0 for v in values], clusters)
    low, high = proportion_confint(float(np.mean(values)) * n, n, method="wilson")
    assert shared.high - shared.low >= (high - low) * 0.999
    found = stats.mean(values, clusters)
    assert math.isfinite(found.low) and found.high - found.low > 0.1


@pytest.mark.parametrize(("count", "n", "level"), [(0, 7, 0.95), (7, 7, 0.9), (3, 11, 0.99)])
def test_wilson_is_statsmodels(count: int, n: int, level: float) -> None:
    low, high = proportion_confint(count, n, alpha=1 - level, method="wilson")
    found = stats.wilson(count, n, level)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "margin", "shown"),
    [
        ([0.0] * 60, 0.1, True),
        ([0.0] * 10, 0.1, False),  # too few, however alike
        ([0.2] * 400, 0.1, False),  # surely different
        ([0.5, -0.5] * 200, 0.1, True),
        ([1.0, -1.0] * 20, 0.1, False),
        ([], 0.1, False),
    ],
)
def test_equivalence(values: list[float], margin: float, shown: bool) -> None:
    found = stats.equivalence(values, margin)
    assert found.shown is shown
    if values:  # the interval and the p-value are two sides of one decision
        assert (found.p < 0.05) is shown


def test_equivalence_by_hand() -> None:
    """20 zeros and one pseudo-item at either bound: sd = sqrt(2/22), error = sd / sqrt(22)."""
    error = math.sqrt(2 / 22) / math.sqrt(22)
    found = stats.equivalence([0.0] * 20, 0.1)
    assert found.p == pytest.approx(scipy_stats.norm.cdf(-0.1 / error), abs=1e-9)
    assert found.interval.high == pytest.approx(1.6448536269514722 * error, abs=1e-9)


def test_equivalence_with_clusters_uses_the_bootstrap() -> None:
    rng = np.random.default_rng(0)
    values, names = rng.choice([-0.5, 0, 0.5], 400), np.repeat(np.arange(100), 4).tolist()
    found = stats.equivalence(values, 0.15, names)
    assert found.shown and math.isnan(found.p)


def test_a_margin_must_be_positive() -> None:
    with pytest.raises(ValueError, match="above 0"):
        stats.equivalence([0.0], 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "gained", "lost"), [(6, 0.5, 0.1), (8, 0.7, 0.0), (9, 0.3, 0.3)])
def test_power_is_the_sum_over_every_outcome(n: int, gained: float, lost: float) -> None:
    """Every sequence of n items (gained, lost, same) with its chance, and McNemar's test of it."""
    chance = 0.0
    for items in itertools.product((1, -1, 0), repeat=n):
        plus, minus = items.count(1), items.count(-1)
        weight = gained**plus * lost**minus * (1 - gained - lost) ** (n - plus - minus)
        chance += weight * (stats.mcnemar(plus, minus) <= 0.05)
    assert stats.mcnemar_power(n, gained, lost) == pytest.approx(chance, abs=1e-9)


def test_items_for_a_difference_have_the_promised_power() -> None:
    n = stats.items_for_difference(0.3, 0.05)
    assert stats.mcnemar_power(n, 0.3, 0.05) >= 0.95 > stats.mcnemar_power(n - 2, 0.3, 0.05)
    # Connor's formula by hand: (1.96 sqrt(.35) + 1.645 sqrt(.35 - .0625))^2 / .0625 = 66.7.
    assert 67 <= n <= 80


def test_no_difference_cannot_be_found() -> None:
    assert stats.items_for_difference(0.2, 0.2) == MOST
    assert stats.mcnemar_power(100, 0.0, 0.0) == 0.0
    assert stats.mcnemar_power(0, 0.5, 0.0) == 0.0


@pytest.mark.parametrize("bad", [(-0.1, 0.2), (0.7, 0.6)])
def test_impossible_shares_are_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        stats.mcnemar_power(10, *bad)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        stats.mcnemar(-1, 2)

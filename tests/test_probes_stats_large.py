"""Statistics where runs are large, slots are many, or values are not what they should be."""

import math
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import cochrans_q

from memeprobe import stats
from memeprobe.measures.curve import Curve


@pytest.mark.parametrize("slots", [3, 12, 24, 64])
def test_any_number_of_slots_has_a_contrast_with_a_p_value(slots: int) -> None:
    """Right in one slot minus the mean of 11, 23 or 63 others lies on no grid of tenths."""
    rng = np.random.default_rng(slots)
    table = (rng.random((1000, slots)) < 0.8).astype(float)
    table[:, 0] = rng.random(1000) < 0.9
    bends = Curve(table, list(range(1000)))
    found = bends.contrast(0)
    assert found.p is not None and found.p < 1e-6
    # Flips of many items are nearly normal.
    even = stats.sign_flip(bends.contrasts(1))
    values = bends.contrasts(1)
    z = values.sum() / math.sqrt(np.square(values).sum())
    assert even == pytest.approx(2 * scipy_stats.norm.sf(abs(z)), abs=0.02)


def test_sign_flip_of_mixed_sizes_is_counted_one_by_one() -> None:
    """All 2^10 flips of sums with three sizes, on thirds."""
    values = np.array([1, 2 / 3, -1 / 3, 1, -2 / 3, 1 / 3, 1, 1, -1 / 3, 2 / 3])
    signs = 1 - 2 * ((np.arange(1024)[:, None] >> np.arange(10)) & 1)
    extreme = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    assert stats.sign_flip(values) == pytest.approx(extreme.mean(), abs=1e-9)


def test_sign_flip_without_a_grid_flips_at_random() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 200)
    z = values.sum() / math.sqrt(np.square(values).sum())
    expected = 2 * scipy_stats.norm.sf(abs(z))
    assert stats.sign_flip(values) == pytest.approx(expected, rel=0.5, abs=0.002)


@pytest.mark.parametrize("shape", [(60, 4), (500, 12), (200, 2)])
def test_cochran_is_statsmodels(shape: tuple[int, int]) -> None:
    table = (np.random.default_rng(1).random(shape) < 0.6).astype(float)
    expected = cochrans_q(table)
    assert stats.cochran(table) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)


def test_cochran_of_many_clusters_keeps_its_level() -> None:
    """Under equal slots about 5 in 100 tables reject, clusters of uneven size and all."""
    rng = np.random.default_rng(2)
    rejected = 0
    for _ in range(400):
        places = np.repeat(np.arange(80), rng.integers(1, 5, 80))
        rate = rng.beta(2, 1, 80)[places]
        table = (rng.random((len(places), 4)) < rate[:, None]).astype(float)
        rejected += stats.cochran(table, places.tolist())[1] < 0.05
    assert 0.02 < rejected / 400 < 0.085


def test_twenty_thousand_clustered_items_take_little_time_and_memory() -> None:
    rng = np.random.default_rng(3)
    table = (rng.random((20_000, 4)) < 0.7).astype(float)
    names = (np.arange(20_000) // 4).tolist()
    tracemalloc.start()
    start = time.perf_counter()
    stats.cochran(table, names)
    stats.mean(table[:, 0] - table[:, 1], names)
    stats.share(table[:, 0] > 0.5, names)
    stats.sign_flip(table[:, 0] - table[:, 1:].mean(axis=1), names)
    seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 5 and peak < 120e6, (seconds, peak)


def test_linearised_limits_are_the_bootstraps() -> None:
    rng = np.random.default_rng(4)
    places = np.repeat(np.arange(1500), rng.integers(1, 5, 1500))
    values = (rng.random(len(places)) < rng.beta(2, 1, 1500)[places]).astype(float)
    sums, sizes = np.bincount(places, values), np.bincount(places).astype(float)
    from memeprobe.stats.resample import linearised

    near = linearised(sums, sizes, 0.95)
    assert near == pytest.approx(stats.bootstrap(values, places, 0.95), abs=0.002)


@pytest.mark.parametrize(
    "ask",
    [
        lambda v: stats.mean(v),
        lambda v: stats.location(v),
        lambda v: stats.sign_flip(v),
        lambda v: stats.equivalence(v, 0.1),
        lambda v: stats.cochran(np.array([v, v])),
        lambda v: stats.holm(v),
        lambda v: stats.share(v),
    ],
    ids=["mean", "location", "sign_flip", "equivalence", "cochran", "holm", "share"],
)
def test_what_was_not_measured_is_refused(ask: Callable[[list[float]], object]) -> None:
    with pytest.raises(ValueError, match="no finite number"):
        ask([0.1, math.nan, 0.5])


def test_equal_values_without_bounds_have_no_limits() -> None:
    found = stats.location([2.0] * 30)
    assert found.value == 2 and math.isinf(found.low) and math.isinf(found.high)
    assert found.as_json()["low"] is None


@pytest.mark.parametrize(("count", "largest"), [(10, 6), (20, 6)])
def test_few_clusters_are_covered(count: int, largest: int) -> None:
    """Ten clusters whose size goes with their value: at least 93 of 100 intervals hold it."""
    rng, held = np.random.default_rng(6), 0
    sizes = np.arange(1, largest + 1)
    truth = float((sizes * 0.15 * sizes).sum() / sizes.sum())
    for _ in range(400):
        drawn = rng.integers(1, largest + 1, count)
        places = np.repeat(np.arange(count), drawn)
        values = (rng.random(len(places)) < 0.15 * drawn[places]).astype(float)
        found = stats.mean(values, places.tolist())
        held += found.low <= truth <= found.high
    assert held / 400 >= 0.93

"""The exact test of slots against enumeration, McNemar's test, and its own promise."""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats as scipy_stats

from memeprobe import stats


def enumerated(table: np.ndarray, kept: Sequence[int], clusters: Sequence[int]) -> float:
    """The p-value by trying every order of every cluster's slots."""
    sums = [table[np.array(clusters) == c].sum(axis=0) for c in dict.fromkeys(clusters)]
    centre = sum(len(kept) * s.mean() for s in sums)
    chances: dict[float, float] = {0.0: 1.0}
    for s in sums:
        orders = [s[list(o)][list(kept)].sum() for o in itertools.permutations(range(len(s)))]
        after: dict[float, float] = {}
        for (total, chance), one in itertools.product(chances.items(), orders):
            after[total + one] = after.get(total + one, 0.0) + chance / len(orders)
        chances = after
    away = abs(sum(s[list(kept)].sum() for s in sums) - centre) - 1e-9
    return float(sum(w for total, w in chances.items() if abs(total - centre) >= away))


@pytest.mark.parametrize("kept", [(0,), (-1,), (0, -1)])
@pytest.mark.parametrize("clusters", [(0, 1, 2, 3, 4), (0, 0, 1, 1, 2)])
def test_exchanged_slots_are_as_enumerated(
    kept: tuple[int, ...], clusters: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(len(kept) + clusters[1])
    for _ in range(3):
        table = (rng.random((5, 4)) < 0.6).astype(float)
        found = stats.exchanged(table, kept, clusters)
        assert found == pytest.approx(enumerated(table, kept, clusters), abs=1e-9)


def test_two_slots_are_mcnemars_exact_test() -> None:
    table = np.array([[1, 0]] * 9 + [[0, 1]] * 2 + [[1, 1]] * 30)
    p = scipy_stats.binomtest(2, 11, 0.5).pvalue
    assert stats.exchanged(table, [0]) == pytest.approx(p, abs=1e-9)


def test_very_many_clusters_are_as_a_normal_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the exact distribution is left for an approximation both say the same."""
    rng = np.random.default_rng(3)
    table = (rng.random((6000, 6)) < 0.7).astype(float)
    table[:300, 0] = 1
    exact = stats.exchanged(table, [0])
    monkeypatch.setattr("memeprobe.stats.hypotheses.DISTINCT", 1)
    assert 1e-4 < exact < 0.5 and stats.exchanged(table, [0]) == pytest.approx(exact, rel=0.1)


def test_nothing_varies_or_nothing_is_left_to_compare() -> None:
    assert stats.exchanged(np.ones((20, 4)), [0]) == 1.0
    assert stats.exchanged(np.ones((20, 2)), [0, -1]) == 1.0


@pytest.mark.slow
def test_rare_errors_are_no_finding() -> None:
    """Errors in 5 % of equal slots. The exact test keeps a level of 1 in 1000 that the sign-flip
    test, whose values would have to be symmetric, exceeds many times."""
    rng = np.random.default_rng(5)
    low = Counter[str]()
    for _ in range(4000):
        table = (rng.random((120, 4)) >= 0.05).astype(float)
        low["exact"] += stats.exchanged(table, [-1]) < 0.001
        low["flips"] += stats.sign_flip(table[:, -1] - table[:, :-1].mean(axis=1)) < 0.001
    assert low["exact"] <= 12 and low["flips"] > 2 * low["exact"], low

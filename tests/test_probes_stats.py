"""Statistics against scipy, statsmodels, brute force, published tables and known coverage."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from memeprobe import stats


@pytest.mark.parametrize("bad", [(3, 2), (-1, 5)])
def test_wilson_refuses_impossible_counts(bad: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="impossible"):
        stats.wilson(*bad)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, row 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_matches_newcombe(successes: int, n: int, low: float, high: float) -> None:
    found = stats.wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_stays_nothing() -> None:
    for found in (stats.wilson(0, 0), stats.share([]), stats.mean([])):
        assert found.n == 0 and math.isnan(found.value)
        assert found.as_json() == {"value": None, "low": None, "high": None, "n": 0}


def test_paired_difference_matches_bonett_and_price_by_hand() -> None:
    """12 items right only before, 2 only after, 6 in both: by the paper's formula.

    p12 = 13/22, p21 = 3/22, difference of these 10/22, error sqrt((16/22 - (10/22)^2) / 22).
    """
    values = [-1] * 12 + [1] * 2 + [0] * 6
    found = stats.mean(values)
    error = math.sqrt((16 / 22 - (10 / 22) ** 2) / 22)
    assert found.value == -0.5
    assert found.low == pytest.approx(-10 / 22 - 1.959964 * error, abs=1e-6)
    assert found.high == pytest.approx(-10 / 22 + 1.959964 * error, abs=1e-6)


def test_no_discordance_is_not_certainty() -> None:
    found = stats.mean([0] * 10)
    assert found.low < -0.1 and found.high > 0.1
    assert stats.mean([0] * 1000).high < 0.01


@pytest.mark.parametrize(("plus", "minus"), [(9, 1), (3, 3), (12, 4), (0, 6), (1, 0), (30, 18)])
def test_sign_flip_of_single_items_is_mcnemars_exact_test(plus: int, minus: int) -> None:
    values = [1] * plus + [-1] * minus + [0] * 7
    expected = mcnemar([[4, plus], [minus, 3]], exact=True).pvalue
    assert stats.sign_flip(values) == pytest.approx(expected, abs=1e-9)
    assert stats.mcnemar(plus, minus) == pytest.approx(expected, abs=1e-9)


def test_sign_flip_with_clusters_and_fractions_matches_brute_force() -> None:
    values = [1 / 3, 1, -1 / 3, 2 / 3, 1, 0, -1, 1 / 3, 1]
    clusters = ["a", "a", "b", "b", "c", "d", "e", "f", "f"]
    sums = [4 / 3, 1 / 3, 1, 0, -1, 4 / 3]
    observed = abs(sum(sums))
    flips = [
        abs(sum(s * f for s, f in zip(sums, signs, strict=True)))
        for signs in itertools.product((-1, 1), repeat=len(sums))
    ]
    expected = np.mean([f >= observed - 1e-9 for f in flips])
    assert stats.sign_flip(values, clusters) == pytest.approx(expected)


def test_sign_flip_without_any_change_is_one() -> None:
    assert stats.sign_flip([0, 0, 0]) == 1.0


def test_cochran_matches_the_textbook() -> None:
    """Q by its formula, (k-1) (k sum C^2 - T^2) / (k T - sum R^2), and chi-square with k-1."""
    table = np.array(
        [
            [1, 1, 0],
            [1, 0, 0],
            [1, 1, 1],
            [1, 0, 0],
            [0, 0, 0],
            [1, 1, 0],
            [1, 0, 1],
            [0, 1, 0],
            [1, 0, 1],
            [1, 1, 0],
        ]
    )
    columns, rows, total = table.sum(axis=0), table.sum(axis=1), table.sum()
    q = 2 * (3 * np.square(columns).sum() - total**2) / (3 * total - np.square(rows).sum())
    found = stats.cochran(table)
    assert found == pytest.approx((q, scipy_stats.chi2.sf(q, 2)), abs=1e-9)


@pytest.mark.slow
def test_cochran_with_few_items_is_a_permutation_test() -> None:
    """Every way of permuting the slots of the 5 items that vary, counted one by one."""
    table = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0], [1, 1, 0], [1, 0, 1]])
    orders = [[[row[i] for i in p] for p in itertools.permutations(range(3))] for row in table]
    totals = np.sum(np.array(list(itertools.product(*orders))), axis=1)
    extreme = np.square(totals).sum(axis=1) >= np.square(table.sum(axis=0)).sum()
    assert stats.cochran(table)[1] == pytest.approx(extreme.mean(), abs=0.03)


def test_cochran_without_variation() -> None:
    assert stats.cochran(np.ones((5, 4))) == (0.0, 1.0)
    assert stats.cochran(np.zeros((0, 4))) == (0.0, 1.0)


def test_copies_of_items_in_a_cluster_are_no_evidence() -> None:
    """Ten copies of each item make the plain test shout; the clustered one is not fooled."""
    table = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 0, 1]])
    copies, names = np.repeat(table, 10, axis=0), np.repeat(np.arange(6), 10).tolist()
    assert stats.cochran(copies)[1] < 1e-4
    orders = [[[row[i] for i in p] for p in itertools.permutations(range(3))] for row in table]
    totals = np.sum(np.array(list(itertools.product(*orders))), axis=1)
    extreme = np.square(totals).sum(axis=1) >= np.square(table.sum(axis=0)).sum()
    assert stats.cochran(copies, names)[1] == pytest.approx(extreme.mean(), abs=0.04)
    single, clustered = stats.mean(table[:, 0]), stats.mean(copies[:, 0], names)
    assert clustered.n == 60
    assert clustered.high - clustered.low > 2 * (
        stats.mean(copies[:, 0]).high - stats.mean(copies[:, 0]).low
    )
    assert single.value == clustered.value
    assert stats.sign_flip(copies[:, 0] - copies[:, 1], names) == stats.sign_flip(
        table[:, 0] - table[:, 1]
    )


def test_clusters_without_variation_are_not_certain() -> None:
    found = stats.share([True] * 40, [i // 10 for i in range(40)])
    assert found.value == 1.0 and found.low == pytest.approx(stats.wilson(4, 4).low)


def test_holm_by_hand() -> None:
    """0.01 x 4, max with 0.02 x 3, max with 0.03 x 2, then 0.5."""
    assert stats.holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert stats.holm([]) == []


@pytest.mark.slow
def test_holm_matches_statsmodels() -> None:
    values = np.random.default_rng(1).random(12) ** 3
    assert stats.holm(list(values)) == pytest.approx(
        multipletests(values, method="holm")[1], abs=1e-9
    )


@pytest.mark.parametrize(("rate", "n"), [(0.1, 25), (0.5, 25), (0.03, 60)])
def test_paired_interval_covers(rate: float, n: int) -> None:
    """The true difference (0) lies inside in about 95 of 100 samples, small ones too."""
    rng = np.random.default_rng(5)
    draws = rng.choice([-1, 0, 1], p=[rate / 2, 1 - rate, rate / 2], size=(1000, n))
    inside = [found.low <= 0 <= found.high for found in map(stats.mean, draws)]
    assert np.mean(inside) >= 0.935


def test_clustered_interval_covers() -> None:
    """Items of a cluster agree; the interval must grow with it (40 clusters of 1 to 5 items)."""
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(60):
        sizes = rng.integers(1, 6, 40)
        names = np.repeat(np.arange(40), sizes)
        found = stats.share(list((rng.random(40) < 0.6)[names]), list(names))
        inside.append(found.low <= 0.6 <= found.high)
    assert np.mean(inside) >= 0.85  # 95 % nominal; 60 samples tell no finer


def test_items_for_equivalence_gives_the_promised_power() -> None:
    """With so many items, 90 % of samples show a true mean of 0 within the margin."""
    n = stats.items_for_equivalence([0.25, -0.25] * 20, 0.1)
    rng = np.random.default_rng(3)
    # +-0.5 for a quarter of the items: standard deviation 0.25, like slots against their mean.
    draws = rng.choice([-0.5, 0, 0.5], p=[0.125, 0.75, 0.125], size=(1500, n))
    shown = [max(-f.low, f.high) < 0.1 for f in (stats.mean(d, level=0.9) for d in draws)]
    assert 0.8 < np.mean(shown) < 0.97


def test_spotless_subjects_still_need_items() -> None:
    n = stats.items_for_equivalence([0] * 9, 0.1)
    assert stats.mean([0] * n, level=0.9).high < 0.1 <= stats.mean([0] * (n - 2), level=0.9).high


def test_items_that_agree_within_clusters_count_once() -> None:
    values = [0.5, -0.5] * 10
    pairs = [v for v in values for _ in range(2)]
    names = [i // 2 for i in range(40)]
    plain = stats.items_for_equivalence(values, 0.1)
    assert stats.items_for_equivalence(pairs, 0.1, names) == pytest.approx(2 * plain, abs=1)


def test_an_interval_must_hold_its_value() -> None:
    with pytest.raises(ValueError, match="outside"):
        stats.Interval(0.9, 0.1, 0.5, 10)

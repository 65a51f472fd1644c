"""The position curve: published measures by hand, every shape and its edges, frame influence."""

import math
from dataclasses import replace

import numpy as np
import pytest

from memeprobe import stats
from memeprobe.measures import Shape, Table, influence, shape, shape_name
from memeprobe.store.rows import TrialRow
from tests.not_none import not_none

SLOPE_MORE = 0.5 + 1e-6
LINE_ERROR = math.sqrt(3)
"""A zigzag (+e, -e, -e, +e) around a level is all error of the line: mean square e^2."""


@pytest.mark.parametrize(
    ("scores", "name"),
    [
        ([100, 100, 100, 100], "stable"),
        # Slopes at the edge of 0.5 points a slot, on straight lines (error 0).
        ([90, 90.5, 91, 91.5], "stable"),
        ([91.5, 91, 90.5, 90], "stable"),
        ([90, 90 + SLOPE_MORE, 90 + 2 * SLOPE_MORE, 90 + 3 * SLOPE_MORE], "neighbor"),
        ([90, 90 - SLOPE_MORE, 90 - 2 * SLOPE_MORE, 90 - 3 * SLOPE_MORE], "head"),
        ([80, 70, 60, 50], "head"),
        ([50, 60, 70, 80], "neighbor"),
        # Error of the line exactly 3 counts as straight; a little more does not. These four are a
        # parabola of their own, so they are U-shaped, upright or upside down.
        ([90 + LINE_ERROR, 90 - LINE_ERROR, 90 - LINE_ERROR, 90 + LINE_ERROR], "stable"),
        ([91.74, 88.26, 88.26, 91.74], "u_shaped"),
        ([88.26, 91.74, 91.74, 88.26], "u_shaped"),
        ([95, 75, 75, 95], "u_shaped"),
        # A cubic (-1, 3, -3, 1) times c is error of line and parabola both, 5 c^2 each. c^2 = 0.4
        # gives a parabola's error of exactly 2; the bend (1, -1, -1, 1) makes the line fail.
        ([95 - 0.4**0.5, 75 + 3 * 0.4**0.5, 75 - 3 * 0.4**0.5, 95 + 0.4**0.5], "u_shaped"),
        ([95 - 0.41**0.5, 75 + 3 * 0.41**0.5, 75 - 3 * 0.41**0.5, 95 + 0.41**0.5], "volatile"),
        ([100, 50, 100, 50], "volatile"),
        # Two slots are always a straight line, three always a parabola.
        ([100, 50], "head"),
        ([100, 50, 100], "u_shaped"),
    ],
)
def test_every_shape_and_its_edges(scores: list[float], name: str) -> None:
    assert shape_name(scores) == name


def test_published_measures_by_hand() -> None:
    """Accuracies 0.72, 0.63, 0.54, 0.63 of 0.9 alone: RS 80, 70, 60, 70.

    Range 20; mean 70; population variance (100 + 0 + 100 + 0) / 4 = 50. The line has slope -4 and
    error 30 (over the slots: 76, 72, 68, 64 -> 4, -2, -8, 6), the parabola 5: volatile.
    """
    found = not_none(shape([0.72, 0.63, 0.54, 0.63], 0.9))
    assert (found.p_ran, found.p_var, found.p_mean) == pytest.approx((20, 50, 70))
    assert found.name == "volatile" and found.as_json()["shape"] == "volatile"


def test_relative_scores_are_relative_to_the_frame_alone() -> None:
    assert shape([0.4, 0.4], 0.5) == Shape(0.0, 0.0, 80.0, "stable")


@pytest.mark.parametrize(("accuracies", "alone"), [([0.1, 0.2], 0.0), ([0.5], 0.5), ([], 0.5)])
def test_shape_needs_slots_and_something_right(accuracies: list[float], alone: float) -> None:
    assert shape(accuracies, alone) is None


def ablations(held: list[list[float]]) -> Table:
    """One item per row: the gold log-probability under keyframes, then without each slot."""
    rows = []
    for i, values in enumerate(held):
        names = ["keyframes", *(f"ablate@{s}" for s in range(1, len(values)))]
        rows += [
            {
                "item": str(i),
                "cluster": str(i),
                "condition": n,
                "outcome": "right",
                "gold": 1,
                "logprobs": [-9.0, v],
            }
            for n, v in zip(names, values, strict=True)
        ]
    return Table.of([TrialRow.of(row) for row in rows])


def test_frame_influence_by_hand() -> None:
    """Without slot 1 the right answer loses 3, without slot 2 it gains 1: shares 3/4 and 1/4."""
    first, second = influence(ablations([[-1.0, -4.0, 0.0]] * 12))
    assert (first.change.value, second.change.value) == (3.0, -1.0)
    assert (first.share.value, second.share.value) == (0.75, 0.25)
    assert first.share.n == 12


def test_shares_sum_to_one_and_leave_out_items_that_nothing_moves() -> None:
    rng = np.random.default_rng(0)
    found = influence(ablations([*rng.normal(size=(30, 5)).tolist(), [-1.0] * 5]))
    assert sum(f.share.value for f in found) == pytest.approx(1, abs=2e-4)
    assert found[0].share.n == 30 and found[0].change.n == 31


def test_without_logprobs_there_is_no_influence() -> None:
    table = ablations([[-1.0, -4.0, 0.0]])
    for rows in table.rows.values():
        rows["0"] = replace(rows["0"], logprobs=None)
    assert influence(table) == []
    assert influence(Table({})) == []


def test_location_of_values_without_bounds() -> None:
    """Few values: Student's t by hand; one value: no limits; many: the bootstrap."""
    few = stats.location([1.0, 2.0, 6.0])
    error = math.sqrt(7) / math.sqrt(3)  # deviations 4, 1, 9 over 2
    assert (few.low, few.high) == pytest.approx((3 - 4.302653 * error, 3 + 4.302653 * error))
    one = stats.location([5.0])
    assert one.value == 5 and math.isinf(one.high) and one.as_json()["high"] is None
    many = stats.location(np.random.default_rng(1).normal(5, 2, 200))
    assert 4.4 < many.low < 5 < many.high < 5.6
    assert stats.location([]).n == 0

"""Edits of picture sequences, against sequences written out by hand."""

from typing import Any

import numpy as np
import pytest

from frames.edits import EDITS, ablate, neutral_frame, position, repeat_first, reverse, shuffle

A, B, C, D = (np.full((2, 3, 3), level, np.uint8) for level in (10, 20, 30, 40))
GREY = np.full((2, 3, 3), 128, np.uint8)


def levels(pictures: list[np.ndarray]) -> list[int]:
    """Each picture by its one grey level."""
    return [int(p[0, 0, 0]) for p in pictures]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(reverse([A, B, C]), [30, 20, 10], id="reverse"),
        pytest.param(reverse([]), [], id="reverse nothing"),
        pytest.param(repeat_first([A, B, C]), [10, 10, 10], id="repeat first"),
        pytest.param(repeat_first([]), [], id="repeat nothing"),
        pytest.param(ablate([A, B, C], 0), [128, 20, 30], id="ablate first"),
        pytest.param(ablate([A, B, C], 2), [10, 20, 128], id="ablate last"),
        pytest.param(position(D, 0, 3), [40, 128, 128], id="decisive first"),
        pytest.param(position(D, 2, 3), [128, 128, 40], id="decisive last"),
        pytest.param(position(D, 0, 1), [40], id="decisive alone"),
    ],
)
def test_edit_gives_the_sequence_written_by_hand(result: Any, expected: Any) -> None:
    assert levels(result) == expected
    assert all(p.shape == (2, 3, 3) and p.dtype == np.uint8 for p in result)


def test_shuffle_keeps_the_pictures_changes_the_order_and_repeats_by_seed() -> None:
    given = [A, B, C, D]
    orders = {tuple(levels(shuffle(given, seed))) for seed in range(60)}
    assert all(sorted(order) == [10, 20, 30, 40] for order in orders)
    assert (10, 20, 30, 40) not in orders
    assert len(orders) > 12, "sixty seeds should reach most of the 23 other orders"
    assert levels(shuffle(given, 7)) == levels(shuffle(given, 7))
    assert levels(shuffle([A, B], 0)) == [20, 10]
    assert levels(shuffle([A], 0)) == [10]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_no_edit_changes_what_it_is_given(edit: Any) -> None:
    given = [A.copy(), B.copy(), C.copy()]
    result = edit(given)
    assert levels(given) == [10, 20, 30] and len(result) == 3


@pytest.mark.parametrize("k", [-1, 3])
def test_a_slot_outside_the_sequence_is_refused(k: int) -> None:
    with pytest.raises(IndexError, match=f"slot {k} of 3"):
        ablate([A, B, C], k)
    with pytest.raises(IndexError, match=f"slot {k} of 3"):
        position(D, k, 3)


def test_neutral_frame_is_flat_mid_grey() -> None:
    assert np.array_equal(neutral_frame(2, 3), GREY)

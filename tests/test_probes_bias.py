"""The bias index on sequences whose truth is known: each estimator sees what it is there for."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from memeprobe.measures import FIRST_ALONE, KEYFRAMES, Table, changed_beyond, estimates
from memeprobe.store.rows import TrialRow

GOLD, LURE, GREY, OTHER = "gold", "lure", "grey", "other"
SHOWN: dict[str, tuple[str, ...]] = {
    "blind": (),
    "decisive": (GOLD,),
    "keyframes": (LURE, LURE, GOLD, GOLD),
    "keyframes_again": (LURE, LURE, GOLD, GOLD),
    "keyframes_thrice": (LURE, LURE, GOLD, GOLD),
    "last_again": (GOLD,),
    "reversed": (GOLD, GOLD, LURE, LURE),
    "first_repeated": (LURE,) * 4,
    "last": (GOLD,),
    **{f"position@{s}": tuple(GOLD if i == s else GREY for i in range(1, 5)) for s in range(1, 5)},
    **{f"among@{s}": tuple(GOLD if i == s else OTHER for i in range(1, 5)) for s in (1, 3, 4)},
    **{f"lures@{s}": tuple(GOLD if i == s else LURE for i in range(1, 5)) for s in (1, 3, 4)},
}
TELLING = {GOLD: 0, LURE: 1}

Looks = Callable[[Sequence[str]], int | None]
"""What a subject makes of the pictures in order: an option, or None where it must guess."""


def fair(shown: Sequence[str]) -> int | None:
    return next((TELLING[s] for s in reversed(shown) if s in TELLING), None)


def content_first(shown: Sequence[str]) -> int | None:
    return next((TELLING.get(s) for s in shown if s != GREY), None)


def last_only(shown: Sequence[str]) -> int | None:
    return TELLING.get(shown[-1]) if shown else None


def ends(shown: Sequence[str]) -> int | None:
    return fair([shown[0], shown[-1]]) if shown else None


def table(looks: Looks, noise: float, seed: int, items: int = 120) -> Table:
    """Outcome rows of a subject that answers at random in a share of all trials."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(items):
        for condition, shown in SHOWN.items():
            seen = looks(shown)
            at_random = seen is None or rng.random() < noise
            chosen = int(rng.integers(4)) if at_random else seen
            rows.append(
                TrialRow(
                    item=f"i{item}",
                    cluster=f"i{item}",
                    condition=condition,
                    outcome="right" if chosen == 0 else "wrong",
                    chosen=chosen,
                    gold=0,
                    lure=1,
                    order=True,
                    options=tuple("abcd"),
                )
            )
    return Table.of(rows)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2, 0.4])
def test_noise_does_not_shrink_an_index(noise: float) -> None:
    """The index of a subject that sees the last picture only stays 1, whatever its noise."""
    found = {(e.estimator, e.place): e.index for e in estimates(table(last_only, noise, 1, 600))}
    for estimator in ("grey", "other_clips"):
        assert found[estimator, "last"].low < 1 < found[estimator, "last"].high
        assert found[estimator, "last"].low > 0.6


def test_a_subject_that_skips_grey_is_seen_among_real_frames_only() -> None:
    found = {(e.estimator, e.place): e.index for e in estimates(table(content_first, 0.1, 2))}
    assert found["grey", "first"].low < 0 < found["grey", "first"].high
    for estimator in ("other_clips", "own_lures", "swap"):
        assert found[estimator, "first"].low > 0.7, estimator


def test_both_ends_stand_above_the_middle() -> None:
    found = {(e.estimator, e.place): e.index for e in estimates(table(ends, 0.1, 3))}
    assert found["grey", "first"].low > 0.3 and found["grey", "last"].low > 0.3
    assert found["grey", "middle"].high < -0.5


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.2])
def test_intervals_of_a_fair_subject_hold_nought(noise: float) -> None:
    """In at least 92 of 100 runs for each index that is 0; the others are not above it."""
    held: dict[tuple[str, str], list[bool]] = {}
    for seed in range(100):
        for e in estimates(table(fair, noise, 1000 + seed)):
            sided = e.estimator in ("own_lures", "swap")
            good = e.index.low <= 0 and (sided or e.index.high >= 0)
            held.setdefault((e.estimator, e.place), []).append(good)
    assert len(held) == 9
    assert all(np.mean(v) >= 0.92 for v in held.values()), held


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.2, 0.45])
def test_change_is_judged_against_the_model_s_own_inconsistency(noise: float) -> None:
    """One that sees the last picture only, however noisy: no settled answer changes with the rest;
    of a fair one all do whose first picture misleads."""
    last = ("last", "last_again")
    found = changed_beyond(table(last_only, noise, 4, 600), KEYFRAMES, last)
    assert found.low < 0.01 and found.high < 0.15
    found = changed_beyond(table(fair, noise, 5, 600), KEYFRAMES, FIRST_ALONE)
    assert found.low < 1 < found.high + 0.01 and found.low > 0.8


def test_change_without_a_repeat_is_not_judged() -> None:
    rows = table(fair, 0.1, 5, 60)
    kept = Table({c: r for c, r in rows.rows.items() if "again" not in c and "thrice" not in c})
    assert changed_beyond(kept, KEYFRAMES, FIRST_ALONE).n == 0

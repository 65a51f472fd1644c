"""Random subjects: no verdict says what the making of a subject denies."""

from collections import Counter

import numpy as np
import pytest

from memeprobe.calibrate.looking import at, last_telling
from memeprobe.calibrate.simulated import Subject, frames_run
from memeprobe.calibrate.truth import draw, untrue
from memeprobe.verdicts import judge

RUNS = 90
"""``benchmarks.certificate`` tries thousands, and seeds that nothing was tuned on."""


@pytest.mark.slow
def test_no_verdict_contradicts_what_a_subject_is() -> None:
    """At most 5 % of the runs of random subjects hold any statement that is untrue of them."""
    wrong, runs = Counter[str](), 0
    for seed in range(RUNS):
        case = draw(np.random.default_rng(seed))
        found = untrue(case, judge(case.rows(7 * seed + 1), words=False).verdicts)
        wrong.update(found)
        runs += bool(found)
    assert runs <= 0.05 * RUNS, wrong


@pytest.mark.parametrize("noise", [0.2, 0.45])
def test_noise_is_no_skill(noise: float) -> None:
    """One that sees the last picture only, however noisy, never follows what happens."""
    subject = Subject(at(-1), noise=noise)
    for seed in range(5):
        verdicts = judge(frames_run(subject, 120, seed), words=False).verdicts
        assert verdicts["order"].key == "one_frame_decides"
        assert verdicts["first_frame"].key in ("last_frame_biased", "last_frame_leaning")


def test_a_fair_subject_with_noise_is_neither_biased_nor_shown_fair() -> None:
    """A fifth of its answers are random: 120 items do not show that there is no bias."""
    for seed in range(5):
        verdicts = judge(
            frames_run(Subject(last_telling, noise=0.2), 120, seed), words=False
        ).verdicts
        assert verdicts["first_frame"].key == "not_enough_items"
        assert "is ruled out" in verdicts["first_frame"].text
        assert verdicts["order"].key in ("follows_end", "order_matters")

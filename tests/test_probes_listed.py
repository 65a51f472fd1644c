"""Options listed in every rotation: letters, single calls, failed calls and ties, by hand."""

import numpy as np
import pytest

from memeprobe.measures import Table, letter_bias, letter_shares, per_call
from memeprobe.scoring.answers import FAILED, majority
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.verdicts import analyse

OPTIONS = ("cat", "dog", "fox", "hen")


def listed(texts: list[str | None], gold: int = 2) -> tuple[str, tuple[int | None, ...]]:
    score, votes = majority(texts, OPTIONS, gold)
    return score.outcome, tuple(votes)


def test_a_failed_call_does_not_lose_the_item() -> None:
    """The lists begin with cat, dog, fox, hen; 'fox' stands at C, B, A, D."""
    assert listed(["C", "B", None, "D"]) == ("right", (2, 2, None, 2))
    assert listed(["C", None, None, "D"])[0] == FAILED


def trial(item: int, condition: str, votes: list[int | None], **more: object) -> TrialRow:
    counts = {v: votes.count(v) for v in votes if v is not None}
    best = [v for v, n in counts.items() if n == max(counts.values())]
    chosen = best[0] if len(best) == 1 else None
    outcome = "unparsed" if chosen is None else "right" if chosen == 2 else "wrong"
    about = {"item": f"i{item}", "cluster": f"i{item}", "options": OPTIONS, "gold": 2, "text": "A"}
    about |= {"condition": condition, "outcome": outcome, "chosen": chosen, "testable": True}
    return TrialRow.of({**about, "rotations": tuple(votes), **more})


def run(stuck: float, seed: int, items: int = 120) -> Table:
    """One that says 'A' in a share of its calls and is right otherwise."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(items):
        votes: list[int | None] = [by if rng.random() < stuck else 2 for by in range(4)]
        rows.append(trial(item, "keyframes", votes))
    return Table.of(rows)


@pytest.mark.parametrize("stuck", [0.0, 0.5, 1.0])
def test_letter_bias_and_single_calls_of_one_that_likes_a(stuck: float) -> None:
    """'A' in a share s of the calls, else fox, which stands at A once in four: s + (1 - s) / 4."""
    found = run(stuck, 1)
    bias = letter_bias(found)
    assert bias.low <= 0.75 * stuck <= bias.high + 1e-9 and bias.n == 120
    shares = letter_shares(found)
    assert [s.letter for s in shares] == list("ABCD")
    assert sum(s.share.value for s in shares) == pytest.approx(1, abs=1e-3)
    # A call stuck on A is right only where fox stands there.
    right = per_call(found, "keyframes")
    assert right.low <= (1 - stuck) + stuck / 4 <= right.high + 1e-9


def test_one_call_is_right_less_often_than_the_majority() -> None:
    result = analyse(
        [r for rows in run(0.5, 2).rows.values() for r in rows.values()], RunRecord.of({"run": "r"})
    ).as_json()
    told = result["conditions"]["keyframes"]
    assert told["accuracy"] > told["accuracy_per_call"]["value"] + 0.05
    assert "letter" in {n["key"] for n in result["notes"]}
    assert result["measures"]["letter_bias"]["p"] < 0.01


def test_ties_are_told_as_ties() -> None:
    rows = [
        trial(0, "keyframes", [0, 1, 2, 3]),
        trial(1, "keyframes", [None] * 4),
        trial(2, "keyframes", [2, 2, 2, 2], failed_calls=1),
    ]
    told = {n.key: n.text for n in analyse(rows, RunRecord.of({"run": "r"})).notes}
    assert told["tied"].endswith("counted as not right: 1.")
    assert told["unparsed"].endswith("counted as not right: 1.")
    assert told["failed_calls"].startswith("Trials in which some of the calls")
    assert " failed: 1;" in told["failed_calls"]

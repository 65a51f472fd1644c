"""Parity of two stacks: figures by hand, both answers of what differs, and what is refused."""

import json
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from memeprobe.comparison.parity import parity
from memeprobe.comparison.runs import CompareError
from memeprobe.store.rows import ItemLabels
from memeprobe.store.schema import Trial
from memeprobe.store.store import Store
from tests.command_line import CommandLine
from vlm import Answer, Receipt
from vlm.query import Seen

OPTIONS = ("a cat", "a dog")


def made(store: Store, model: str, chosen: str, scoring: str = "options", **identity: Any) -> str:
    """A run whose items chose 0 (right), 1 (wrong), or nothing (-: unparsed, x: failed)."""
    about = {
        f"i{n}": ItemLabels(cluster=f"i{n}", options=OPTIONS, item_gold=0)
        for n in range(len(chosen))
    }
    told = {"set": "s", "content": "c", "model": model, "delivery": "native", "language": "en"}
    name = store.start_run({**told, "k": 4, **identity}, about, len(chosen))
    trials, answers = [], {}
    for n, c in enumerate(chosen):
        key = f"{name}-{n}"
        outcome = {"0": "right", "1": "wrong", "-": "unparsed", "x": "failed"}[c]
        text = OPTIONS[int(c)] if c in "01" else f"I, {model}, cannot say"
        receipt = Receipt("native", 1, 1, ("h",), "p", seen=Seen(scoring=scoring))
        logprobs = (-0.1, -2.0) if c == "0" else (-2.0, -0.1)
        answers[key] = Answer(text, receipt, logprobs, (1, 1))
        picked = int(c) if c in "01" else None
        trials.append(Trial(f"i{n}", "keyframes", outcome, picked, 0, key))
    store.save(name, trials, answers)
    return name


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def test_figures_by_hand(store: Store) -> None:
    """40 items, one gained and one lost; two more are failed in one of the runs."""
    one = made(store, "transformers", "0" * 20 + "1" * 20 + "0x")
    two = made(store, "vllm", "1" + "0" * 19 + "0" + "1" * 19 + "x0")
    found = parity(store, [one, two], margin=0.1)
    assert (found["trials"], found["only_first"], found["only_second"]) == (40, 1, 1)
    low, high = proportion_confint(38, 40, method="wilson")
    assert found["equal"]["value"] == 0.95
    assert found["equal"]["low"] == pytest.approx(low, abs=1e-4)
    assert found["equal"]["high"] == pytest.approx(high, abs=1e-4)
    assert (found["first"]["value"], found["second"]["value"]) == (0.5, 0.5)
    assert found["difference"]["value"] == 0
    # Bonett and Price: two pseudo-items make 42 values, of which four are not 0.
    error = 2 / 42
    for limits, z in ((found["difference"], 1.959964), (found["equivalence"], 1.644854)):
        assert limits["low"] == pytest.approx(-z * error, abs=1e-4)
        assert limits["high"] == pytest.approx(z * error, abs=1e-4)
    assert found["equivalence"]["shown"] is True
    assert found["equivalence"]["p"] == pytest.approx(NormalDist().cdf(-0.1 / error), abs=1e-5)
    assert found["conditions"]["keyframes"]["mcnemar_p"] == 1.0
    assert found["largest_logprob_gap"] == pytest.approx(1.9)
    assert [d["item"] for d in found["differing"]] == ["i0", "i20"]
    assert found["differing"][0] == {
        "item": "i0",
        "condition": "keyframes",
        "first": {"answer": "a cat", "text": "a cat", "outcome": "right"},
        "second": {"answer": "a dog", "text": "a dog", "outcome": "wrong"},
    }
    assert "95.0 % of the answers are the same" in found["text"]
    assert "equally often right, within 10 points" in found["text"]
    assert "95.0 % 的回答相同" in found["text_zh"] and "10 个百分点" in found["text_zh"]
    # The same runs within 5 points: too few items to say, which is neither equal nor different.
    narrow = parity(store, [one, two], margin=0.05)
    assert narrow["equivalence"]["shown"] is False and "cannot be said" in narrow["text"]


def test_a_difference_is_called_one(store: Store) -> None:
    one = made(store, "transformers", "0" * 40)
    two = made(store, "vllm", "1" * 8 + "0" * 32)
    found = parity(store, [one, two])
    assert found["difference"]["value"] == -0.2
    assert found["conditions"]["keyframes"]["mcnemar_p"] == pytest.approx(2 / 2**8, abs=1e-6)
    assert found["difference"]["p"] == pytest.approx(2 / 2**8, abs=1e-6)
    assert found["conditions"]["keyframes"]["lost"] == [f"i{n}" for n in range(8)]
    assert "The second is less often right: -20.0 points" in found["text"]
    assert len(found["differing"]) == 8


def test_a_sure_difference_may_be_a_small_one(store: Store) -> None:
    found = parity(
        store, [made(store, "m", "0" * 400), made(store, "n", "1" * 8 + "0" * 392)], margin=0.05
    )
    assert found["equivalence"]["shown"] and found["difference"]["p"] < 0.05
    assert "surely a difference, and surely less than 5 points" in found["text"]


def test_other_words_without_an_option_are_another_answer(store: Store) -> None:
    found = parity(store, [made(store, "m", "--0"), made(store, "n", "-00")])
    # "I, m, cannot say" and "I, n, cannot say"; then nothing chosen against an option.
    assert [d["item"] for d in found["differing"]] == ["i0", "i1"]
    assert found["equal"]["value"] == pytest.approx(1 / 3, abs=1e-4)


@pytest.mark.parametrize(
    ("identity", "scoring", "said"),
    [
        ({"k": 8}, "options", r"differ in k \(4 and 8\)"),
        ({"delivery": "grid"}, "options", "differ in delivery"),
        ({"content": "d"}, "options", "differ in content"),
        ({}, "letters", "score options in two ways"),
    ],
)
def test_what_was_not_asked_alike_is_refused(
    identity: dict[str, Any], scoring: str, said: str, store: Store
) -> None:
    one, two = made(store, "m", "01"), made(store, "n", "01", scoring, **identity)
    with pytest.raises(CompareError, match=said):
        parity(store, [one, two])


def test_two_runs_and_a_margin_between_0_and_1(store: Store) -> None:
    runs = [made(store, name, "01") for name in "mno"]
    with pytest.raises(CompareError, match="between two runs, got 3"):
        parity(store, runs)
    with pytest.raises(CompareError, match="margin must lie between 0 and 1"):
        parity(store, runs[:2], margin=0)
    nothing = made(store, "p", "xx")
    with pytest.raises(CompareError, match="share no answered trial"):
        parity(store, [runs[0], nothing])


def test_the_command_shows_both_answers(memeprobe: CommandLine, tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        runs = [made(store, "m", "0001"), made(store, "n", "0101")]
    code, out, _ = memeprobe("compare", "--parity", *runs, "--margin", 0.2, "--json")
    assert code == 0 and json.loads(out)["equal"]["value"] == 0.75
    assert json.loads(out)["margin"] == 0.2
    code, out, _ = memeprobe("compare", "--parity", *runs)
    assert code == 0 and "75.0 % of the answers are the same" in out
    assert "a cat" in out and "a dog" in out and "i1" in out
    code, _, error = memeprobe("compare", *runs, "--margin", 0.2)
    assert code == 2 and "--margin goes with --parity" in error

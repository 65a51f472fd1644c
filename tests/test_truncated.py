"""Answers that stop at their bound of tokens: told by the adapter, counted and said by the run."""

from pathlib import Path

import numpy as np
import pytest

from meme_sets import load_set
from memeprobe import jobs
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.store import Store
from vlm import LoadOptions, Query, load_model


def asked(bound: int, question: str = "What does the caption say?") -> tuple[str, bool]:
    picture = np.full((192, 192, 3), 200, np.uint8)
    model = load_model("blip-nano", LoadOptions("cpu"))
    (answer,) = model.answer([Query((picture,), question, (), "concat", bound)])
    assert answer.text is not None and answer.receipt is not None and answer.receipt.seen
    return answer.text, answer.receipt.seen.truncated


def test_the_embedded_model_says_whether_it_came_to_its_end() -> None:
    whole, cut = asked(20)
    assert whole and not cut
    short, cut = asked(1)
    assert cut and whole.startswith(short)


@pytest.mark.parametrize(("bound", "some"), [(1, True), (None, False)])
def test_a_run_counts_and_says_what_was_cut_off(
    tmp_path: Path, bound: int | None, some: bool
) -> None:
    meme_set, options = load_set("static"), LoadOptions("cpu", max_new_tokens=bound)
    spec = RunSpec("static", "blip-nano", conditions=("keyframes",), limit=4, k=2)
    spec = RunSpec(**{**vars(spec), "policy": "uniform_time"})
    model = load_model("blip-nano", options)
    with Store(tmp_path / "store.sqlite") as store:
        experiment = Experiment.of(spec, meme_set, model, options)
        assert experiment.identity.get("max_new_tokens") == bound
        found = jobs.run_and_analyse(experiment, store)
    notes = {note.key: note.text for note in found.notes}
    assert (found.truncated > 0) is some
    assert ("truncated" in notes) is some
    if some:
        assert f"stopped at their bound of tokens: {found.truncated};" in notes["truncated"]

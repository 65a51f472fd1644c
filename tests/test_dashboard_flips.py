"""Items that are answered differently: which they are, and how the pages show both sides."""

import random
from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe import jobs
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.queries import StoreReader
from memeprobe.store.store import Store
from tests.app_test import app, html
from tests.running import run_and_analyse
from tests.test_dashboard_runs import filled


@pytest.mark.parametrize("seed", range(3))
def test_changes_are_those_of_a_plain_loop(workspace: Path, seed: int) -> None:
    dice = random.Random(seed)
    words = ["right", "wrong", "unparsed", "failed"]
    drawn = [[(dice.choice(words), dice.choice(words)) for _ in range(40)] for _ in range(2)]
    one, two = (filled(workspace, pairs, f"m{n}") for n, pairs in enumerate(drawn))
    with StoreReader(workspace) as reader:
        across = reader.changes((one, "keyframes"), (two, "keyframes"))
        within = reader.changes((one, "first"), (one, "keyframes"))
    for found, sides in (
        (across, [(a[0], b[0]) for a, b in zip(*drawn, strict=True)]),
        (within, [(first, whole) for whole, first in drawn[0]]),
    ):
        both = {f"i{n}": pair for n, pair in enumerate(sides) if "failed" not in pair}
        expected = {
            item: "gained" if after == "right" else "lost" if before == "right" else "changed"
            for item, (before, after) in both.items()
            if before != after
        }
        assert found == (expected, len(both))


@pytest.mark.slow
def test_both_answers_and_both_sides_frames_stand_side_by_side(workspace: Path) -> None:
    reveal = load_set("reveal")
    model = jobs.model_for("known:fair", reveal, "en")
    names = ("keyframes", "first")
    with Store(workspace) as store:
        one, two = (
            run_and_analyse(
                RunSpec("reveal", "known:fair", delivery, limit=2, conditions=names),
                reveal,
                model,
                store,
            ).record.run
            for delivery in ("native", "first_only")
        )
    at = app("runs")
    at.query_params["run"] = one
    at.run()
    at.segmented_control(key=f"items_as_{one}").set_value("flips").run()
    assert not at.exception
    (cards,) = [h for h in at.html if "mp-flip" in h.value and "<style>" not in h.value]
    for item in reveal.items[:2]:  # the fair subject is right about all frames only
        card = cards.value.split(f"item={item.id}")[1].split("mp-flip")[0]
        assert item.lure is not None and item.gold is not None
        first, whole = card.split("<div>")[1:]
        assert item.options[item.lure].en in first and first.count("<img") == 1
        assert item.options[item.gold].en in whole and whole.count("<img") == 4
        assert card.count(">as in the receipt<") == 2
    at = app("compare")
    at.query_params["runs"] = f"{one},{two}"
    at.run()
    assert not at.exception
    assert "known:fair (native)" in html(at) and "known:fair (first_only)" in html(at)
    assert html(at).count("1 of these 4 reached the model") == 2

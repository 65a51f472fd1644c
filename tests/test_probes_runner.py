"""A run end to end: what is asked, that failures stay alone, that a killed run goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from meme_sets import MemeSet
from memeprobe.experiment.spec import SpecError
from memeprobe.running.asking import ask
from memeprobe.store.store import Store
from memeprobe.verdicts import analyse
from tests.colour_set import Eye, Pen, plainly, write_set
from tests.conftest import ROOT
from tests.not_none import not_none
from tests.running import plan, run
from vlm import Answer, Query

pytestmark = pytest.mark.usefixtures("no_rechecks")


@pytest.fixture
def colours(tmp_path: Path) -> MemeSet:
    return write_set(tmp_path / "set")


def outcomes(store: Store, name: str) -> dict[tuple[str, str], str]:
    return {(r.item, r.condition): r.outcome for r in store.outcomes(name)}


def test_every_condition_shows_what_it_says(colours: MemeSet, tmp_path: Path) -> None:
    """The last colour of the pictures is known for each condition of clip 0 (red to yellow)."""
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(), colours, Eye(), store)
        rows = {r.condition: r for r in store.outcomes(name) if r.item == "clip-0"}
    chosen = {c: (r.chosen, r.intended, r.outcome) for c, r in rows.items()}
    assert chosen == {
        "blind": (None, 0, "unparsed"),
        "first": (0, 1, "wrong"),
        "last": (3, 1, "right"),
        "keyframes": (3, 4, "right"),
        "reversed": (0, 4, "wrong"),
        "first_repeated": (0, 4, "wrong"),
        "position@1": (3, 4, "right"),
        "position@2": (3, 4, "right"),
        "position@3": (3, 4, "right"),
        "position@4": (3, 4, "right"),
        "decisive": (3, 1, "right"),
    }
    assert rows["keyframes"].keyframes == (0, 1, 2, 3)
    assert rows["keyframes"].decisive_hit is True
    assert not_none(rows["keyframes"].receipt).n_images == 4


def test_nothing_is_asked_twice(colours: MemeSet, tmp_path: Path) -> None:
    """Neither within a run, nor again, nor by a run of other conditions.

    Per clip 11 conditions, of which last = decisive; and blind is one question for all clips.
    """
    model = Eye()
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(), colours, model, store)
        assert len(model.asked) == len(set(model.asked)) == 6 * 9 + 1
        assert run(plainly(), colours, model, store) == name
        other = run(plainly(conditions=("first", "last")), colours, model, store)
        assert other != name and len(model.asked) == 55
        assert len(store.outcomes(other)) == 12


def test_the_answer_depends_on_pixels_model_and_delivery(colours: MemeSet, tmp_path: Path) -> None:
    model = Eye()
    with Store(tmp_path / "w.sqlite") as store:
        spec = plainly(conditions=("keyframes",))
        run(spec, colours, model, store)
        run(replace(spec, delivery="first_only"), colours, model, store)
        run(replace(spec, language="zh"), colours, model, store)
        model.revision = "2"
        run(spec, colours, model, store)
        assert len(model.asked) == 4 * 6


def test_a_failing_query_fails_alone_and_is_asked_again(colours: MemeSet, tmp_path: Path) -> None:
    model = Eye()
    model.broken = {22}
    spec = plainly()
    with Store(tmp_path / "w.sqlite") as store:
        name = run(spec, colours, model, store)
        failed = {k for k, o in outcomes(store, name).items() if o == "failed"}
        # clip-2 is 22 pixels high; only without a picture can it be asked.
        assert {i for i, _ in failed} == {"clip-2"} and len(failed) == 10
        assert store.outcomes(name)[-1].problem is None
        problems = {r.problem for r in store.outcomes(name) if r.outcome == "failed"}
        assert problems == {"RuntimeError: out of memory"}
        asked = len(model.asked)
        model.broken = set()
        run(spec, colours, model, store)
        assert len(model.asked) - asked == 9  # last = decisive: one answer for both
        assert "failed" not in outcomes(store, name).values()


def test_a_broken_file_concerns_its_item_only(colours: MemeSet, tmp_path: Path) -> None:
    colours.media_path(colours.items[1]).write_bytes(b"no picture at all")
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(), colours, Eye(), store)
        rows = store.outcomes(name)
    failed = [r for r in rows if r.outcome == "failed"]
    assert {r.item for r in failed} == {"clip-1"} and len(rows) == 66
    assert all("1.gif" in not_none(r.problem) for r in failed)


def test_wrong_number_of_answers_is_no_answer() -> None:
    class Short(Eye):
        def answer(self, queries: Sequence[Query]) -> list[Answer]:
            return super().answer(queries[: len(queries) // 2])

    found = ask(Short(), [Query((), f"question {i}") for i in range(3)])
    assert [a.text for a in found] == [None] * 3
    assert found[0].error == "RuntimeError: 0 answers to 1 queries"


def test_first_only_is_not_testable_but_told(colours: MemeSet, tmp_path: Path) -> None:
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(delivery="first_only"), colours, Eye(), store)
        rows = store.outcomes(name)
        result = analyse(rows, store.run(name)).as_json()
    by = {(r.item, r.condition): r for r in rows}
    assert by["clip-0", "keyframes"].testable is False
    assert by["clip-0", "keyframes"].outcome == "wrong"
    assert by["clip-0", "first"].testable is True
    assert result["conditions"]["keyframes"]["not_testable"] == 6
    assert list(result["conditions"])[:4] == ["blind", "first", "last", "keyframes"]
    verdict = result["verdicts"]["first_frame"]
    assert verdict["key"] == "not_testable"
    assert "only 1 of 4 frames" in verdict["text"]
    assert "follows the first frame in 100 % [61, 100]" in verdict["text"]


def test_caption_edits_are_checked_by_the_reader(tmp_path: Path) -> None:
    meme_set = write_set(tmp_path / "set", clips=1, stills=3)
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(), meme_set, Eye(), store, reader=Pen(stubborn=1))
        found = outcomes(store, name)
        rows = {(r.item, r.condition): r for r in store.outcomes(name)}
    assert found["still-0", "erased"] == "right" and found["still-0", "replaced"] == "wrong"
    assert found["still-1", "erased"] == found["still-1", "replaced"] == "unreadable"
    assert found["still-1", "as_is"] == "wrong"
    assert rows["still-1", "replaced"].problem == (
        "replaced by 'other 1', but OCR reads 'number 1'"
    )
    assert rows["still-0", "replaced"].gold == 1
    assert not_none(rows["still-2", "told"].receipt).prompt == (
        'The caption in the picture says: "number 2". Which number is 2?'
    )
    assert not {c for i, c in found if i == "still-0"} & {"keyframes", "position@1"}
    assert not {c for i, c in found if i == "clip-0"} & {"as_is", "transcribe"}


def test_plan_and_progress_agree(colours: MemeSet, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    with Store(tmp_path / "w.sqlite") as store:
        spec = plainly(limit=4)
        planned = plan(spec, colours, Eye())
        run(spec, colours, Eye(), store, progress=lambda *s: steps.append(s))
    assert (planned.items, planned.trials, planned.calls) == (4, 44, 44)
    assert steps[0] == (0, 44) and steps[-1] == (44, 44)
    assert [s[0] for s in steps] == sorted(s[0] for s in steps)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delivery": "grid"}, "eye does not support the delivery 'grid'; it supports native"),
        ({"language": "fr"}, "has no questions in 'fr'; it has en, zh"),
        ({"k": 0}, "must be 1 to 64, got 0"),
        ({"limit": 0}, "at least 1 item, got 0"),
        ({"policy": "best"}, "unknown keyframe policy 'best'"),
        ({"conditions": ("keyframe",)}, "did you mean 'keyframes'?"),
        ({"conditions": ("caption",)}, "nothing to ask"),
        ({"conditions": ("sandwich",)}, "no translators around it"),
        ({"sample": 0}, "at least 1 item, got 0"),
        ({"scoring": "guess"}, "unknown scoring 'guess'"),
    ],
)
def test_impossible_specs_say_so(
    colours: MemeSet, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with Store(tmp_path / "w.sqlite") as store, pytest.raises(SpecError) as caught:
        run(plainly(**{"conditions": None, **change}), colours, Eye(), store)
    assert message in str(caught.value)


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from meme_sets import load_set
from memeprobe.running import asker, runner
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly
from tests.running import run
runner.BATCH, runner.REHEARSAL, asker.RECHECKED = 4, (), 0
store = Store({work!r})
run(plainly(), load_set({folder!r}), Eye(Path({log!r}), delay=0.02), store)
"""


@pytest.mark.slow
def test_kill_9_loses_at_most_the_batch_in_flight(tmp_path: Path) -> None:
    """Three kills at three moments; then the run ends as if nothing had happened."""
    colours = write_set(tmp_path / "set")
    log, work = tmp_path / "asked.log", tmp_path / "w.sqlite"
    code = CHILD.format(
        root=str(ROOT),
        work=str(work),
        folder=str(tmp_path / "set"),
        log=str(log),
    )
    spec, batch = plainly(), 4
    stored: list[int] = []
    for target in (10, 25, 38):
        child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if log.exists() and len(log.read_text().splitlines()) >= target:
                break
            time.sleep(0.005)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        with Store(work) as store:
            stored.append(len(store.outcomes(store.runs()[0].run)))
    assert 0 < stored[0] < stored[1] < stored[2] < 66
    with Store(work) as store:
        model = Eye(log)
        name = run(spec, colours, model, store)
        found = outcomes(store, name)
        assert len(store.runs()) == 1 and len(found) == 66
    asked = log.read_text().splitlines()
    # Each kill can repeat at most the queries of the one batch that was in flight.
    assert len(set(asked)) == 55 and len(asked) <= 55 + 3 * batch
    with Store(tmp_path / "other.sqlite") as store:
        assert outcomes(store, run(spec, colours, Eye(), store)) == found

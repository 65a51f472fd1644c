"""The store: atomic batches, shared answers, migrations, speed, and what it refuses."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sized
from functools import partial
from pathlib import Path

import pytest

from memeprobe.store.migrations import MIGRATIONS
from memeprobe.store.rows import ItemLabels
from memeprobe.store.schema import Trial
from memeprobe.store.store import Store, StoreError
from vlm import Answer, Receipt

IDENTITY = {"set": "s", "model": "m", "k": 4}
ABOUT = ItemLabels(cluster="c", lure=1, options=("是", "no"))


def receipt(n: int = 2) -> Receipt:
    return Receipt("native", n, n, ("a" * 64,) * n, "What?")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "w.sqlite"


def test_what_goes_in_comes_out(path: Path) -> None:
    answer = Answer("是", receipt(), (-0.5, -1.25), (2, 3))
    with Store(path) as store:
        run = store.start_run(IDENTITY, {"i": ABOUT}, 1)
        trial = Trial("i", "keyframes", "right", 0, 0, "key", 2, 2, True, None, {"keyframes": [0]})
        store.save(run, [trial], {"key": answer})
    with Store(path) as store:
        assert store.answers(["key", "other"]) == {"key": answer}
        (row,) = store.outcomes(run)
    assert row.item == "i" and row.options == ("是", "no") and row.text == "是"
    assert row.testable is True and row.logprobs == (-0.5, -1.25)
    assert row.receipt == receipt() and row.keyframes == (0,)


def test_the_same_identity_is_the_same_run(path: Path) -> None:
    with Store(path) as store:
        one = store.start_run(IDENTITY, {"i": ABOUT}, 1)
        assert store.start_run(dict(reversed(IDENTITY.items())), {"i": ABOUT}, 1) == one
        assert store.start_run({**IDENTITY, "k": 5}, {"i": ABOUT}, 1) != one
        assert [r.k for r in store.runs()] == [5, 4]


def test_a_run_that_is_asked_again_and_has_all_answers_took_no_longer(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run(IDENTITY, {}, 1)
        store.save(run, [Trial("m1", "first", "right", 0, 0)])
        (before,) = store.runs()
        assert store.start_run(IDENTITY, {}, 1) == run
        (after,) = store.runs()
    assert (after.created, after.updated) == (before.created, before.updated)


def test_only_failed_answers_are_replaced_and_only_failed_trials_are_open(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run(IDENTITY, {"i": ABOUT}, 2)
        failed = Answer(None, None, error="out of memory")
        store.save(
            run,
            [Trial("i", "a", "failed", problem="x"), Trial("i", "b", "unparsed")],
            {"k": failed},
        )
        assert store.answers(["k"]) == {} and store.settled(run) == {("i", "b")}
        store.save(run, [Trial("i", "a", "right", 0, 0, "k")], {"k": Answer("yes", receipt())})
        store.save(run, [], {"k": Answer("no", receipt())})
        assert store.answers(["k"])["k"].text == "yes"
        assert store.settled(run) == {("i", "a"), ("i", "b")}
        store.save(run, [Trial("i", "a", "failed", problem="another process met an error")])
        assert store.settled(run) == {("i", "a"), ("i", "b")}, "a failure replaces nothing"


def test_a_batch_is_stored_whole_or_not_at_all(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run(IDENTITY, {"i": ABOUT}, 2)
        bad = Trial("i", "b", "right", answer=object())  # type: ignore[arg-type]
        with pytest.raises(sqlite3.Error):
            store.save(run, [Trial("i", "a", "right"), bad], {"k": Answer("yes", receipt())})
        assert store.outcomes(run) == [] and store.answers(["k"]) == {}


def test_unknown_outcomes_are_refused() -> None:
    with pytest.raises(ValueError, match="'skipped'"):
        Trial("i", "a", "skipped")


def test_runs_are_found_by_their_beginning(path: Path) -> None:
    with Store(path) as store:
        with pytest.raises(StoreError, match="no runs yet"):
            store.run("abc")
        run = store.start_run(IDENTITY, {"i": ABOUT}, 7)
        found = store.run(run[:4])
        assert (found.run, found.planned, found.done) == (run, 7, 0)
        with pytest.raises(StoreError, match=f"the latest are {run}"):
            store.run("zzz")
        store.start_run({**IDENTITY, "k": 5}, {"i": ABOUT}, 7)
        with pytest.raises(StoreError, match="several runs"):
            store.run("")


def test_a_file_that_is_no_workspace_is_refused_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("no database " * 100)
    with pytest.raises(StoreError) as caught:
        Store(wrong)
    assert "notes.txt" in str(caught.value) and "\n" not in str(caught.value)
    assert wrong.read_text().startswith("no database")


def test_a_newer_workspace_is_refused(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer memeprobe"):
        Store(path)


def test_a_migration_that_breaks_off_leaves_the_old_workspace(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(path) as store:
        run = store.start_run(IDENTITY, {"i": ABOUT}, 1)
    more = [*MIGRATIONS, ("CREATE TABLE extra (a)", "THIS IS NO SQL")]
    monkeypatch.setattr("memeprobe.store.connect.MIGRATIONS", more)
    with pytest.raises(StoreError):
        Store(path)
    monkeypatch.setattr(
        "memeprobe.store.connect.MIGRATIONS", [*MIGRATIONS, ("CREATE TABLE extra (a)",)]
    )
    with Store(path) as store:
        assert store.run(run).planned == 1


def test_a_new_workspace_that_breaks_off_is_none_of_an_old_format(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next command would keep an empty copy of it beside the workspace."""
    monkeypatch.setattr("memeprobe.store.connect.MIGRATIONS", [*MIGRATIONS, ("THIS IS NO SQL",)])
    with pytest.raises(StoreError):
        Store(path)
    monkeypatch.undo()
    Store(path).close()
    assert [f.name for f in path.parent.iterdir() if ".format-" in f.name] == []


def filled(path: Path, runs: int) -> str:
    """A workspace with so many runs of 1,000 trials; gives the last one's id."""
    with Store(path) as store:
        for r in range(runs):
            run = store.start_run({**IDENTITY, "k": r}, {f"i{n}": ABOUT for n in range(100)}, 9)
            trials = (
                Trial(f"i{n}", f"c{c}", "right", 0, 0, f"{n}-{c}", 4, 4, True)
                for n in range(100)
                for c in range(10)
            )
            answers = {f"{n}-{c}": Answer("yes", receipt(4)) for n in range(100) for c in range(10)}
            store.save(run, trials, answers if r == 0 else {})
    return run


def steps(path: Path, run: str) -> dict[str, int]:
    """How many tens of steps SQLite's virtual machine takes for each thing that is read."""
    took = Counter[str]()
    with Store(path) as store:
        calls: dict[str, Callable[[], Sized]] = {
            "runs": store.runs,
            "settled": lambda: store.settled(run),
            "answers": lambda: store.answers([f"{n}-1" for n in range(100)]),
            "outcomes": lambda: store.outcomes(run),
        }
        for name, call in calls.items():
            store._db.set_progress_handler(partial(took.update, [name]), 10)
            assert len(call()) > 0
    return dict(took)


@pytest.mark.slow
def test_reading_one_run_costs_the_same_among_many(tmp_path: Path) -> None:
    """Counted in SQLite's own steps, which no busy machine changes."""
    few = steps(tmp_path / "few.sqlite", filled(tmp_path / "few.sqlite", 2))
    many = steps(tmp_path / "many.sqlite", filled(tmp_path / "many.sqlite", 20))
    for name in ("settled", "answers", "outcomes"):
        assert many[name] <= 1.1 * few[name], (name, few, many)
    assert many["runs"] <= 11 * few["runs"] and many["runs"] < 20_000 * 2, (few, many)

"""Runs that are ended, that share a store, that lose memory, room or the time of day."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import torch

from benchmarks.kills import table
from meme_sets import MemeSet
from memeprobe.cli.ending import signals
from memeprobe.experiment.experiment import Experiment
from memeprobe.running.estimate import estimate
from memeprobe.store.store import Store, StoreError
from memeprobe.store.upkeep import check
from tests.colour_set import NAMES, Eye, plainly, write_set
from tests.running import run
from tests.test_store_damage import nobody
from vlm import Answer, Query

ROOT = Path(__file__).resolve().parent.parent
SEED = 17
STOPPED = "memeprobe: stopped; "


@pytest.fixture
def colours(tmp_path: Path) -> MemeSet:
    return write_set(tmp_path / "set")


def kept(store: Store) -> Any:
    """Trials and answers."""
    found = table(store.path.parent)
    return found["trials"], found["answers"]


@pytest.mark.slow
def test_a_run_that_was_ended_goes_on_to_the_same_table(tmp_path: Path) -> None:
    """By kill -9, SIGTERM, Ctrl-C once and twice, and a full disk; the places are drawn by SEED."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed_runs", str(tmp_path), str(SEED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "MEMEPROBE_PROCESSES": "0"},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [place for place, *_ in found].count("full") == 3 and len(found) == 9
    for place, sent, code, said, checked, again, same in found:
        what = f"seed {SEED}, {place} {sent}: {code} {said}"
        wanted = {
            (signal.SIGKILL,): (-signal.SIGKILL, ""),
            (signal.SIGTERM,): (143, STOPPED),
            (signal.SIGINT,): (130, STOPPED),
            (signal.SIGINT, signal.SIGINT): (130, "memeprobe: ended at once; "),
        }
        ended, line = (2, "memeprobe: ") if place == "full" else wanted[tuple(sent)]
        assert code == ended and line in said and "Traceback" not in said, what
        assert (checked, again, same) == (0, 0, True), what


class Other(Eye):
    """Names another colour than it sees, and lets another process be quicker once."""

    def __init__(self, meanwhile: Callable[[], object], fails: bool = False) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = meanwhile
        self.fails = fails

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if self.fails:
            raise RuntimeError("the server is gone")
        return [Answer(f"It is {NAMES[0]}.", a.receipt) for a in super().answer(queries)]


@pytest.mark.parametrize("fails", [False, True], ids=["answers otherwise", "fails"])
@pytest.mark.usefixtures("no_rechecks")
def test_of_two_processes_on_one_run_the_first_answer_counts(
    colours: MemeSet, tmp_path: Path, fails: bool
) -> None:
    """A model that answers anew each time: every trial is scored by the answer that is stored."""
    (tmp_path / "alone").mkdir()
    with Store(tmp_path / "alone" / "w.sqlite") as store:
        run(plainly(), colours, Eye(), store)
        alone = kept(store)
    (tmp_path / "both").mkdir()
    path = tmp_path / "both" / "w.sqlite"

    def quicker() -> None:
        with Store(path) as other:
            run(plainly(), colours, Eye(), other)

    with Store(path) as store:
        run(plainly(), colours, Other(quicker, fails), store)
        assert kept(store) == alone
        assert check(path).findings == ()


class Hungry(Eye):
    """A model whose memory holds one question at a time, and never one about clip 2."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.error = error
        self.held: list[weakref.ref[torch.Tensor]] = []
        self.crowded = 0

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        self.crowded += any(held() is not None for held in self.held)
        activations = torch.zeros(len(queries))
        self.held.append(weakref.ref(activations))
        if len(queries) > 1 or any(i.shape[0] == 22 for q in queries for i in q.images):
            raise self.error("no room")
        return super().answer(queries)


@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
@pytest.mark.usefixtures("no_rechecks")
def test_a_model_without_memory_for_a_batch_is_asked_one_by_one(
    colours: MemeSet, tmp_path: Path, error: type[Exception]
) -> None:
    model = Hungry(error)
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(), colours, model, store)
        rows = store.outcomes(name)
        failed = {(r.item, r.problem) for r in rows if r.outcome == "failed"}
        assert failed == {("clip-2", f"{error.__name__}: no room")}
        assert model.crowded == 0, "what a failed batch took is free before the next question"
        run(plainly(), colours, Eye(), store)
        again = kept(store)
    (tmp_path / "alone").mkdir()
    with Store(tmp_path / "alone" / "w.sqlite") as store:
        run(plainly(), colours, Eye(), store)
        assert kept(store) == again


class Stopped(Exception):
    """The run ends here."""


@pytest.mark.parametrize("years", [-30, 30])
@pytest.mark.usefixtures("no_rechecks")
def test_a_clock_that_jumps_changes_nothing(
    colours: MemeSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    (tmp_path / "alone").mkdir()
    with Store(tmp_path / "alone" / "w.sqlite") as store:
        run(plainly(), colours, Eye(), store)
        alone = kept(store)

    def stop(done: int, planned: int) -> None:
        if done > 20:
            raise Stopped

    with Store(tmp_path / "w.sqlite") as store:
        with pytest.raises(Stopped):
            run(plainly(), colours, Eye(), store, progress=stop)
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + years * 365 * 86400)
        model = Eye()
        run(plainly(), colours, model, store)
        assert kept(store) == alone and len(model.asked) < 55


@pytest.mark.skipif(sys.platform != "linux", reason="setfsuid is a matter of Linux")
def test_a_folder_that_cannot_be_written_is_one_line(
    memeprobe: Callable[..., tuple[int, str, str]],
) -> None:
    shut = Path(mkdtemp(prefix="memeprobe-"))
    shut.chmod(0o555)
    with nobody():
        code, _, err = memeprobe(
            "run", "reveal", "-m", "known:fair", "-c", "first", "-w", shut / "w.sqlite"
        )
    assert code == 2 and "give another with --workspace" in err and "Traceback" not in err
    assert list(shut.iterdir()) == []
    shut.rmdir()


def test_a_disk_without_room_for_a_new_store_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk ends a transaction by itself, and there is nothing to roll back."""
    real = sqlite3.connect

    def small(*args: Any, **named: Any) -> sqlite3.Connection:
        db = real(*args, **named)
        db.execute("PRAGMA max_page_count = 5")
        return db

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(StoreError, match="the disk is full or cannot be written"):
        Store(tmp_path / "w.sqlite")
    monkeypatch.undo()
    with Store(tmp_path / "w.sqlite") as store:
        assert store.runs() == []


def test_the_next_start_says_what_it_found(colours: MemeSet, tmp_path: Path) -> None:
    eye = Eye()
    eye.broken = {21}  # the height of one of six clips
    spec = plainly(conditions=("blind", "keyframes"), policy="uniform_index")
    experiment = Experiment.of(spec, colours, eye)
    with Store(tmp_path / "w.sqlite") as store:
        before = estimate(experiment, store).text  # which asks the first few
        run(spec, colours, eye, store)
        after = estimate(experiment, store).text
        eye.broken = set()
        run(spec, colours, eye, store)
        at_last = estimate(experiment, store).text
    size = "6 items, 12 trials, at most 12 model calls"
    assert before.startswith(f"{size}, about ") and before.endswith(" (measured on the first few)")
    assert after.startswith(f"{size}; answered already: 11; failed and asked again: 1, about ")
    assert at_last == f"{size}; answered already: 12"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.slow
@pytest.mark.parametrize("command", [("models",), ("models", "--json"), ("--help",)])
def test_a_disk_without_room_for_what_is_printed_is_told(command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "memeprobe", *command],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "memeprobe: cannot write what is printed: No space left on device\n"


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """Under nohup, or behind a shell's ``&``."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals() as came:
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
        assert came == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)

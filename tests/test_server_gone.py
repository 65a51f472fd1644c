"""A server that is gone for good stops a run, which goes on once it is back; one that is slow,
overloaded, restarted or chokes on a question does not."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import table
from meme_sets import MemeSet
from memeprobe.errors import Paused
from memeprobe.experiment.spec import RunSpec
from memeprobe.running import asker
from memeprobe.scoring.answers import FAILED
from memeprobe.store.store import Store
from memeprobe.workers import batch
from tests.colour_set import plainly, write_set
from tests.command_line import CommandLine
from tests.running import run
from tests.stand_in_server import Handler, StandIn
from vlm import Model, load_model

pytestmark = pytest.mark.slow

PREFIX = "MEMEPROBE_SERVER_"
CONDITIONS = ("blind", "first", "last", "keyframes", "reversed", "first_repeated")
ASKED = 20
"""Questions that are answered before the server dies."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    given = {"LONGEST_WAIT": "0.01", "ATTEMPTS": "3", "PATIENCE": "0.05", "TIMEOUT": "20"}
    for name, value in given.items():
        monkeypatch.setenv(PREFIX + name, value)
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "0")
    return monkeypatch


@pytest.fixture
def server(quick: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def colours(tmp_path: Path) -> MemeSet:
    return write_set(tmp_path / "set")


def model_of(server: StandIn) -> Model:
    return load_model(f"server:{server.url}#stand-in")


def asked(model: Model, **change: Any) -> RunSpec:
    return plainly(model=model.name, conditions=CONDITIONS, policy="uniform_time", **change)


def told(folder: Path) -> Any:
    """Trials and answers of the store in a folder, but for when they came."""
    found = table(folder)
    return found["trials"], found["answers"]


@pytest.mark.parametrize(("concurrency", "scoring"), [("1", "free"), ("4", "free"), ("4", "auto")])
def test_a_run_stops_and_goes_on_with_the_next_command(
    colours: MemeSet,
    tmp_path: Path,
    quick: pytest.MonkeyPatch,
    concurrency: str,
    scoring: str,
) -> None:
    quick.setenv(PREFIX + "CONCURRENCY", concurrency)
    with StandIn() as server, Store(tmp_path / "cut" / "w.sqlite") as store:
        model, port = model_of(server), server.http.server_port
        spec = asked(model, scoring=scoring)
        server.dies_after(ASKED)
        with pytest.raises(Paused, match=r"did not answer (\d+) times in a row") as stopped:
            run(spec, colours, model, store)
        trials, answers = told(tmp_path / "cut")
        open_still = 36 - len(trials)
        assert 0 < len(trials) < 36 and f"; {open_still} trials are open" in str(stopped.value)
        assert len(answers) <= ASKED and not any("connect" in str(row) for row in answers)
        (record,) = store.runs()
        assert record.done == len(trials)
        with pytest.raises(Paused, match=f"; {open_still} trials are open"):
            run(spec, colours, model, store)  # it is not there yet
        with StandIn(port):
            run(spec, colours, model, store)
    with StandIn(port) as whole, Store(tmp_path / "whole" / "w.sqlite") as store:
        run(spec, colours, model_of(whole), store)
    assert told(tmp_path / "cut") == told(tmp_path / "whole")


def test_a_server_that_hangs_stops_a_run_too(
    colours: MemeSet, server: StandIn, tmp_path: Path, quick: pytest.MonkeyPatch
) -> None:
    quick.setenv(PREFIX + "TIMEOUT", "0.1")
    ends: list[bool] = []

    def hangs(handler: Handler, met: int) -> bool:
        while met >= ASKED and not ends:
            time.sleep(0.02)
        return met >= ASKED

    server.state.faults[""] = hangs
    model = model_of(server)
    with Store(tmp_path / "w.sqlite") as store:
        with pytest.raises(Paused, match=r"times in a row \(.* gave no answer within 0.1 s"):
            run(asked(model), colours, model, store)
        ends.append(True)
        assert not any(row[-1] == FAILED for row in table(tmp_path)["trials"])
        server.state.faults.clear()
        quick.setenv(PREFIX + "TIMEOUT", "30")  # a busy machine may take more than 0.1 s
        model = model_of(server)
        name = run(asked(model), colours, model, store)
        assert store.run(name).done and not any(t.outcome == FAILED for t in store.outcomes(name))


def test_a_judge_that_is_gone_leaves_its_trials_open(
    colours: MemeSet, server: StandIn, tmp_path: Path, quick: pytest.MonkeyPatch
) -> None:
    quick.setattr(asker, "RECHECKED", 0)
    with StandIn() as judging, Store(tmp_path / "w.sqlite") as store:
        judge, port = model_of(judging), judging.http.server_port
        judging.dies_after(ASKED)
        model = model_of(server)
        with pytest.raises(Paused, match="did not answer"):
            run(asked(model), colours, model, store, judge)
        assert len(told(tmp_path)[0]) < 36
        with StandIn(port):
            name = run(asked(model), colours, model, store, judge)
        assert len(store.outcomes(name)) == 36
        assert FAILED not in {t.judge for t in store.outcomes(name)}
        requests = [json.dumps(body) for body in server.state.bodies]
        assert len(set(requests)) == len(requests)  # the model is asked nothing twice


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_before_a_dead_server_stops_a_run_too(
    colours: MemeSet, server: StandIn, tmp_path: Path, status: int
) -> None:
    model = model_of(server)

    def dies(handler: Handler, met: int) -> bool:
        server.state.gateway = status if met >= ASKED else 0
        return False

    server.state.faults[""] = dies
    with Store(tmp_path / "w.sqlite") as store:
        said = rf"times in a row \(.* answered {status}: .*, as a gateway says of one that is away"
        with pytest.raises(Paused, match=said):
            run(asked(model), colours, model, store)
        assert 0 < len(table(tmp_path)["trials"]) < 36
        assert not any(row[-1] == FAILED for row in table(tmp_path)["trials"])
        server.state.faults.clear()
        server.state.gateway = 0
        name = run(asked(model), colours, model, store)
        assert store.run(name).done and not any(t.outcome == FAILED for t in store.outcomes(name))


@pytest.mark.parametrize("status", [429, 502, 503])
def test_an_overloaded_server_is_there(
    colours: MemeSet, server: StandIn, tmp_path: Path, quick: pytest.MonkeyPatch, status: int
) -> None:
    quick.setenv(PREFIX + "PATIENCE", "0")

    def busy(handler: Handler, met: int) -> bool:
        if ASKED <= met < ASKED + 40:
            handler.reply(status, {"error": "busy"}, {"retry-after": "0.01"})
            return True
        return False

    server.state.faults[""] = busy
    with Store(tmp_path / "w.sqlite") as store:
        model = model_of(server)
        name = run(asked(model), colours, model, store)
        failed = [t for t in store.outcomes(name) if t.outcome == FAILED]
        assert store.run(name).done and 0 < len(failed) < 36


def test_a_restart_costs_no_question(
    colours: MemeSet, server: StandIn, tmp_path: Path, quick: pytest.MonkeyPatch
) -> None:
    """Every question waits for a server that is away, longer than its own tries last."""
    quick.setenv(PREFIX + "PATIENCE", "60")
    model, port = model_of(server), server.http.server_port
    backs: list[StandIn] = []
    server.dies_after(ASKED)
    real = model._client._is_there  # type: ignore[attr-defined]

    def looked() -> bool:
        """It is back when it was looked for three times."""
        with turn:  # several threads look
            looks.append(real())
            if len(looks) == 3:
                backs.append(StandIn(port).__enter__())
            return looks[-1]

    looks: list[bool] = []
    turn = threading.Lock()
    model._client._is_there = looked  # type: ignore[attr-defined]
    with Store(tmp_path / "w.sqlite") as store:
        name = run(asked(model), colours, model, store)
        assert store.run(name).done and not any(t.outcome == FAILED for t in store.outcomes(name))
    backs[0].__exit__()
    assert looks[:3] == [False] * 3


def test_a_server_that_came_back_between_a_try_and_the_look_costs_no_question(
    colours: MemeSet, server: StandIn, tmp_path: Path, quick: pytest.MonkeyPatch
) -> None:
    """The tries of a question are used up when it is looked for, and there it is again."""
    quick.setenv(PREFIX + "PATIENCE", "60")
    quick.setenv(PREFIX + "CONCURRENCY", "1")
    model, port = model_of(server), server.http.server_port
    backs: list[StandIn] = []
    server.dies_after(ASKED)
    real = model._client._is_there  # type: ignore[attr-defined]

    def looked() -> bool:
        if not backs:
            backs.append(StandIn(port).__enter__())
        return real()

    model._client._is_there = looked  # type: ignore[attr-defined]
    with Store(tmp_path / "w.sqlite") as store:
        name = run(asked(model), colours, model, store)
        assert store.run(name).done and not any(t.outcome == FAILED for t in store.outcomes(name))
    backs[0].__exit__()


def test_questions_that_a_server_chokes_on_fail_alone(
    colours: MemeSet, server: StandIn, tmp_path: Path, quick: pytest.MonkeyPatch
) -> None:
    """It breaks off whenever it is shown a picture, and is there all the time."""
    quick.setenv(PREFIX + "PATIENCE", "0")
    quick.setenv(PREFIX + "CONCURRENCY", "1")
    model = model_of(server)

    def chokes(handler: Handler, met: int) -> bool:
        return len(server.state.bodies[-1]["messages"][0]["content"]) > 1

    server.state.faults[""] = chokes
    with Store(tmp_path / "w.sqlite") as store:
        name = run(asked(model, limit=3), colours, model, store)
        found = {t.condition: t.outcome for t in store.outcomes(name)}
    assert {c for c, outcome in found.items() if outcome != FAILED} == {"blind"}


def test_the_command_says_it_in_one_line(
    colours: MemeSet, server: StandIn, tmp_path: Path, memeprobe: CommandLine
) -> None:
    server.dies_after(ASKED)
    model = f"server:{server.url}#stand-in"
    command = (
        "run",
        colours.folder,
        "-m",
        model,
        "-c",
        "frames",
        "--scoring",
        "free",
        "--policy",
        "uniform_time",
        "--json",
    )
    code, out, err = memeprobe(*command)
    assert (code, out) == (2, "") and "Traceback" not in err
    said = " ".join(err.split())
    assert "did not answer" in said and "trials are open" in said and "same command goes on" in said


def test_a_job_is_paused_and_says_why(colours: MemeSet, server: StandIn, tmp_path: Path) -> None:
    server.dies_after(ASKED)
    model, store = f"server:{server.url}#stand-in", tmp_path / "w.sqlite"
    arguments = [str(colours.folder), "-m", model, "-c", "blind", "-c", "first", "-c", "last"]
    arguments += ["-c", "keyframes", "--scoring", "free", "--policy", "uniform_time"]
    job = batch.start("run", arguments, store, {})
    wait_for(job)
    assert (job.state, "did not answer" in job.why) == ("paused", True), job.log()
    with StandIn(server.http.server_port):
        job = batch.resume(job)
        assert not job.why
        wait_for(job)
    assert job.state == "finished", job.log()
    assert batch.progress_of(job)[:2] == (24, 24)


def wait_for(job: batch.Job) -> None:
    """Until the job's process has ended, two minutes at most."""
    end = time.monotonic() + 120
    while job.state == "running":
        assert time.monotonic() < end, job.log()
        time.sleep(0.1)

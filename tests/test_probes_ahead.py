"""Stimuli made beside the model: in what order, how far ahead, and what a death costs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe.cache.file import cache_beside
from memeprobe.errors import JobError
from memeprobe.experiment.spec import RunSpec
from memeprobe.running import ahead as module
from memeprobe.running.ahead import AHEAD, DEATHS, Ahead, processes
from memeprobe.store.store import Store
from tests.running import run
from tests.test_probes_stimuli import Namer, trials_of

MAKER = """
import json, os, sys, time
job = json.loads(sys.stdin.readline())
for line in sys.stdin:
    item, names = json.loads(line)
    if item in job["deadly"]:
        os._exit(1)
    time.sleep(job["seconds"])
    with open(job["log"], "a") as log:
        log.write(f"{item} {os.getpid()}\\n")
    print("made", flush=True)
"""
ITEMS = [f"item-{n}" for n in range(30)]


def ahead(folder: Path, count: int, seconds: float = 0.0, deadly: tuple[str, ...] = ()) -> Ahead:
    """Processes that only note what they were given."""
    job = {"log": str(folder / "log"), "seconds": seconds, "deadly": deadly}
    wanted = [(item, ["first"]) for item in ITEMS]
    return Ahead(job, wanted, count, [sys.executable, "-c", MAKER])


def made(folder: Path) -> list[str]:
    log = folder / "log"
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


def settle(folder: Path, count: int) -> list[str]:
    """What was made once ``count`` items are, and a moment later."""
    end = time.monotonic() + 60
    while len(made(folder)) < count and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.3)
    return made(folder)


def test_each_item_is_made_once_before_the_run_comes_to_it(tmp_path: Path) -> None:
    with ahead(tmp_path, 2) as helpers:
        helpers.wait(ITEMS[3])
        helpers.start()
        helpers.start()
        for place in range(3, len(ITEMS)):
            helpers.wait(ITEMS[place])
            assert ITEMS[place] in made(tmp_path)
    assert sorted(made(tmp_path)) == sorted(ITEMS[3:])


def test_they_stay_a_few_items_ahead(tmp_path: Path) -> None:
    with ahead(tmp_path, 2) as helpers:
        helpers.wait(ITEMS[0])
        helpers.start()
        assert sorted(settle(tmp_path, 2 * AHEAD + 1)) == sorted(ITEMS[: 2 * AHEAD + 1])
        helpers.wait(ITEMS[5])
        assert sorted(settle(tmp_path, 2 * AHEAD + 6)) == sorted(ITEMS[: 2 * AHEAD + 6])


def test_nothing_starts_before_a_picture_must_be_read(tmp_path: Path) -> None:
    with ahead(tmp_path, 2) as helpers:
        for item in ITEMS:
            helpers.wait(item)
    assert made(tmp_path) == []


def test_a_dead_process_is_replaced_and_its_item_left_to_the_run(tmp_path: Path) -> None:
    with ahead(tmp_path, 1, deadly=(ITEMS[2],)) as helpers:
        helpers.wait(ITEMS[0])
        helpers.start()
        found = settle(tmp_path, AHEAD)
        helpers.wait(ITEMS[2])  # does not hang
    assert found == [item for item in ITEMS[: AHEAD + 1] if item != ITEMS[2]]
    pids = {line.split()[1] for line in (tmp_path / "log").read_text().splitlines()}
    assert len(pids) == 2


def test_processes_that_keep_dying_are_given_up(tmp_path: Path) -> None:
    with ahead(tmp_path, 2, deadly=tuple(ITEMS)) as helpers:
        helpers.wait(ITEMS[0])
        helpers.start()
        for item in ITEMS[1:]:
            helpers.wait(item)
        assert helpers._deaths <= DEATHS + 1
    assert made(tmp_path) == []


def test_the_end_of_the_run_is_theirs(tmp_path: Path) -> None:
    with ahead(tmp_path, 2, seconds=60) as helpers:
        helpers.wait(ITEMS[0])
        waiting = threading.Thread(target=helpers.start)
        waiting.start()
        while len(helpers._running) < 2:
            time.sleep(0.02)
        running = list(helpers._running)
    waiting.join(60)
    assert not waiting.is_alive()
    assert [p.poll() for p in running] == [-signal.SIGKILL] * 2


INTERRUPTED = """
import json, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the shell of the tests had set
from memeprobe.running.ahead import Ahead
job, items, command = json.loads(sys.argv[1])

def tell(helpers):
    while len(helpers._running) < 2:
        time.sleep(0.02)
    print(json.dumps([p.pid for p in helpers._running]), flush=True)

with Ahead(job, [(item, ["first"]) for item in items], 2, command) as helpers:
    threading.Thread(target=tell, args=(helpers,), daemon=True).start()
    helpers.wait(items[0])
    helpers.start()
print("not interrupted")
"""


def test_ctrl_c_ends_the_run_and_its_processes(tmp_path: Path) -> None:
    job = {"log": str(tmp_path / "log"), "seconds": 600, "deadly": []}
    # As the real ones do, they leave Ctrl-C to the run, though the terminal sends it to all.
    maker = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{MAKER}"
    told = json.dumps([job, ITEMS, [sys.executable, "-c", maker]])
    asked = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, told],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert asked.stdout is not None
    running = json.loads(asked.stdout.readline())
    os.killpg(asked.pid, signal.SIGINT)
    said, problem = asked.communicate(timeout=120)
    assert said == "" and asked.returncode != 0 and "KeyboardInterrupt" in problem
    for pid in running:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "5")
    assert processes() == 5
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "all")
    with pytest.raises(JobError, match="'all'"):
        processes()
    monkeypatch.delenv("MEMEPROBE_PROCESSES")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert processes() == 0
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(100)))
    assert processes() == module.MOST


@pytest.mark.slow
def test_a_run_with_processes_gives_what_one_without_gives_be_one_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions = load_set("captions")
    spec = RunSpec("captions", "one", "native", conditions=("erased",), limit=6, scoring="free")
    found = []
    for count in ("2", "0"):
        monkeypatch.setenv("MEMEPROBE_PROCESSES", count)
        if count == "2":
            kill_the_first(monkeypatch)
        with Store(tmp_path / f"{count}.sqlite") as store:
            found.append(trials_of(store, run(spec, captions, Namer("one"), store)))
            assert cache_beside(store.path).content().kinds["edit"][0] > 0
    assert found[0] == found[1] and len(found[0]) == 6


def kill_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first process of a run is killed while it works on an item."""
    real = module._tell
    killed: list[object] = []

    def tell(process: subprocess.Popen[str], value: object) -> None:
        real(process, value)
        if isinstance(value, tuple) and not killed:
            killed.append(process)
            process.kill()

    monkeypatch.setattr(module, "_tell", tell)

"""Only a few jobs work at once; the others wait, and go on however those before them ended."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from memeprobe.workers import batch, slots


def until(true: Callable[[], bool]) -> None:
    """Wait for it, as long as a loaded machine may take."""
    for _ in range(6000):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come true")


@pytest.fixture
def gated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jobs that take their turn, note that they work, and end when a file is there."""
    script = tmp_path / "job.py"
    script.write_text(
        "import pathlib, sys, time\n"
        "from memeprobe.workers.slots import take_turn\n"
        "take_turn()\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "name = sys.argv[2]\n"
        "(here / f'{name}.works').touch()\n"
        "while not (here / f'{name}.ends').exists():\n    time.sleep(0.02)\n"
        "print('{}')\n"
    )
    monkeypatch.setattr(batch, "COMMAND", [sys.executable, str(script)])
    return tmp_path


def test_a_job_waits_for_a_slot_and_gets_it_when_one_is_killed(
    gated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_JOBS", "2")
    store = gated / "s.sqlite"
    one, two = (batch.start("run", [name], store, {}) for name in ("one", "two"))
    until(lambda: (gated / "one.works").exists() and (gated / "two.works").exists())
    three = batch.start("run", ["three"], store, {})
    until(lambda: three.waiting)
    assert three.state == "running" and not (gated / "three.works").exists()
    assert not one.waiting
    assert batch.cancel(one).state == "cancelled"
    until(lambda: (gated / "three.works").exists())
    assert not three.waiting
    for name in ("two", "three"):
        (gated / f"{name}.ends").touch()
    until(lambda: two.state == three.state == "finished")


def test_a_job_that_waits_can_be_cancelled(gated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_JOBS", "1")
    store = gated / "s.sqlite"
    batch.start("run", ["one"], store, {})
    until(lambda: (gated / "one.works").exists())
    two = batch.start("run", ["two"], store, {})
    until(lambda: two.waiting)
    ended = batch.cancel(two)
    assert ended.state == "cancelled" and not ended.waiting
    (gated / "one.ends").touch()
    until(lambda: all(job.state != "running" for job in batch.jobs(store)))
    assert not (gated / "two.works").exists()


@pytest.mark.parametrize(
    ("told", "processors", "expected"),
    [("", 2, 2), ("", 64, 16), ("3", 64, 3), ("0", 2, 1)],
)
def test_how_many_work_at_once(
    told: str, processors: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_JOBS", told)
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    assert slots.slots() == expected

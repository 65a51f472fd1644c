"""Commands under way that ask on workers of Ray, and what they leave behind."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.killed_commands import processes_of
from benchmarks.kills import table, told
from memeprobe.on_ray.head import PREFIX

MAIN = "import sys; from memeprobe.cli.app import main; sys.argv[0] = 'memeprobe'; main()"
KEY = "sk-not-to-be-passed-on"


def begun(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """A command under way, with a workspace in ``folder`` and keys in its environment."""
    folder.mkdir(exist_ok=True)
    own = {"MEMEPROBE_WORKSPACE": str(folder / "w.sqlite"), "OMP_NUM_THREADS": "1"}
    keys = {"MEMEPROBE_API_KEY": KEY, "OPENAI_API_KEY": KEY, "HF_TOKEN": KEY}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        return subprocess.Popen(
            [sys.executable, "-c", MAIN, *arguments],
            stdout=out,
            stderr=err,
            env={**os.environ, **own, **keys},
        )


def until(true: Callable[[], Any], what: str) -> None:
    """Wait, five minutes at most: workers may start beside other tests."""
    end = time.monotonic() + 300
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.2)  # looking takes processor time from who is waited for


def trials(folder: Path) -> int:
    """How many trials are stored."""
    try:
        return len(table(folder)["trials"])
    except Exception:  # there is no store yet
        return 0


def at_work(folder: Path, process: "subprocess.Popen[bytes]", stored: int) -> bool:
    """Whether more than so many trials are stored, or the command ended before."""
    return trials(folder) > stored or process.poll() is not None


def alike(one: Path, other: Path) -> None:
    """The same run, trial by trial: words and likeliest options, log-probabilities to what another
    composition of batches changes; and the same result."""
    ours, theirs = table(one), table(other)
    for name in ("runs", "items", "trials"):
        assert ours[name] == theirs[name], name
    assert len(ours["answers"]) == len(theirs["answers"])
    for mine, its in zip(ours["answers"], theirs["answers"], strict=True):
        assert (*mine[:3], *mine[4:]) == (*its[:3], *its[4:])
        if mine[3] is not None:
            assert json.loads(mine[3]) == pytest.approx(json.loads(its[3]), abs=1e-4)
    assert_near(told(one), told(other))


def assert_near(one: Any, other: Any) -> None:
    """Results whose rounded figures may differ in the last place, as log-probabilities do."""
    if isinstance(one, dict):
        assert list(one) == list(other)
        assert_near(list(one.values()), list(other.values()))
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for mine, its in zip(one, other, strict=True):
            assert_near(mine, its)
    elif isinstance(one, float):
        assert one == pytest.approx(other, abs=2e-4)
    else:
        assert one == other


def is_head(process: Any) -> bool:
    """Whether it keeps a cluster of ours, or is its Ray's driver."""
    psutil = pytest.importorskip("psutil")
    with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
        return "memeprobe.on_ray.head" in process.cmdline()
    return False


def clusters_of(folder: Path) -> set[Path]:
    """Folders of the clusters of the run with its workspace in ``folder``."""
    psutil = pytest.importorskip("psutil")
    words: set[str] = set()
    for pid in processes_of(folder):
        with contextlib.suppress(psutil.NoSuchProcess):
            words |= set(
                re.findall(rf"/[^ =,]*?/{PREFIX}\w+", " ".join(psutil.Process(pid).cmdline()))
            )
    return {Path(word) for word in words}

"""Runs that are killed at random moments: afterwards the same command must give the same table.

    python -m benchmarks.kills --kills 50 --seed 1
    python -m benchmarks.kills --kills 50 --seed 1 --ray 0.8 --helpers 0.2

Ends small runs of scripted subjects by kill -9, SIGTERM, Ctrl-C and Ctrl-C twice, alone, with two
processes that make stimuli beside, and on two workers of Ray, up to three times in a row; then
gives the same command again and compares every trial and answer with those of a run that nobody
disturbed. Parts of a run are killed as well (a process that makes stimuli, the one that holds the
model, the one that holds Ray's cluster), after which the run itself must go on, or end with a line
where its cluster is gone. After each kill the store must be whole, and no process and no folder of
Ray's may be left. Prints JSON; exit code 1 if anything differs. To spend the time on runs and not
on imports, every command is forked from this process.
"""

import argparse
import fcntl
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import memeprobe.cli.run
import memeprobe.cli.upkeep
import memeprobe.jobs  # noqa: F401
from benchmarks.killed_commands import GONE_SECONDS, Command, part_of
from memeprobe.on_ray.head import LOCK, PREFIX

PLAIN = ("--policy", "uniform_time", "--json", "-m", "known:fair")
CAPTIONS = ("-c", "as_is", "-c", "erased", "-c", "replaced", "-c", "told")
FRAMES = ("run", "reveal", "-c", "frames", "--limit", "12", *PLAIN)


@dataclass(frozen=True)
class Mode:
    """A command, and where it is asked when it is ended; undisturbed it is asked in one process."""

    command: tuple[str, ...]
    processes: int = 0
    """That make stimuli beside it."""
    where: tuple[str, ...] = ()
    """Options that say so."""


MODES = {
    "local": Mode(FRAMES),
    "helpers": Mode(("run", "captions", *CAPTIONS, "--limit", "6", *PLAIN), 2),
    "ray": Mode(FRAMES, 2, ("--engine", "ray", "--workers", "2")),
}


HEAD = "memeprobe.on_ray.head"


@dataclass(frozen=True)
class Kind:
    """A way to disturb a run, and the exit codes that it may have."""

    signals: tuple[int, ...]
    codes: tuple[int, ...]
    part: str = ""
    """What the command line of the process holds that gets them; empty: the run's own."""


DRIVER = {
    "kill -9": Kind((signal.SIGKILL,), (-signal.SIGKILL,)),
    "SIGTERM": Kind((signal.SIGTERM,), (143,)),
    "Ctrl-C": Kind((signal.SIGINT,), (130,)),
    "Ctrl-C twice": Kind((signal.SIGINT, signal.SIGINT), (130,)),
}
PARTS = {
    "helpers": {"a maker of stimuli": Kind((signal.SIGKILL,), (0,), "memeprobe.running.maker")},
    "ray": {
        "a worker with the model": Kind((signal.SIGKILL,), (0,), "ray::ModelHolder"),
        "a maker of stimuli": Kind((signal.SIGKILL,), (0,), "ray::make"),
        # Ray's own driver, whose cluster ends with it, or its keeper, without which it goes on.
        "the head": Kind((signal.SIGKILL,), (0, 2), HEAD),
    },
}
"""Mode -> name -> which part of it is killed."""
ROWS = {
    "runs": "id, identity, planned",
    "items": "*",
    "trials": "*",
    "answers": "key, text, error, logprobs, tokens, receipt",
}
PART_SECONDS = 600.0
"""Within so long a run must end of which a part was killed."""
HEADS = Path("/tmp")


def table(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that a store holds of runs, but for times and the sample that is asked again."""
    with closing(sqlite3.connect(folder / "w.sqlite")) as db:
        return {name: sorted(db.execute(f"SELECT {c} FROM {name}")) for name, c in ROWS.items()}


def finished(mode: Mode, folder: Path) -> float:
    """Give the command and wait for its end; seconds. Raises SystemExit: it failed."""
    command = Command((*mode.command, *mode.where), folder, mode.processes).start()
    if code := command.ended(1200):
        sys.exit(f"{mode}: exit code {code}: {(folder / 'err').read_text()[-2000:]}")
    return time.monotonic() - command.began


def told(folder: Path) -> dict[str, Any]:
    """The result as the command printed it, but for what tells of this process."""
    found: dict[str, Any] = json.loads((folder / "out").read_text())
    del found["provenance"]["device"]  # on Ray it says how many
    return {k: v for k, v in found.items() if k not in ("batching", "created", "updated")}


def clusters() -> set[str]:
    """Folders of Ray's clusters that memeprobe has started and that nobody holds."""
    found = set()
    for folder in HEADS.glob(f"{PREFIX}*"):
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found.add(folder.name)
    return found


def killed(
    rng: random.Random, mode: Mode, kind: Kind, folder: Path, usual: float
) -> list[str] | None:
    """One kill. What was wrong; None: the command ended before it."""
    before = clusters()
    command = Command((*mode.command, *mode.where), folder, mode.processes).start()
    if command.ended(rng.uniform(0.02, 0.95) * usual) is not None:
        return None
    if kind.part:
        victim = part_of(folder, kind.part, rng, command)
        if victim is None:
            return None
        with suppress(ProcessLookupError):
            os.kill(victim, *kind.signals)
    else:
        for number in kind.signals:
            command.signal(number, whole=number == signal.SIGINT)
            time.sleep(rng.uniform(0, 0.3) if len(kind.signals) > 1 else 0)
    code, wrong = command.ended(PART_SECONDS if kind.part else 60), []
    if code == 0 and not kind.part:
        return None
    said = (folder / "err").read_text()
    if code not in kind.codes:
        wrong.append(f"exit code {code}: {said[-400:]}")
    if "Traceback" in said or (code and code > 0 and "memeprobe:" not in said):
        wrong.append(f"said {said[-400:]!r}")
    # Who is to remove the folder may have been the one that was killed: the next start does it.
    return wrong + _left(command, folder, None if kind.part == HEAD else before)


def _left(command: Command, folder: Path, before: set[str] | None) -> list[str]:
    """What a killed command has left that it should not; ``before``: clusters' folders that were
    there, None: do not look."""
    wrong = []
    if command.left():
        wrong.append("processes are left")
    if before is not None:
        end = time.monotonic() + GONE_SECONDS
        while (more := clusters() - before) and time.monotonic() < end:
            time.sleep(0.1)
        if more:
            wrong.append(f"folders are left: {', '.join(sorted(more))}")
    if (folder / "w.sqlite").exists():
        check = Command(("store", "check"), folder).start()
        if check.ended(60):
            wrong.append(f"store check: {(folder / 'out').read_text()}")
    return wrong


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--helpers", type=float, default=0.3, help="share of kills with helpers")
    parser.add_argument("--ray", type=float, default=0.0, help="share of kills on Ray")
    asked = parser.parse_args()
    rng, done, wrong = random.Random(asked.seed), Counter[str](), []
    folders = clusters()
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        whole: dict[str, tuple[Any, Any]] = {}
        usual: dict[str, float] = {}
        for name, its in MODES.items():
            for one in (Mode(its.command), its):  # first the one to compare with
                folder = place / name / ("where" if one.where else "alone")
                folder.mkdir(parents=True)
                usual[name] = finished(one, folder)
                whole.setdefault(name, (table(folder), told(folder)))
                if not one.where and not (name == "ray" and asked.ray):
                    break
        turns = {mode: cycle((DRIVER | PARTS.get(mode, {})).items()) for mode in MODES}
        trials = 0
        while sum(done.values()) < asked.kills:
            drawn = rng.random()
            beside = "helpers" if drawn < asked.helpers else "local"
            mode = "ray" if drawn >= 1 - asked.ray else beside
            folder = place / f"{sum(done.values())}-{trials}"
            folder.mkdir()
            trials += 1
            for _ in range(min(rng.randint(1, 3), asked.kills - sum(done.values()))):
                name, kind = next(turns[mode])
                found = killed(rng, MODES[mode], kind, folder, usual[mode])
                if found is None:
                    break
                done[f"{mode}, {name}"] += 1
                wrong += [f"{mode}, {name}: {what}" for what in found]
                print(f"{sum(done.values())}: {mode}, {name}: {found}", file=sys.stderr, flush=True)
            usual[mode] = (usual[mode] + finished(MODES[mode], folder)) / 2
            same = (table(folder), told(folder)) == whole[mode]
            print(f"run {trials}, {mode}: same table: {same}", file=sys.stderr, flush=True)
            if not same:
                wrong.append(f"{mode}: the table differs after {trials} runs")
    if asked.ray and (more := clusters() - folders):
        wrong.append(f"folders are left: {', '.join(sorted(more))}")
    rows = {m: {k: len(v) for k, v in t.items()} for m, (t, _) in whole.items()}
    result = {"seed": asked.seed, "kills": dict(done), "runs": trials, "rows": rows, "wrong": wrong}
    print(json.dumps(result, indent=1))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

"""Runs that end themselves at chosen moments, forked from this process; prints what came of them.

    python -m tests.killed_runs FOLDER SEED

The moment is a place in the run and no time, so that it is the same on a slow machine.
"""

import json
import os
import random
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import memeprobe.jobs
from benchmarks.killed_commands import Command
from benchmarks.kills import table
from memeprobe.running import asker, estimate, runner
from memeprobe.store.store import Store
from tests.colour_set import SOME, Eye, write_set
from vlm import Answer, Query

PLACES = ("estimate", "answer", "batch", "end")
"""While the pace is measured; while the model answers; in the middle of a transaction; at the
transaction that ends the run."""


@dataclass
class Death:
    """What the next run does to itself, where, and at which of the times that it comes there."""

    place: str = ""
    number: int = 0
    signals: tuple[int, ...] = ()

    def come(self, place: str) -> None:
        """The run is at a place."""
        if place == self.place:
            self.number -= 1
            if self.number == 0:
                send(*self.signals)


NEXT = Death()


def send(first: int, *more: int) -> None:
    """Signals to this process: the second while the first is dealt with."""
    try:
        signal.raise_signal(first)
    finally:
        if more:
            send(*more)


class Mortal(Eye):
    """A model that may die while it answers."""

    name = "known:fair"

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        NEXT.come("answer")
        return super().answer(queries)


def patched(folder: Path) -> tuple[str, ...]:
    """Put the deadly places into the program; the command to give."""
    write_set(folder / "set")
    runner.BATCH, runner.REHEARSAL, asker.RECHECKED = 4, (2, 2), 0
    real_run = runner.run

    def rehearse(*args: Any, **named: Any) -> str:
        name = real_run(*args, **named)
        NEXT.come("estimate")
        return name

    def begun(store: Store, place: str) -> Callable[[str], None]:
        def traced(statement: str) -> None:
            if statement.startswith("COMMIT"):
                NEXT.come(place)

        store._db.set_trace_callback(traced)
        return traced

    for method, place in (("save", "batch"), ("complete_run", "end")):
        real = getattr(Store, method)

        def watched(
            self: Store, *args: Any, real: Any = real, place: str = place, **named: Any
        ) -> Any:
            begun(self, place)
            return real(self, *args, **named)

        setattr(Store, method, watched)
    vars(estimate)["run"] = rehearse
    vars(memeprobe.jobs)["model_for"] = lambda *_: Mortal()
    asked = [word for condition in SOME for word in ("-c", condition)]
    return ("run", str(folder / "set"), "-m", "known:fair", "--scoring", "free", *asked)


def ended(command: tuple[str, ...], folder: Path, most_bytes: int = 0) -> tuple[int | None, str]:
    """Exit code and what the command said. ``most_bytes``: no file may grow over it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        code = Command(command, folder).start().ended(300)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    return code, (folder / "err").read_text()


def main() -> None:
    """See the module's docstring."""
    place, rng = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
    command, found = patched(place), []
    (place / "whole").mkdir()
    assert ended(command, place / "whole")[0] == 0, (place / "whole" / "err").read_text()
    expected = table(place / "whole")
    deaths = [
        Death("estimate", 1, (signal.SIGTERM,)),
        Death("answer", rng.randint(2, 12), (signal.SIGINT,)),
        Death("answer", rng.randint(2, 12), (signal.SIGINT, signal.SIGINT)),
        Death("answer", rng.randint(2, 12), (signal.SIGTERM,)),
        Death("batch", rng.randint(2, 12), (signal.SIGKILL,)),
        Death("end", 1, (signal.SIGKILL,)),
    ]
    for number, death in enumerate(deaths):
        folder = place / str(number)
        folder.mkdir()
        NEXT.__dict__.update(death.__dict__)
        code, said = ended(command, folder)
        NEXT.__dict__.update(Death().__dict__)
        left = ended(("store", "check"), folder)[0]
        again = ended(command, folder)[0]
        found.append(
            [death.place, death.signals, code, said, left, again, table(folder) == expected]
        )
    # The last store of an undisturbed run has about 200 kB, its log of changes a little more.
    for most in sorted(rng.randrange(8_000, 120_000) for _ in range(3)):
        folder = place / f"full-{most}"
        folder.mkdir()
        code, said = ended(command, folder, most)
        again = ended(command, folder)[0]
        found.append(["full", (most,), code, said, 0, again, table(folder) == expected])
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()

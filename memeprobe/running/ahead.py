"""Stimuli are made beside the model: a few processes work on the next items while it answers.

They put what they make into the cache, and the run takes it from there, item by item in its own
order: so the results are those of one process, whatever becomes of the others. They start when the
first picture must be read, with the item that the run is at, and stay at most a few items ahead.
The run itself loads no OCR engine then; it makes an item only if the process that worked on it
died.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from meme_sets import Item
from memeprobe.cache.file import Cache
from memeprobe.conditions.table import Condition
from memeprobe.experiment.experiment import Experiment
from memeprobe.settings import whole_number
from memeprobe.workers.environment import reading_environment

COMMAND = [sys.executable, "-m", "memeprobe.running.maker"]
MOST = 8
"""Processes at most; each takes about half a gigabyte."""
AHEAD = 4
"""Items that each process may be ahead of the run."""
FEW = 3
"""For so many items no process is started: it would take longer to start than it saves."""
DEATHS = 3
"""After so many deaths of its processes the run goes on alone."""

Wanted = Sequence[tuple[str, Sequence[str]]]
"""Id of each item in the order of asking, and the names of its conditions."""


class Ahead:
    """The processes of one run. A context: they end with it."""

    def __init__(
        self,
        job: dict[str, Any],
        wanted: Wanted,
        processes: int,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """``job``: the first line that a process gets, which ``command`` starts; see ``maker``."""
        self._command = command
        self._job, self._wanted, self._count = job, wanted, processes
        self._places = {item: place for place, (item, _) in enumerate(wanted)}
        self._changed = threading.Condition()
        self._running: list[subprocess.Popen[str]] = []
        self._next = self._here = self._deaths = 0
        self._making: set[int] = set()
        """Places of the items that a process works on."""
        self._started = self._closed = False

    def start(self) -> None:
        """Begin with the item that the run is at, unless that was done before; returns when it is
        made, or will not be."""
        with self._changed:
            left = len(self._wanted) - self._here
            first = not self._started and not self._closed and left > FEW and self._count > 0
            if first:
                self._started, self._next = True, self._here
        for _ in range(min(self._count, left) if first else 0):
            threading.Thread(target=self._feed, daemon=True).start()
        self._settle()

    def wait(self, item: str) -> None:
        """Until the processes are done with this item, which the run is at from now on."""
        with self._changed:
            self._here = self._places.get(item, 0)
            self._changed.notify_all()
        self._settle()

    def _settle(self) -> None:
        with self._changed:
            here = self._here
            self._changed.wait_for(
                lambda: (
                    here not in self._making
                    and (here < self._next or not self._started or self._given_up())
                )
            )

    def _given_up(self) -> bool:
        return self._closed or self._deaths >= DEATHS

    def _feed(self) -> None:
        """Give one process item after item."""
        process: subprocess.Popen[str] | None = None
        while (place := self._take()) is not None:
            try:
                if process is None:
                    process = self._process()
                made = _ask(process, self._wanted[place])
            except Exception:  # whatever it is, the run must not wait for this item
                made = False
            if not made and process is not None:
                process.kill()
                process = None
            with self._changed:
                self._deaths += not made
                self._making.discard(place)
                self._changed.notify_all()

    def _take(self) -> int | None:
        """The place of the next item, as soon as it is near enough; None: there is no more."""

        def over() -> bool:
            return self._given_up() or self._next >= len(self._wanted)

        with self._changed:
            reach = AHEAD * self._count
            self._changed.wait_for(lambda: over() or self._next <= self._here + reach)
            if over():
                return None
            place, self._next = self._next, self._next + 1
            self._making.add(place)
            return place

    def _process(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=reading_environment(MEMEPROBE_OCR_THREADS="1"),
        )
        with self._changed:
            self._running.append(process)
            if self._closed:
                process.kill()
        _tell(process, self._job)
        return process

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            running = list(self._running)
        for process in running:
            process.kill()
            process.wait()


NOBODY = Ahead({}, (), 0)
"""No processes: the run makes its stimuli itself."""


def ahead_of(
    experiment: Experiment, wanted: Sequence[tuple[Item, Sequence[Condition]]], cache: Cache
) -> Ahead:
    """The processes for a run; none without a cache, which they hand their work over in.

    Raises JobError: MEMEPROBE_PROCESSES is no number.
    """
    spec = experiment.spec
    job = {
        "set": str(experiment.meme_set.folder.resolve()),
        "k": spec.k,
        "policy": spec.policy,
        "engine": spec.engine,
        "limits": asdict(spec.limits),
        "seed": spec.seed,
        "cache": str(cache.path),
        "bound": cache.bound,
    }
    named = [(item.id, [c.name for c in several]) for item, several in wanted]
    return Ahead(job, named, processes() if cache.path is not None else 0)


def processes() -> int:
    """How many make stimuli: MEMEPROBE_PROCESSES, else one for each processor, none on one."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    default = min(count or 1, MOST) if count != 1 else 0
    return whole_number("MEMEPROBE_PROCESSES", default)


def _tell(process: subprocess.Popen[str], value: object) -> None:
    assert process.stdin is not None
    print(json.dumps(value), file=process.stdin, flush=True)


def _ask(process: subprocess.Popen[str], item: tuple[str, Sequence[str]]) -> bool:
    """Whether the process made an item; False: it died."""
    assert process.stdout is not None
    _tell(process, item)
    return process.stdout.readline() == "made\n"

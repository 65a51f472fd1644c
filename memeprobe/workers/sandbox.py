"""The page's side of the workers: give them files, take what they find, kill them in time."""

import atexit
import contextlib
import subprocess
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from frames.wire import WireError, receive, send
from memeprobe.settings import whole_number
from memeprobe.workers.environment import reading_environment
from memeprobe.workers.turns import Ticket, Turns
from memeprobe.workers.visitor import ALWAYS, Visitor

WORKERS = 2
"""So that one slow file does not keep everybody waiting."""
LONG = ("captions",)
"""Jobs that read a whole clip."""
LARGE = 2 * 2**20
"""Bytes of a file from which on any job may take long."""
MEMORY_BYTES = 4 * 2**30
"""Address space of a worker: the OCR engine alone reserves about 2 GiB of it."""
DONE: Counter[str] = Counter()
"""Jobs begun in this process, by name: a page that works again on a rerun is found out by it."""


class SandboxError(RuntimeError):
    """A file could not be worked on; the message is for the user."""


def seconds_allowed() -> float:
    """Wall time of one job, from MEMEPROBE_PAGE_SECONDS; 120 by default."""
    return max(1.0, whole_number("MEMEPROBE_PAGE_SECONDS", 120))


@dataclass(frozen=True)
class Event:
    """One thing that a worker found."""

    kind: str
    data: dict[str, Any]
    pictures: list[np.ndarray] = field(default_factory=list)


class Worker:
    """One process; restarted after it was killed or died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def stream(self, job: str, args: dict[str, Any], data: bytes) -> Iterator[Event]:
        """The events of one job. Raises SandboxError: refused, out of time or memory, died."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds_allowed(), end)
        timer.daemon = True
        timer.start()
        finished = False
        try:
            send(process.stdin, {"job": job, "args": args}, data=data)
            while True:
                reply, pictures, _ = receive(process.stdout)
                kind = reply.pop("event")
                if kind == "done":
                    finished = True
                    return
                if kind == "error":
                    finished = reply.get("kind") != "memory"  # a starved process is not kept
                    raise SandboxError(_said(reply))
                yield Event(kind, reply, pictures)
        except (WireError, BrokenPipeError):
            raise SandboxError(_late() if late.is_set() else _died()) from None
        finally:
            timer.cancel()
            if not finished:
                self.stop()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "memeprobe.workers.worker", str(MEMORY_BYTES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=reading_environment(),
            )
        return self._process

    def stop(self) -> None:
        """Kill the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


def _said(reply: dict[str, Any]) -> str:
    if reply.get("kind") == "memory":
        return (
            f"this file needs more than {MEMORY_BYTES / 2**30:.0f} GiB of memory to be decoded; "
            "it was given up"
        )
    message = str(reply.get("message", ""))[:600]
    return message if reply.get("known") else f"this file cannot be used ({message})"


def _late() -> str:
    return (
        f"this file took more than {seconds_allowed():.0f} s and was given up; "
        "MEMEPROBE_PAGE_SECONDS sets the time"
    )


def _died() -> str:
    return "this file made its decoder crash or run out of memory; it was given up"


class JobStream:
    """The events of one job, as they come; ``give_up`` where nobody wants them any more."""

    def __init__(self, events: Iterator[Event], ticket: Ticket) -> None:
        self._events, self._ticket = events, ticket

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def is_for(self, visitor: Visitor) -> None:
        """Whose job it is."""
        self._ticket.visitor = visitor

    def give_up(self) -> None:
        """A job that still waits for a worker is not begun. Takes no lock: see ``Task``."""
        self._ticket.wanted = False


class WorkerPool:
    """A few workers, started when they are needed."""

    def __init__(self, size: int = WORKERS) -> None:
        self.workers = [Worker() for _ in range(size)]
        self._turns = Turns(self.workers)

    def stream(self, job: str, args: dict[str, Any], data: bytes = b"") -> JobStream:
        """See ``Worker.stream``; waits for a free worker. A job that was given up has no events."""
        ticket = Ticket(len(data) / 2**20, job in LONG or len(data) > LARGE)
        return JobStream(self._events(ticket, job, args, data), ticket)

    def _events(
        self, ticket: Ticket, job: str, args: dict[str, Any], data: bytes
    ) -> Iterator[Event]:
        worker = self._turns.take(ticket)
        if worker is None:
            return
        DONE[job] += 1
        try:
            yield from worker.stream(job, args, data)
        finally:
            self._turns.give_back(ticket, worker)

    def stop(self) -> None:
        """Kill all workers."""
        for worker in self.workers:
            worker.stop()


@cache
def pool() -> WorkerPool:
    """The workers of this process; each loads its OCR engine right away."""
    made = WorkerPool()
    for _ in made.workers:
        threading.Thread(target=_warm, args=(made,), daemon=True).start()
    atexit.register(made.stop)
    return made


def _warm(made: WorkerPool) -> None:
    with contextlib.suppress(SandboxError):  # whoever asks first is told why
        for _ in made.stream("warm", {}):
            pass


class _Work:
    """What a task's thread works on. It knows nothing of the task, so that the task can go."""

    def __init__(self, events: Iterable[Any], visitor: Visitor) -> None:
        self.events, self.visitor = events, visitor
        if isinstance(events, JobStream):
            events.is_for(visitor)
        self.found: list[Any] = []
        self.error: str | None = None
        self.stopped = False
        self.changed = threading.Condition()

    def stop(self) -> None:
        """After what is under way, no more. Takes no lock: the collector may call it anywhere."""
        self.stopped = True
        if isinstance(self.events, JobStream):
            self.events.give_up()

    def run(self) -> None:
        """Take every event until the end, an error or the stop."""
        events = iter(self.events)
        try:
            while self._goes_on():
                event = next(events, self)
                if event is self:
                    break
                with self.changed:
                    self.found.append(event)
                    self.changed.notify_all()
        except Exception as error:
            plain = isinstance(error, SandboxError)
            self.error = str(error) if plain else f"{type(error).__name__}: {error}"
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
            with self.changed:
                self.changed.notify_all()

    def _goes_on(self) -> bool:
        """Whether the next event is to be taken: not while its visitor is away. A job that has a
        worker keeps it waiting for nobody."""
        while not (self.stopped or isinstance(self.events, JobStream) or self.visitor.here):
            self.stopped = self.visitor.gone
            with self.changed:
                self.changed.wait(0.2)
        return not self.stopped


class Task:
    """A job that goes on in a thread while pages come and go; what it found stays.

    While its visitor is away, a file that still waits is not read and questions that were not put
    yet are not put; when the visitor stays away, or nobody holds the task any more, it is stopped.
    """

    def __init__(self, events: Iterable[Any], visitor: Visitor = ALWAYS) -> None:
        self._work = _Work(events, visitor)
        self._thread = threading.Thread(target=self._work.run, daemon=True)
        self._thread.start()
        weakref.finalize(self, self._work.stop)

    @property
    def found(self) -> list[Any]:
        """What has come so far, in order."""
        return self._work.found

    @property
    def error(self) -> str | None:
        """Why it ended early; None if it did not."""
        return self._work.error

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._work.stopped

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive()

    def wait(self, seen: int, seconds: float) -> None:
        """Until there is more than ``seen`` events, the end, or the time is over."""
        with self._work.changed:
            if len(self.found) <= seen and self.running:
                self._work.changed.wait(seconds)

    def stop(self) -> None:
        """After what is under way, no more."""
        self._work.stop()

    def first(self, kind: str) -> Event | None:
        """The first event of this kind, if it has come."""
        return next((e for e in list(self.found) if e.kind == kind), None)

"""Whose turn it is among jobs that wait for a worker: the small first, the long never take all."""

import threading
import time
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from memeprobe.workers.visitor import ALWAYS, Visitor

T = TypeVar("T")


@dataclass(eq=False)
class Ticket:
    """A job that waits for a worker, or has one."""

    weight: float
    """MiB of its file: the small go first."""
    long: bool
    """Whether it may keep a worker for long; such jobs never have all of them."""
    since: float = field(default_factory=time.monotonic)
    wanted: bool = True
    """Set to false where nobody waits for what it finds any more."""
    visitor: Visitor = ALWAYS
    """For whom it is: a job of one who is away waits, and is given up in the end."""

    @property
    def rank(self) -> float:
        """The lowest is next. Ten seconds of waiting count as much as a MiB less."""
        return self.weight - (time.monotonic() - self.since) / 10


class Turns(Generic[T]):
    """Workers that are free, and the jobs that wait for one."""

    def __init__(self, workers: list[T]) -> None:
        self._size, self._free = len(workers), list(workers)
        self._waiting: list[Ticket] = []
        self._long = 0
        """How many long jobs have a worker."""
        self._turn = threading.Condition()

    def take(self, ticket: Ticket) -> T | None:
        """A worker when it is this job's turn; None if it was given up before."""
        ticket.since = time.monotonic()
        with self._turn:
            self._waiting.append(ticket)
            try:
                while ticket.wanted and not ticket.visitor.gone:
                    if self._free and self._next() is ticket:
                        self._long += ticket.long
                        return self._free.pop()  # the latest one: its engine is loaded
                    self._turn.wait(0.5)  # who gives up takes no lock, and wakes nobody
                return None
            finally:
                self._waiting.remove(ticket)
                self._turn.notify_all()

    def give_back(self, ticket: Ticket, worker: T) -> None:
        """The job is over."""
        with self._turn:
            self._free.append(worker)
            self._long -= ticket.long
            self._turn.notify_all()

    def _next(self) -> Ticket | None:
        room = self._long < max(1, self._size - 1)
        wanted = [one for one in self._waiting if one.wanted and one.visitor.here]
        able = [one for one in wanted if room or not one.long]
        return min(able, key=lambda one: one.rank, default=None)

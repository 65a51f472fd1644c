"""Ray's driver: does for a run what only a process can that is connected to a cluster.

In a process of its own, because Ray's library ends or holds up whoever uses it when the cluster is
gone. It knows actors and references by numbers, and what they are about as bytes.
"""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from typing import Any

from memeprobe.on_ray.packed import ModelHolder, called

RETRIES = 2
"""So often a call whose process dies is made again."""

DONE, DIED, FAILED = "done", "died", "failed"
"""What a reply begins with: there is an outcome, the process that should have made it died, or Ray
failed otherwise."""

Reply = tuple[str, Any]


@dataclass(frozen=True)
class Machines:
    """What a cluster consists of."""

    node: str
    """The machine of the run, by Ray's name of it."""
    count: int
    gpus: int
    processors: int


class Driver:
    """What a run may ask of Ray. Its methods are called by several threads at a time."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._numbers = itertools.count()
        self._held: dict[int, Any] = {}
        """Actors and references by their numbers."""
        self._task = ray.remote(called).options(num_cpus=1, max_retries=RETRIES, name="make")
        self._actor = ray.remote(ModelHolder)

    def machines(self) -> Machines:
        """The cluster as it is now."""
        there = self._ray.cluster_resources()
        return Machines(
            self._ray.get_runtime_context().get_node_id(),
            sum(bool(node["Alive"]) for node in self._ray.nodes()),
            int(there.get("GPU", 0)),
            int(there.get("CPU", 1)),
        )

    def hold(self, call: bytes, gpus: int) -> int:
        """Have a process begun that holds what ``call`` makes; the actor's number."""
        # Next to no processor is reserved: that is for who makes stimuli.
        options = {"num_cpus": 0, "num_gpus": gpus, "scheduling_strategy": "SPREAD"}
        return self._keep(self._actor.options(**options).remote(call))

    def ask(self, actor: int, method: str, arguments: bytes) -> int:
        """Have a method called of what an actor holds; the reference's number."""
        return self._keep(self._held[actor].call.remote(method, arguments))

    def make(self, call: bytes) -> int:
        """Have a call made on any processor; the reference's number."""
        return self._keep(self._task.remote(call))

    def wait(self, references: list[int], seconds: float) -> list[int]:
        """One of the references, once it has an outcome; none after so many seconds."""
        numbers = {self._held[number]: number for number in references}
        done, _ = self._ray.wait(list(numbers), num_returns=1, timeout=seconds)
        return [numbers[one] for one in done]

    def get(self, reference: int, seconds: float | None) -> bytes:
        """The outcome, which can be had once. Raises Ray's errors."""
        outcome: bytes = self._ray.get(self._held[reference], timeout=seconds)
        del self._held[reference]
        return outcome

    def kill(self, actor: int) -> None:
        """End the process of an actor."""
        self._ray.kill(self._held[actor])

    def _keep(self, one: Any) -> int:
        number = next(self._numbers)
        self._held[number] = one
        return number

    def reply(self, method: str, *arguments: Any) -> Reply:
        """What a run is told that asks for this."""
        try:
            return DONE, getattr(self, method)(*arguments)
        except self._ray.exceptions.RayActorError as error:
            return DIED, first_line(error)
        except Exception as error:  # Ray raises this and that
            return FAILED, f"{type(error).__name__}: {first_line(error)}"


def serve(reply: Callable[..., Reply], listener: Listener) -> None:
    """Answer whoever connects, each in a thread of its own, for as long as this process lives."""
    while True:
        try:
            connection = listener.accept()
        except (OSError, EOFError, AuthenticationError):
            continue
        threading.Thread(target=_serve_one, args=(reply, connection), daemon=True).start()


def _serve_one(reply: Callable[..., Reply], connection: "Connection") -> None:
    with connection:
        while True:
            try:
                connection.send(reply(*connection.recv()))
            except (OSError, EOFError):
                return


def first_line(error: Exception) -> str:
    """The first line of what an error says, else its kind: Ray's errors are long."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]

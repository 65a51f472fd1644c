"""The cluster: the one that RAY_ADDRESS names, or one of our own that lives as long as we do.

Our own one listens on this machine alone (127.0.0.1), to nobody without its token, tells nobody
that it is used, and its processes get no variable that may hold a key. Ray itself is used by the
driver's process alone (``head``), which may hang or end when its cluster does.
"""

import json
import os
import pickle
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing.connection import Client, Connection
from tempfile import TemporaryFile
from typing import Any

from memeprobe.errors import JobError
from memeprobe.on_ray.driver import DIED, DONE, Machines
from memeprobe.on_ray.packed import packed, unpacked
from memeprobe.running.ahead import processes
from memeprobe.running.asking import ModelLost
from memeprobe.workers.environment import reading_environment
from vlm.models import MODELS_FOLDER

COMMAND = [sys.executable, "-m", "memeprobe.on_ray.head"]
FOR_MODELS = (
    MODELS_FOLDER,
    "CUDA_",
    "NVIDIA_",
    "PYTORCH_",
    "HF_HUB_OFFLINE",
    "HF_HUB_CACHE",
    "HF_HUB_DISABLE_",
)
"""Beginnings of the variables that a process with a model gets besides."""
LISTENS_SECONDS = 5.0
"""So long an answer is waited for where the cluster listens."""
SETTINGS = {  # of a cluster of our own
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray's own switch for a cluster of one machine, on Linux too: it binds to 127.0.0.1.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
}


GONE = "the Ray cluster that was started for this run has ended"
CUT_OFF = "the connection to the Ray cluster has ended"


class ClusterLost(ModelLost):
    """The driver is not there any more."""


class NotDone(Exception):
    """Ray has no outcome for a call."""


class Died(NotDone):
    """The process died that should have made it."""


class Cluster:
    """The cluster that a run is connected to. May be used by several threads."""

    def __init__(self, address: str, key: bytes, listens: str | None = None) -> None:
        """``address``: the driver's socket; ``listens``: where a cluster of our own does, host and
        port, None for somebody else's."""
        self._address, self._key, self._listens = address, key, listens
        self._of_thread = threading.local()

    def machines(self) -> Machines:
        """What it consists of. Raises NotDone, ClusterLost, as the other methods do."""
        found: Machines = self._told("machines")
        return found

    def hold(self, gpus: int, kind: Callable[..., Any], *arguments: Any) -> int:
        """Begin a process that holds ``kind(*arguments)``; its number."""
        return int(self._told("hold", packed(kind, *arguments), gpus))

    def ask(self, actor: int, method: str, *arguments: Any) -> int:
        """Have a method called of what a process holds; a reference."""
        return int(self._told("ask", actor, method, pickle.dumps(arguments)))

    def make(self, function: Callable[..., Any], *arguments: Any) -> int:
        """Have a function called on any processor; a reference."""
        return int(self._told("make", packed(function, *arguments)))

    def wait(self, references: list[int], seconds: float) -> list[int]:
        """One of the references, once it has an outcome; none after so many seconds."""
        return list(self._told("wait", references, seconds))

    def get(self, reference: int, seconds: float | None = None) -> Any:
        """What the call returned; once. Raises what it raised, and Died."""
        return unpacked(self._told("get", reference, seconds))

    def kill(self, actor: int) -> None:
        """End the process of an actor."""
        self._told("kill", actor)

    def _told(self, *asked: Any) -> Any:
        try:
            how, found = self._replied(asked)
        except (OSError, EOFError) as error:
            raise ClusterLost(GONE if self._listens else CUT_OFF) from error
        if how != DONE:
            raise Died(found) if how == DIED else NotDone(found)
        return found

    def _replied(self, asked: tuple[Any, ...]) -> tuple[str, Any]:
        connection: Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = Client(self._address, "AF_UNIX", authkey=self._key)
        self._of_thread.connection = None  # who is interrupted here must not read an old reply
        connection.send(asked)
        reply: tuple[str, Any] = connection.recv()
        self._of_thread.connection = connection
        return reply

    def is_gone(self) -> bool:
        """Whether nobody listens there any more. Ray itself would look for it for a minute;
        somebody else's may come back."""
        # Any other error is a machine's under load.
        return self._listens is not None and isinstance(
            _unreachable(self._listens), ConnectionRefusedError
        )

    def has_ended(self, seconds: float = 5.0) -> bool:
        """The same once something failed: its processes may end one after another, within so
        many seconds."""
        end = time.monotonic() + (seconds if self._listens else 0.0)
        while not self.is_gone():
            if time.monotonic() >= end:
                return False
            time.sleep(0.1)
        return True


@contextmanager
def connected() -> Iterator[Cluster]:
    """While the block lasts, there is a cluster: the one at RAY_ADDRESS, else one of this machine's
    devices, which ends by itself when this process is gone, whatever ended it.

    Raises JobError: Ray is not installed, or there is no cluster.
    """
    if find_spec("ray") is None:
        raise JobError(
            '--engine ray needs Ray, which is not installed here: pip install "memeprobe[ray]"'
        )
    there = os.environ.get("RAY_ADDRESS")
    if there and (error := _unreachable(there)):  # Ray itself looks for it for minutes
        raise JobError(f"there is no Ray cluster at {there} ($RAY_ADDRESS): {error}")
    environment = {**reading_environment(), **_passed_on(*FOR_MODELS)}
    if there:
        environment |= _passed_on("RAY_")
    else:
        environment |= {**SETTINGS, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    key = secrets.token_bytes(32)
    with TemporaryFile("w+") as said:  # Ray's words: no pipe, which can be full
        process = subprocess.Popen(
            [*COMMAND, there or str(max(1, processes()))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,  # Ctrl-C is the run's business
            env=environment,
        )
        assert process.stdin and process.stdout
        try:
            with suppress(BrokenPipeError):  # it has ended, and says why
                print(key.hex(), file=process.stdin, flush=True)
            line = process.stdout.readline()
            if not line:
                said.seek(0)
                why = ([one for one in said.read().splitlines() if one] or ["it said nothing"])[-1]
                what = f"there is no Ray cluster at {there}" if there else "Ray did not start"
                raise JobError(f"{what}: {why}")
            found = json.loads(line)
            yield Cluster(found["socket"], key, found["listens"])
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()


def _unreachable(address: str) -> OSError | None:
    """Why nothing can be connected to at HOST:PORT; None for addresses of another kind."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), LISTENS_SECONDS).close()
    except OSError as error:
        return error
    return None


def _passed_on(*beginnings: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k.startswith(beginnings)}

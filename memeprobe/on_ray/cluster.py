"""The cluster: the one that RAY_ADDRESS names, or one of our own that lives as long as we do.

Our own one listens on this machine alone (127.0.0.1), to nobody without its token, tells nobody
that it is used, and its processes get no variable that may hold a key.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from memeprobe.errors import JobError
from memeprobe.running.ahead import processes
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
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray's own switch for a cluster of one machine, on Linux too: it binds to 127.0.0.1.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    # One for this process, which Ray reads once.
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}


@dataclass(frozen=True)
class Cluster:
    """The cluster that this process is connected to."""

    own: str | None = None
    """Where the one that was started for us listens, host and port; None: it is somebody else's."""

    def is_gone(self) -> bool:
        """Whether nobody listens there any more. Ray itself would look for it for a minute, and
        then end this process; somebody else's may come back."""
        if self.own is None:
            return False
        host, _, port = self.own.rpartition(":")
        try:
            socket.create_connection((host, int(port)), LISTENS_SECONDS).close()
        except OSError as error:  # any other: a machine under load
            return isinstance(error, ConnectionRefusedError)
        return False

    def has_ended(self, seconds: float = 5.0) -> bool:
        """The same once something failed: its processes may end one after another, within so
        many seconds."""
        end = time.monotonic() + (seconds if self.own else 0.0)
        while not self.is_gone():
            if time.monotonic() >= end:
                return False
            time.sleep(0.1)
        return True


def library() -> Any:
    """Ray itself. Raises JobError: it is not installed."""
    # Else it prints on standard output that a process died, between a command's JSON.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
    try:
        import ray
    except ImportError:
        raise JobError(
            '--engine ray needs Ray, which is not installed here: pip install "memeprobe[ray]"'
        ) from None
    return ray


@contextmanager
def connected() -> Iterator[Cluster]:
    """While the block lasts, this process is connected. Raises JobError: there is no cluster."""
    if os.environ.get("RAY_ADDRESS"):
        with _session(os.environ["RAY_ADDRESS"], Cluster()) as cluster:
            yield cluster
        return
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS)  # Ray reads them where it connects
    try:
        with _head() as address, _session(address, Cluster(address)) as cluster:
            yield cluster
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _session(address: str, cluster: Cluster) -> Iterator[Cluster]:
    ray = library()
    try:
        with _own_signals():
            ray.init(address, log_to_driver=False, configure_logging=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise JobError(f"there is no Ray cluster at {address}: {error}") from None
    try:
        yield cluster
    finally:
        with _own_signals():
            ray.shutdown()


@contextmanager
def _own_signals() -> Iterator[None]:
    """SIGTERM stays ours: Ray puts a handler of its own on it, which ends a run with a stack trace
    and another exit code, and the system's when it shuts down. One that comes meanwhile waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


@contextmanager
def _head() -> Iterator[str]:
    """A cluster of this machine's devices; its address. It ends with the block, and by itself when
    this process is gone, whatever ended it."""
    library()
    process = subprocess.Popen(
        [*COMMAND, str(max(1, processes()))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is the run's business
        env={**reading_environment(), **_for_models(), **SETTINGS},
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        address = process.stdout.readline().strip()
        if not address:
            said = process.stderr.read().strip().splitlines()[-1:] or ["it said nothing"]
            raise JobError(f"Ray did not start: {said[0]}")
        yield address
    finally:
        process.stdin.close()
        process.wait()


def _for_models() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k.startswith(FOR_MODELS)}

"""The process that starts Ray, or connects to a cluster, and ends with whoever asked for it.

    python -m memeprobe.on_ray.head PROCESSORS    a cluster of our own
    python -m memeprobe.on_ray.head ADDRESS       one that is there

It takes a key on standard input and prints one line of JSON: the ``socket`` at which its driver
answers who knows the key, and where a cluster of our own ``listens``. It forks: the child is Ray's
driver and leads the group of Ray's processes; this one outlives them, ends what Ray has left, and
then removes their folder, also when the run is killed.
"""

import contextlib
import fcntl
import json
import math
import os
import select
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Listener
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

from memeprobe.on_ray.driver import Driver, serve

PREFIX = "memeprobe-ray-"
LOCK = "in-use"
"""File in a cluster's folder that is locked for as long as its keeper lives."""
SOCKET = "driver"
"""Name of the driver's socket in that folder."""
WAITING = 128
"""So many threads may connect to the driver at the same moment."""
_PARENT = os.getppid()
"""Who started this process: the run."""
ENDING_SECONDS = 5.0
"""Within so long Ray must have ended by itself; it waits for a cluster that is gone."""
LOOK_SECONDS = 0.1
LATE_SECONDS = 15.0
"""So long after a run that was killed its folder is looked for again."""
GONE_SECONDS = 2.0
"""Within so long killed processes must be gone."""


def main() -> None:
    """Until standard input ends."""
    # Ray's sockets lie in it, whose paths may not be long.
    place = Path("/tmp" if Path("/tmp").is_dir() else gettempdir())
    sweep(place)
    key = bytes.fromhex(sys.stdin.readline())
    with folder_in(place) as own:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os._exit(_drive(own, key, sys.argv[1]))
        with contextlib.suppress(OSError):  # whichever of the two is first
            os.setpgid(child, child)
        code = _ended(child)
        _end(child)
    os._exit(code)


def _drive(own: Path, key: bytes, which: str) -> int:
    """Be Ray's driver until standard input ends; the exit code."""
    import ray

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray prints is no answer
    sys.argv[0] = sys.executable  # Ray lets its workers import from where the script lies
    try:
        ray.init(**_settings(own, which), log_to_driver=False, configure_logging=False)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    listener = Listener(str(own / SOCKET), "AF_UNIX", backlog=WAITING, authkey=key)
    answering = threading.Thread(target=serve, args=(Driver(ray).reply, listener), daemon=True)
    answering.start()
    listens = ray.get_runtime_context().gcs_address if which.isdecimal() else None
    print(json.dumps({"socket": listener.address, "listens": listens}), file=answers, flush=True)
    sys.stdin.read()
    ray.shutdown()
    return 0


def _settings(own: Path, which: str) -> dict[str, Any]:
    if not which.isdecimal():
        return {"address": which}
    return {
        "address": "local",
        "num_cpus": int(which),
        "include_dashboard": False,
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": str(own),
        # Ray's own 15 lets whatever else the machine does keep the workers from all work.
        "_system_config": {"worker_niceness": 0},
    }


def _ended(child: int) -> int:
    """Wait for the driver's end, once standard input has ended not for long; its exit code."""
    input_ends = select.poll()
    input_ends.register(sys.stdin, 0)  # that nobody is there to write is always told
    end = math.inf
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return 0 if status == 0 else 1
        if end < math.inf:
            time.sleep(LOOK_SECONDS)
        elif input_ends.poll(LOOK_SECONDS * 1000):
            end = time.monotonic() + ENDING_SECONDS
    return 1


def _end(group: int) -> None:
    """Kill a group of processes and wait until it is gone."""
    end = time.monotonic() + GONE_SECONDS
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < end:
            os.killpg(group, signal.SIGKILL)
            time.sleep(0.02)


@contextmanager
def folder_in(place: Path) -> Iterator[Path]:
    """A folder for a cluster, locked while the block lasts, then removed."""
    while True:
        own = Path(mkdtemp(prefix=PREFIX, dir=place))
        with (own / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (own / LOCK).exists():  # another start swept it before it was locked
                continue
            try:
                yield own
            finally:
                _remove_for_good(own)
            return


def _remove_for_good(folder: Path) -> None:
    """Remove a cluster's folder, and again if one of Ray's processes makes it anew: some outlive
    their group for seconds. Where the run is gone nobody waits for it."""
    orphan = os.getppid() != _PARENT
    end = time.monotonic() + (LATE_SECONDS if orphan else 0.0)
    _remove(folder)
    while time.monotonic() < end:
        time.sleep(0.2)
        shutil.rmtree(folder, ignore_errors=True)


def sweep(place: Path) -> None:
    """Remove the folders whose keeper was killed; never one that is in use, or somebody else's."""
    for old in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if old.is_symlink() or old.stat().st_uid != os.getuid():
                continue
            with (old / LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(old)


def _remove(folder: Path) -> None:
    """Remove a cluster's folder, its lock last: what processes that are dying write there once
    more is left to the next start, which finds it by the lock."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != LOCK:
                path.unlink()
        if [path.name for path in folder.iterdir()] == [LOCK]:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()

"""The process of a cluster of our own: starts Ray, says where, and ends it with whoever asked.

    python -m memeprobe.on_ray.head PROCESSORS

In a process of its own because Ray's processes inherit the environment of the one that starts
them. It forks: the child is Ray's driver and leads the group of Ray's processes; this one outlives
them, ends what Ray has left, and then removes their folder, also when the run is killed.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp

PREFIX = "memeprobe-ray-"
LOCK = "in-use"
"""File in a cluster's folder that is locked for as long as its keeper lives."""
_PARENT = os.getppid()
"""Who started this process: the run."""
LATE_SECONDS = 15.0
"""So long after a run that was killed its folder is looked for again."""
GONE_SECONDS = 2.0
"""Within so long killed processes must be gone."""


def main() -> None:
    """Until standard input ends."""
    # Ray's sockets lie in it, whose paths may not be long.
    place = Path("/tmp" if Path("/tmp").is_dir() else gettempdir())
    sweep(place)
    with folder_in(place) as own:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os._exit(_ray(own))
        with contextlib.suppress(OSError):  # whichever of the two is first
            os.setpgid(child, child)
        _, status = os.waitpid(child, 0)
        _end(child)
    os._exit(0 if status == 0 else 1)


def _ray(own: Path) -> int:
    """Be the cluster until standard input ends; the exit code."""
    import ray

    try:
        ray.init(
            "local",
            num_cpus=int(sys.argv[1]),
            include_dashboard=False,
            log_to_driver=False,
            configure_logging=False,
            _node_ip_address="127.0.0.1",
            _temp_dir=str(own),
            # Ray's own 15 lets whatever else the machine does keep the workers from all work.
            _system_config={"worker_niceness": 0},
        )
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    print(ray.get_runtime_context().gcs_address, flush=True)
    sys.stdin.read()
    ray.shutdown()
    return 0


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

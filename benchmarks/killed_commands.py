"""Commands that are forked from this process to be killed, and the processes they start."""

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from memeprobe.cli.app import main as memeprobe_main

GONE_SECONDS = 60.0
"""Within so long the processes of a killed run must be gone."""


@dataclass
class Command:
    """One command under way, in a process group of its own as a terminal gives it."""

    arguments: Sequence[str]
    folder: Path
    processes: int = 0
    pid: int = 0
    began: float = field(default_factory=time.monotonic)

    def start(self) -> "Command":
        """Fork."""
        self.pid = os.fork()
        if self.pid == 0:
            self._be()
        return self

    def _be(self) -> None:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind a shell's ``&``
        for number, name in ((1, "out"), (2, "err")):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(self.folder / name, flags), number)
        os.environ["MEMEPROBE_WORKSPACE"] = str(self.folder / "w.sqlite")
        os.environ["MEMEPROBE_PROCESSES"] = str(self.processes)
        sys.argv = ["memeprobe", *self.arguments]
        code = 1
        try:
            memeprobe_main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.stdout.flush()
            os._exit(code)

    def ended(self, seconds: float) -> int | None:
        """The exit code (-N: signal N), or None if it goes on for longer."""
        end = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                return None
            time.sleep(0.005)

    def signal(self, number: int, whole: bool) -> None:
        """Send a signal; ``whole``: to all of the group, as a terminal does."""
        with suppress(ProcessLookupError):
            (os.killpg if whole else os.kill)(self.pid, number)

    def left(self) -> bool:
        """Whether processes of it are still there after a while."""
        end = time.monotonic() + GONE_SECONDS
        while time.monotonic() < end:
            if not self._group() and not processes_of(self.folder):
                return False
            time.sleep(0.05)
        return True

    def _group(self) -> bool:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, 0)
            return True
        return False


def processes_of(folder: Path) -> list[int]:
    """The processes that were started with a workspace in ``folder`` (Linux)."""
    mark, found = f"MEMEPROBE_WORKSPACE={folder}/".encode(), []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in environment.read_bytes():
                found.append(int(environment.parent.name))
    return found


def part_of(folder: Path, name: str, rng: random.Random, command: Command) -> int | None:
    """One of the run's processes whose command line holds ``name``, as soon as there is one."""
    while command.ended(0) is None:
        found = [pid for pid in processes_of(folder) if name in _line(pid)]
        if found:
            return rng.choice(sorted(found))
        time.sleep(0.02)
    return None


def _line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""

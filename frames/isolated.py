"""Clips whose decoder runs in a process of its own, which can be ended at any time.

A native decoder cannot be interrupted, and what it does to its memory concerns whoever shares it.
So strangers' files are decoded elsewhere: in one process for all clips, started when it is needed
and again when it was ended. It gets the bytes of the files and no secret of the environment.
"""

import contextlib
import hashlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import warnings as python_warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from frames.clip import Clip, read_file
from frames.errors import READING, Limits, MediaError, MediaWarning
from frames.source import FrameSource
from frames.wire import WireError, receive, send

COMMAND = [sys.executable, "-m", "frames.decoder"]
HARMLESS = ("PATH", "HOME", "LANG", "LC_", "LD_LIBRARY_PATH", "DYLD_", "TMP", "TEMP", "OMP_")
"""Beginnings of the variables that a process which decodes gets; keys are not among them."""


def harmless_environment(*more: str) -> dict[str, str]:
    """The environment for a process that decodes: nothing secret, and where Python finds us.

    ``more``: beginnings of further variables to pass on.
    """
    kept = {k: v for k, v in os.environ.items() if k.startswith((*HARMLESS, *more))}
    return {**kept, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def open_isolated(
    source: str | Path | bytes, *, name: str | None = None, limits: Limits | None = None
) -> Clip:
    """``frames.open_clip``, decoded in a process of its own: for files that strangers made.

    The system ends that process at ``limits.seconds`` of processor time a pass, even inside a
    native decoder, and it gets no more than ``limits.memory_bytes``. Raises MediaError.
    """
    limits = limits or Limits.from_environment()
    shown, data = read_file(source, name, limits)
    file = _File(shown, data, limits)
    answer = file.opened()
    for warning in answer["warnings"]:
        python_warnings.warn(f"{shown}: {warning}", MediaWarning, stacklevel=2)
    delays, found = tuple(answer["delays_ms"]), tuple(answer["warnings"])
    opened = FrameSource(answer["width"], answer["height"], delays, file.stream, found)
    return Clip(shown, file.sha256, answer["kind"], opened, READING * limits.seconds)


class _File:
    """One file, and how the process is asked about it."""

    def __init__(self, name: str, data: bytes, limits: Limits) -> None:
        self.name, self._data, self._limits = name, data, limits
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._key = f"{self.sha256} {limits}"

    def opened(self) -> dict[str, Any]:
        """The file's measures. Raises MediaError, its name left out: refused or ended."""
        request = {"do": "open", "name": self.name, "limits": asdict(self._limits)}
        try:
            return self._asked(request, self._data)[0]
        except MediaError as refusal:
            raise MediaError(f"{self.name}: {refusal}") from None

    def stream(self) -> Iterator[np.ndarray]:
        """One pass over the frames."""
        number = next(_PASSES)
        for index in itertools.count():
            request = {"do": "frame", "pass": number, "index": index}
            reply, pictures = self._asked(request)
            if reply.get("unknown"):  # the process was started anew since
                self.opened()
                reply, pictures = self._asked(request)
            if not pictures:
                return
            yield pictures[0]

    def _asked(
        self, request: Mapping[str, Any], data: bytes = b""
    ) -> tuple[dict[str, Any], Sequence[np.ndarray]]:
        seconds = self._limits.seconds
        request = {**request, "key": self._key, "seconds": seconds}
        try:
            reply, pictures = _process(self._limits).ask(request, data)
        except _Ended as end:
            raise MediaError(_why(end.status, self._limits)) from None
        if "error" in reply:
            raise MediaError(str(reply["error"]).removeprefix(f"{self.name}: "))
        return reply, pictures


class _Ended(Exception):
    """The process is gone; ``status`` as subprocess gives it, -N for signal N."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _why(status: int, limits: Limits) -> str:
    if status in (-signal.SIGXCPU, -signal.SIGALRM):
        return (
            f"its decoder was ended after {limits.seconds} s, over the limit "
            f"seconds = {limits.seconds}; if you trust the file, raise it with "
            f"{limits.setting('seconds')}"
        )
    name = signal.Signals(-status).name if status < 0 else f"exit code {status}"
    return f"its decoder crashed ({name}); the file is damaged or made to do harm"


class _Process:
    """The process; started at the first request and again after its end."""

    def __init__(self, memory_bytes: int) -> None:
        self._memory, self._owner = memory_bytes, os.getpid()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, if it runs."""
        return self._process.pid if self._process is not None else None

    def ask(self, request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
        """The reply to a request. Raises _Ended."""
        with self._lock:
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            try:
                send(process.stdin, request, data=data)
                reply, pictures, _ = receive(process.stdout)
                return reply, pictures
            except (WireError, OSError):
                raise _Ended(self.stop()) from None
            except BaseException:  # Ctrl-C, say: what comes next would be the old reply
                self.stop()
                raise

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [*COMMAND, str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=harmless_environment(),
            )
        return self._process

    def stop(self) -> int:
        """End the process; what it ended with (-N: signal N)."""
        process, self._process = self._process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            return process.wait(1)  # what ended it, if something did
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


_PASSES = itertools.count()
_PROCESSES: dict[int, _Process] = {}


def _process(limits: Limits) -> _Process:
    return _PROCESSES.setdefault(limits.memory_bytes, _Process(limits.memory_bytes))

"""How the program is ended from outside: by Ctrl-C or SIGTERM, and at once by the second one."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ENDING = (signal.SIGINT, signal.SIGTERM)
AT_ONCE = b"memeprobe: ended at once; what was stored before is kept\n"


@contextmanager
def signals() -> Iterator[list[int]]:
    """While the block lasts, the first signal raises KeyboardInterrupt, also SIGTERM, and a second
    one ends the process there and then: whatever the first is waiting for (a server's reply, a
    native library), a store is whole at every moment. Gives the signals that came.

    A signal that whoever started us ignores (``nohup``, a shell's ``&``) stays ignored.
    """
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            os.write(2, AT_ONCE)
            os._exit(128 + number)
        raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {n: signal.getsignal(n) for n in ENDING if signal.getsignal(n) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield came
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def end_by(number: int) -> NoReturn:
    """End the process with the exit code of a signal (130 for Ctrl-C, 143 for SIGTERM), without
    waiting for threads that ask a server."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(128 + number)

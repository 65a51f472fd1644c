"""Where foreign decoders end: what they throw becomes a MediaError, and their time is counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time
from typing import TypeVar

import numpy as np

from frames.errors import Limits, MediaError

_Item = TypeVar("_Item")


@contextmanager
def boundary(name: str, doing: str) -> Iterator[None]:
    """Turn whatever is thrown inside into a MediaError of one line that begins with ``name``.

    Decoders are foreign code on hostile input: they throw what they like (struct.error,
    AttributeError, RuntimeError, ...). ``doing`` says what failed, unless it was a limit.
    """
    try:
        yield
    except MediaError as failure:
        raise MediaError(f"{name}: {_one_line(str(failure))}") from None
    except MemoryError:
        raise MediaError(f"{name}: {doing}: it needs more memory than there is") from None
    except Exception as failure:
        raise MediaError(f"{name}: {doing}: {plain(failure)}") from None


def plain(failure: Exception) -> str:
    """A library's message as one line, without addresses of objects in memory."""
    if isinstance(failure, OSError) and failure.strerror:
        return _one_line(failure.strerror)
    text = _one_line(str(failure)).split(" <_io.")[0]
    if isinstance(failure, ValueError | OSError | SyntaxError | EOFError):
        return text or type(failure).__name__
    # A message such as "list index out of range" says nothing without its type.
    return f"the decoder failed ({type(failure).__name__}{': ' + text if text else ''})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


class Budget:
    """Processor time of this thread that one pass over a file may take.

    Only decoding counts: what happens between two frames (OCR, say) is not the file's fault.
    Processor time and not the clock, so that a busy machine accepts the same files.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent = 0.0
        self._began = thread_time()
        self._frames = 0

    def check(self) -> None:
        """Raise MediaError if the time is spent."""
        if self._spent + thread_time() - self._began > self._limits.seconds:
            raise MediaError(
                f"decoding took more than {self._limits.seconds} s of processor time for "
                f"{self._frames:,} frames, over the limit seconds = {self._limits.seconds}; if "
                f"you trust the file, raise it with {self._limits.setting('seconds')}"
            )

    def watch(self, items: Iterator[_Item]) -> Iterator[_Item]:
        """The same items; raises MediaError once making them has taken too long."""
        while True:
            self._began = thread_time()
            try:
                item = next(items)
            except StopIteration:
                return
            self._frames += 1
            self.check()
            self._spent += thread_time() - self._began
            yield item


def checked(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture, if it has the size that was announced. Raises ValueError otherwise."""
    if pixels.shape != (height, width, 3):
        got = f"{pixels.shape[1]}x{pixels.shape[0]}"
        raise ValueError(f"a frame has {got} pixels, the file announced {width}x{height}")
    return pixels

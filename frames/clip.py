"""Clip: a media file whose frames are decoded on demand."""

import hashlib
import warnings as python_warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import accumulate
from pathlib import Path

import numpy as np

from frames.boundary import Budget, boundary, checked
from frames.errors import READING, Limits, MediaError, MediaWarning
from frames.show import figure, strip, time_axis
from frames.source import FrameSource


def pixel_sha256(pixels: np.ndarray) -> str:
    """SHA-256 (hex) over the shape and the bytes of a uint8 array: equal iff the picture is."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame as it shows on screen."""

    pixels: np.ndarray
    """RGB, uint8, shape (height, width, 3), read-only."""
    index: int
    """Place in the clip, from 0."""
    start_ms: int
    """When it appears, from the start of the clip."""
    duration_ms: int
    """How long it stays; 0 for a still."""

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(
                f"pixels must be uint8 of shape (H, W, 3), got {pixels.dtype} {pixels.shape}"
            )
        if self.index < 0 or self.start_ms < 0 or self.duration_ms < 0:
            raise ValueError(
                f"index and times must not be negative, got index {self.index}, "
                f"start {self.start_ms} ms, duration {self.duration_ms} ms"
            )
        pixels.flags.writeable = False

    @cached_property
    def sha256(self) -> str:
        """Hash of shape and pixels, see ``pixel_sha256``."""
        return pixel_sha256(self.pixels)


class Clip:
    """A media file: its bytes and measures. Frames are decoded anew whenever they are asked for.

    So the memory in use is the file plus one frame, however long the clip.
    """

    def __init__(
        self,
        name: str,
        sha256: str,
        kind: str,
        source: FrameSource,
        reading_seconds: float = READING * Limits.seconds,
    ) -> None:
        self.name = name
        self.sha256 = sha256
        """Of the file's bytes."""
        self.kind = kind
        """'gif', 'webp', 'apng', 'png', 'jpeg', 'mp4', ...: see KINDS."""
        self.width, self.height = source.width, source.height
        starts = accumulate(source.delays_ms, initial=0)
        self.timings: tuple[tuple[int, int], ...] = tuple(
            zip(starts, source.delays_ms, strict=False)
        )
        """(start_ms, duration_ms) of each frame."""
        self.duration_ms = sum(source.delays_ms)
        self.warnings = source.warnings
        """What is damaged or odd in the file, one sentence each."""
        self.reading_seconds = reading_seconds
        """Processor time in which its texts may be read; the rest is left unread."""
        self._source = source

    def __len__(self) -> int:
        return len(self.timings)

    def __repr__(self) -> str:
        return (
            f"Clip({self.name!r}, {self.kind}, {self.width}x{self.height}, "
            f"{len(self)} frames, {self.duration_ms} ms)"
        )

    def _repr_html_(self) -> str:
        """In a notebook: the time axis with every frame's start, and at most eight frames."""
        count = min(8, len(self))
        shown = self.frames([round(i * (len(self) - 1) / max(1, count - 1)) for i in range(count)])
        figures = [figure(f.pixels, f.index, f.start_ms) for f in shown]
        axis = time_axis(self.duration_ms, [start for start, _ in self.timings])
        return f"<p>{escape(repr(self))}</p>{axis}{strip(figures)}"

    def __iter__(self) -> Iterator[Frame]:
        """All frames in order, in one decode pass. Raises MediaError where the file is broken."""
        stream = self._source.stream()
        for index, timing in enumerate(self.timings):
            with boundary(self.name, f"frame {index} cannot be decoded"):
                pixels = next(stream, None)
                if pixels is None:
                    raise ValueError("the file holds fewer frames than it did when it was opened")
                frame = Frame(checked(pixels, self.width, self.height), index, *timing)
            yield frame

    def frames(self, indices: Sequence[int]) -> list[Frame]:
        """The frames at ``indices``, in the order given (repeats allowed), in one decode pass.

        Raises IndexError for an index outside 0 to len - 1, MediaError where the file is broken.
        """
        for index in indices:
            if not 0 <= index < len(self):
                raise IndexError(f"{self.name} has frames 0 to {len(self) - 1}, not {index}")
        wanted = set(indices)
        found: dict[int, Frame] = {}
        for frame in self:
            if frame.index in wanted:
                found[frame.index] = frame
            if len(found) == len(wanted):
                break
        return [found[index] for index in indices]


def open_clip(
    source: str | Path | bytes, *, name: str | None = None, limits: Limits | None = None
) -> Clip:
    """Open a media file, told by its content, not its name.

    ``source`` is a path or the file's bytes; ``name`` is what messages call it (default: the
    path). ``limits`` default to ``Limits.from_environment()``. Damage that leaves some frames
    gives a MediaWarning and stands in ``Clip.warnings``. Raises MediaError, one line, otherwise.
    """
    from frames.kinds import kind_of  # the decoders: who opens files isolated needs none of them

    limits = limits or Limits.from_environment()
    shown, data = read_file(source, name, limits)
    with boundary(shown, "cannot be read"):
        kind = kind_of(data)
    with boundary(shown, f"broken {kind.name} file"):
        opened = kind.open(data, limits)
    opened = replace(opened, stream=_timed(opened.stream, limits))
    for warning in opened.warnings:
        python_warnings.warn(f"{shown}: {warning}", MediaWarning, stacklevel=2)
    sha256 = hashlib.sha256(data).hexdigest()
    return Clip(shown, sha256, kind.name, opened, READING * limits.seconds)


def read_file(source: str | Path | bytes, name: str | None, limits: Limits) -> tuple[str, bytes]:
    """(what messages call it, its bytes). Raises MediaError: no such file, empty, too large."""
    if name is None:
        name = "<bytes>" if isinstance(source, bytes) else str(source)
    shown = printable(name)
    with boundary(shown, "cannot be read"):
        data = source if isinstance(source, bytes) else _read(Path(source), limits)
        limits.check("file_bytes", len(data), f"the file has {len(data):,} bytes")
        if not data:
            raise MediaError("the file is empty")
    return shown, data


def printable(name: str) -> str:
    """A file's name as it can be printed anywhere: on one line, and valid Unicode.

    A name in GBK, read as UTF-8, holds lone surrogates that no terminal and no JSON takes; a
    name may hold line breaks or escape sequences. Such characters become ``\\xNN``.
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # Python's stand-in for a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _timed(
    stream: Callable[[], Iterator[np.ndarray]], limits: Limits
) -> Callable[[], Iterator[np.ndarray]]:
    return lambda: Budget(limits).watch(stream())


def _read(path: Path, limits: Limits) -> bytes:
    if not path.exists():
        raise MediaError("no such file")
    if path.is_dir():
        raise MediaError("is a folder, not a media file")
    if not path.is_file():
        raise MediaError("is not a regular file")
    size = path.stat().st_size
    limits.check("file_bytes", size, f"the file has {size:,} bytes")
    with path.open("rb") as file:
        # One byte over the limit: a file that grows meanwhile is found out.
        return file.read(limits.file_bytes + 1)

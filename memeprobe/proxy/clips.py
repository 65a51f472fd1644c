"""The clips that an application is given, as pictures small enough to compare with all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from frames import Limits, open_clip

FINE, COARSE = 128, 24
"""Longer side in pixels at which frames are compared, and at which layouts are looked for."""
FLAT, NEAR = 4.0, 8.0
"""Standard deviation (of 255) under which a picture shows nothing, and how near two such pictures
are in colour to be called the same."""
TYPICAL = 8
"""Frames of a clip that stand for all while layouts are looked for."""
MOST_FRAMES = 400
"""Frames of one clip that are compared at most, spread evenly."""


@dataclass(frozen=True, eq=False)
class KnownClip:
    """One clip whose frames can be recognised."""

    name: str
    frames: np.ndarray
    """uint8 (frames, height, width, 3), the longer side ``FINE`` or less."""
    indices: tuple[int, ...]
    """The number of each of these frames in the clip."""
    total: int
    """Frames of the clip."""
    size: tuple[int, int]
    """Width and height of the clip in pixels."""
    _cache: dict[tuple[int, int], np.ndarray] = field(default_factory=dict, repr=False)
    _typical: dict[tuple[int, int], list[np.ndarray]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, name: str, frames: Sequence[np.ndarray]) -> "KnownClip":
        """From all frames of a clip, each uint8 (height, width, 3)."""
        total = len(frames)
        kept = np.unique(np.linspace(0, total - 1, min(total, MOST_FRAMES)).round().astype(int))
        height, width = frames[0].shape[:2]
        small = [shrunk(frames[i], fitted(width, height, FINE)) for i in kept]
        return cls(name, np.stack(small), tuple(map(int, kept)), total, (width, height))

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> "KnownClip":
        """From a file. Raises MediaError."""
        clip = open_clip(path, limits=limits or Limits.from_environment())
        return cls.of(path.name, [frame.pixels for frame in clip])

    @cached_property
    def aspect(self) -> float:
        """Width by height."""
        return self.size[0] / self.size[1]

    def at(self, size: tuple[int, int]) -> np.ndarray:
        """The frames as unit vectors without their mean, float32 (frames, pixels), at a size."""
        if size not in self._cache:
            self._cache[size] = unit(np.stack([shrunk(f, size) for f in self.frames]))
        return self._cache[size]

    def blank(self, colour: np.ndarray) -> tuple[int, ...]:
        """Numbers of the frames that show nothing but this colour (red, green, blue)."""
        flat = self.frames.std((1, 2)).max(1) < FLAT
        near = np.abs(self.frames.mean((1, 2)) - colour).max(1) < NEAR
        return tuple(self.indices[i] for i in np.flatnonzero(flat & near))

    @cached_property
    def typical(self) -> tuple[int, ...]:
        """Places of up to ``TYPICAL`` frames that differ most: each is the farthest from those
        taken before it."""
        rows = self.at(fitted(*self.size, COARSE))
        shows = np.flatnonzero(np.abs(rows).max(1) > 0)
        taken = [int(i) for i in shows[:1]]
        while taken and len(taken) < TYPICAL:
            nearest = (rows[shows] @ rows[taken].T).max(1)
            if nearest.min() > 0.97:
                break
            taken.append(int(shows[nearest.argmin()]))
        return tuple(taken)

    def typical_at(self, size: tuple[int, int]) -> list[np.ndarray]:
        """These frames at a size, uint8."""
        if size not in self._typical:
            self._typical[size] = [shrunk(self.frames[i], size) for i in self.typical]
        return self._typical[size]


def open_clips(paths: Iterable[Path], limits: Limits | None = None) -> list[KnownClip]:
    """The clips in files. Raises MediaError."""
    return [KnownClip.open(path, limits) for path in paths]


def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """(width, height) with the same shape whose longer side is at most ``longest``."""
    scale = min(1.0, longest / max(width, height))
    return max(4, round(width * scale)), max(4, round(height * scale))


def shrunk(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture at (width, height), averaged where it gets smaller."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    smaller = size[0] <= image.shape[1] and size[1] <= image.shape[0]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def unit(images: np.ndarray) -> np.ndarray:
    """Pictures as rows of length 1 without their mean, float32; flat ones as zeros."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    flat = length < 2.0 * np.sqrt(rows.shape[1])  # a standard deviation of 2 of 255
    return np.where(flat, 0, rows / np.maximum(length, 1e-6)).astype(np.float32)

"""Keyframe policies that look at the clock or at whole pictures: which K frames to show."""

from collections.abc import Callable, Iterable

import cv2
import numpy as np

from frames.clip import Clip

Policy = Callable[[Clip, int], list[int]]
"""(clip, k) -> at most k frame indices, ascending, each once."""

THUMBNAIL = 24
"""Side of the small pictures that ``distinct`` compares, in pixels."""


def first(clip: Clip, k: int) -> list[int]:
    """Frame 0 alone: what most demos show a model of a GIF."""
    return [0]


def uniform_index(clip: Clip, k: int) -> list[int]:
    """Evenly spaced frame numbers, first and last included; blind to how long a frame stays."""
    n = len(clip)
    return (
        _ascending(round(i * (n - 1) / max(k - 1, 1)) for i in range(k)) if k < n else [*range(n)]
    )


def uniform_time(clip: Clip, k: int) -> list[int]:
    """What shows in the middle of each of k equal spans of time."""
    if not clip.duration_ms:
        return uniform_index(clip, k)
    ends = np.array([start + length for start, length in clip.timings])
    times = (2 * np.arange(k) + 1) * clip.duration_ms / (2 * k)
    return _ascending(np.searchsorted(ends, times, side="right").tolist())


def distinct(clip: Clip, k: int) -> list[int]:
    """The frames that differ most from each other as whole pictures, frame 0 among them.

    Farthest-point selection on thumbnails (Gonzalez 1985, Theoretical Computer Science 38);
    equal frames are given once.
    """
    pictures = np.stack([_thumbnail(frame.pixels) for frame in clip])
    chosen = [0]
    distance = _distance(pictures, pictures[0])
    while len(chosen) < k and distance.max() > 0:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, _distance(pictures, pictures[chosen[-1]]))
    return sorted(chosen)


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)


def _distance(pictures: np.ndarray, one: np.ndarray) -> np.ndarray:
    return np.abs(pictures.astype(np.int16) - one).sum(axis=(1, 2, 3), dtype=np.int64)


def _ascending(indices: Iterable[int]) -> list[int]:
    return sorted(set(indices))

"""Short video (MP4, WebM), decoded by PyAV (FFmpeg's libraries)."""

import io
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np

from frames.errors import Limits
from frames.source import FrameSource, check_size


def open_video(data: bytes, limits: Limits) -> FrameSource:
    """Open the first video stream.

    The frames are decoded once to learn how many there are and when they show: containers
    often get either wrong. Raises ValueError if there is no video stream or it is broken.
    """
    starts: list[Fraction] = []
    length = Fraction(0)
    size, turns = (0, 0), 0
    for frame in _decode(data, limits):
        base = frame.time_base or Fraction(1, 1000)
        starts.append(frame.pts * base if frame.pts is not None else starts[-1] + length)
        length = (frame.duration or 0) * base or length
        if len(starts) == 1:
            size, turns = (frame.width, frame.height), round(frame.rotation / 90) % 4
        check_size(limits, *size, len(starts))
    if not starts:
        raise ValueError("the video stream holds no frame")
    if not length and len(starts) > 1:
        length = (starts[-1] - starts[0]) / (len(starts) - 1)
    edges = [round(1000 * (start - starts[0])) for start in [*starts, starts[-1] + length]]
    delays = tuple(max(b - a, 0) for a, b in pairwise(edges))

    def stream() -> Iterator[np.ndarray]:
        for frame in _decode(data, limits):
            # A stream may change its size midway; every frame of a clip has the first one's.
            pixels = frame.to_ndarray(format="rgb24", width=size[0], height=size[1])
            yield np.ascontiguousarray(np.rot90(pixels, turns))

    width, height = size[::-1] if turns % 2 else size
    return FrameSource(width, height, delays, stream)


def _decode(data: bytes, limits: Limits) -> Iterator[av.VideoFrame]:
    try:
        with av.open(io.BytesIO(data), "r") as container:
            if not container.streams.video:
                raise ValueError("the file holds no video stream")
            stream = container.streams.video[0]
            check_size(limits, stream.width, stream.height, 1)
            yield from container.decode(stream)
    except av.FFmpegError as failure:
        raise ValueError(f"the video is broken: {failure.strerror}") from None

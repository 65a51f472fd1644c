"""Short video (MP4, MOV, WebM, Matroska), decoded by PyAV (FFmpeg's libraries)."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from struct import unpack
from typing import Any, NoReturn

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition
from av.video.reformatter import Colorspace

from frames.boundary import Budget
from frames.errors import Limits
from frames.orientation import UPRIGHT, matrix_orientation, turned, turned_size
from frames.raster import rgba_on_white
from frames.source import FrameSource, check_inflation, check_size
from frames.torn import breaks_off

CODECS = (
    "h264,hevc,av1,libdav1d,vp8,vp9,libvpx,libvpx-vp9,mpeg4,h263,mpeg1video,mpeg2video,mjpeg,"
    "png,prores,qtrle,theora,ffv1,gif,rawvideo"
)
"""The decoders that FFmpeg may start; strangers' files are not offered the other hundreds."""
WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these drop the transparency; the codec's reference library keeps it."""
UNSPECIFIED, HD = 2, 720
"""A stream that does not name its colours; the height from which browsers then take BT.709."""
PICTURES = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
VIDEO_PIXELS_PER_BYTE = 30
"""Video may decode to so many times more pixels a byte than other media: a still scene is free."""


def open_video(data: bytes, limits: Limits, container: str) -> FrameSource:
    """Open the video stream of a file in the format ``container`` (FFmpeg's name of it).

    The frames are decoded once to learn how many there are and when they show: containers
    often get either wrong. Raises ValueError if there is no video stream or it is broken.
    """
    clip = _Video(data, limits, container)
    starts: list[Fraction] = []
    length = Fraction(0)
    shape = (0, 0, UPRIGHT)
    for frame in Budget(limits).watch(clip.decode()):
        base = frame.time_base or Fraction(1, 1000)
        starts.append(frame.pts * base if frame.pts is not None else _next(starts, length))
        length = (frame.duration or 0) * base or length
        if len(starts) == 1:
            shape = clip.shape(frame)
        check_size(limits, *shape[:2], len(starts))
        pixels = max(shape[0] * shape[1], frame.width * frame.height) * len(starts)
        check_inflation(limits, pixels // VIDEO_PIXELS_PER_BYTE, len(data))
    if not starts:
        raise ValueError("the video stream holds no frame that can be decoded")
    starts.sort()
    starts.append(clip.end(starts, length))
    edges = [round(1000 * (start - starts[0])) for start in starts]
    width, height, orientation = shape

    def stream() -> Iterator[np.ndarray]:
        for frame in clip.decode():
            yield turned(_pixels(frame, width, height), orientation)

    return FrameSource(
        *turned_size(width, height, orientation),
        tuple(b - a for a, b in pairwise(edges)),
        stream,
        clip.warnings(),
    )


def _next(starts: list[Fraction], length: Fraction) -> Fraction:
    return starts[-1] + length if starts else Fraction(0)


class _Video:
    """A file, and how its video stream is found and decoded."""

    def __init__(self, data: bytes, limits: Limits, container: str) -> None:
        self._data, self._limits, self._container = data, limits, container
        self._aspect = Fraction(1)
        self._end: Fraction | None = None
        self._damaged = 0
        with self._opened() as opened:
            self._index = _best(opened, data)
            stream = opened.streams[self._index]
            if stream.start_time is not None and stream.duration and stream.time_base:
                self._end = (stream.start_time + stream.duration) * stream.time_base
            self._promised = stream.frames

    @contextmanager
    def _opened(self) -> Iterator[InputContainer]:
        """The container, which can reach nothing but the bytes at hand."""
        try:
            with av.open(
                BytesIO(self._data),
                "r",
                format=self._container,
                options={"codec_whitelist": CODECS, "max_pixels": str(self._max_pixels)},
                container_options={"protocol_whitelist": "none"},
                io_open=_refuse,
            ) as opened:
                yield opened
        except av.FFmpegError as failure:
            raise ValueError(_said(failure, self._data)) from None

    @property
    def _max_pixels(self) -> int:
        return min(self._limits.moving_pixels, self._limits.frame_pixels)

    def decode(self) -> Iterator[av.VideoFrame]:
        """The frames in the order in which they show. A broken packet costs its own frames."""
        with self._opened() as opened:
            stream: Any = opened.streams[self._index]
            context = stream.codec_context
            check_size(self._limits, context.width, context.height, 1)
            self._aspect = stream.sample_aspect_ratio or Fraction(1)
            alpha = stream.metadata.get("alpha_mode") == "1" and context.name in WITH_ALPHA
            if alpha:
                setup = context.extradata
                context = av.VideoCodecContext.create(WITH_ALPHA[context.name], "r")
                context.extradata = setup
            # One thread: the time is counted, and frames come out the same on every machine.
            context.thread_count = 1
            context.options = {"max_pixels": str(self._max_pixels)}
            shown, failure, self._damaged = False, None, 0
            for packet in opened.demux(stream):
                try:
                    frames = context.decode(packet if packet.size else None)
                except av.FFmpegError as broken:
                    self._damaged, failure = self._damaged + 1, broken
                    continue
                for frame in frames:
                    if frame.time_base is None:
                        frame.time_base = stream.time_base
                    shown = True
                    yield frame
            if failure is not None and not shown:
                raise failure

    def shape(self, frame: av.VideoFrame) -> tuple[int, int, int]:
        """Width and height with square pixels, and the orientation, of the first frame."""
        width, height = frame.width, frame.height
        # As in browsers, the picture grows to square pixels and never shrinks.
        if self._aspect > 1:
            width = round(width * self._aspect)
        elif 0 < self._aspect < 1:
            height = round(height / self._aspect)
        return width, height, _orientation(frame)

    def end(self, starts: list[Fraction], length: Fraction) -> Fraction:
        """When the last frame ends: by the track's end where it gives one, else by its length."""
        whole = len(starts) >= self._promised
        if self._end is not None and self._end > starts[-1] and whole:
            return self._end
        if not length and len(starts) > 1:
            length = (starts[-1] - starts[0]) / (len(starts) - 1)
        return starts[-1] + length

    def warnings(self) -> tuple[str, ...]:
        """What is broken in the file, and in its packets as the last pass found them."""
        torn = breaks_off(self._data)
        said = ["the file breaks off before its end; the frames up to there are kept"] * torn
        if self._damaged:
            said.append(f"{self._damaged} packets of the video cannot be decoded; the rest is kept")
        return tuple(said)


def _best(opened: InputContainer, data: bytes) -> int:
    """The index of the stream that a player shows: no cover, no thumbnails, the largest."""
    videos = list(opened.streams.video)
    if not videos:
        raise ValueError("the file holds no video stream")
    known = CODECS.split(",")
    readable = [v for v in videos if v.codec_context is not None and v.codec_context.name in known]
    if not readable:
        raise ValueError(
            "the video is encrypted" if b"encv" in data else "the video's codec cannot be read"
        )
    moving = [video for video in readable if not video.disposition & PICTURES]
    if not moving:
        raise ValueError("the file holds no video, only a cover picture or thumbnails")
    if len(moving) == 1:
        return moving[0].index
    packets = dict.fromkeys((video.index for video in moving), 0)
    for packet in opened.demux(*moving):
        packets[packet.stream_index] += bool(packet.size)
    return max(
        moving,
        key=lambda video: (
            packets[video.index] > 1,
            bool(video.disposition & Disposition.default),
            video.width * video.height,
            packets[video.index],
        ),
    ).index


def _refuse(url: str, *_: object) -> NoReturn:
    raise ValueError("the file refers to another file, which is not opened")


def _said(failure: av.FFmpegError, data: bytes) -> str:
    if data[4:8] == b"ftyp" and b"moov" not in data:
        return "the file breaks off: its table of frames (moov) is missing"
    return f"the video is broken: {failure.strerror}"


def _orientation(frame: av.VideoFrame) -> int:
    known: Any = frame.side_data
    matrix = known.get(SideData.DISPLAYMATRIX)
    if matrix is None:
        return UPRIGHT
    a, b, _, c, d, *_ = unpack("<9i", bytes(matrix)[:36])
    return matrix_orientation(a, b, c, d)


def _pixels(frame: av.VideoFrame, width: int, height: int) -> np.ndarray:
    """RGB on white; a stream may change its size midway, every frame of a clip has the first's."""
    hd = frame.colorspace == UNSPECIFIED and frame.height >= HD and not frame.format.is_rgb
    colours = Colorspace.ITU709 if hd else None

    def converted(form: str) -> np.ndarray:
        found = frame.to_ndarray(format=form, width=width, height=height, src_colorspace=colours)
        return np.asarray(found)

    if not any(component.is_alpha for component in frame.format.components):
        return converted("rgb24")
    page = np.empty((height, width, 3), np.uint8)
    rgba_on_white(converted("rgba"), page)
    return page

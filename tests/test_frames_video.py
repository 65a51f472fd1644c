"""Video as it is shown: turned, mirrored, of pixels that are not square, with frames of any length.

Facts come from the files as they are written (PyAV) and from the matrix of ISO/IEC 14496-12,
8.3.2; the same files are shown to Chromium.
"""

import io
from fractions import Fraction
from struct import pack
from typing import Any

import av
import numpy as np
import pytest

from frames import MediaWarning, open_clip, open_isolated
from tests.browser_media import browser_media
from tests.served import missing

WIDTH, HEIGHT = 128, 96
COLOURS = np.array([[[220, 40, 40], [40, 200, 40]], [[40, 40, 220], [220, 220, 40]]])
"""Of the quarters of the picture as it is stored."""
TURNS = {
    "as stored": (1, 0, 0, 1),
    "a quarter": (0, 1, -1, 0),
    "a half": (-1, 0, 0, -1),
    "three quarters": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "on its head in a mirror": (1, 0, 0, -1),
    "mirrored and a quarter": (0, -1, -1, 0),
    "mirrored and three quarters": (0, 1, 1, 0),
}
"""(a, b, c, d) of the matrix: a point (x, y) shows at (ax + cy, bx + dy)."""
STARTS, END = (0, 40, 240, 290), 790
"""Milliseconds: four frames of unlike length, the last for half a second."""


def video(
    aspect: Fraction | None = None, starts: tuple[int, ...] = STARTS, end: int = END
) -> bytes:
    """An MP4 with the coloured quarters, darker from frame to frame."""
    quarters = COLOURS.repeat(HEIGHT // 2, axis=0).repeat(WIDTH // 2, axis=1)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        stream.options = {"crf": "10", "bf": "0"}
        packets = []
        for number, start in enumerate(STARTS):
            picture = (quarters * (1 - 0.1 * number)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = start, Fraction(1, 1000)
            packets += stream.encode(frame)
        packets += stream.encode()
        for packet, stop in zip(packets, [*starts[1:], end], strict=True):
            packet.duration = round(
                (stop - packet.pts * packet.time_base * 1000) / 1000 / packet.time_base
            )
            container.mux(packet)
    return buffer.getvalue()


def remuxed(data: bytes, form: str, **options: str) -> bytes:
    """The same packets in another container, or in other places of it."""
    buffer = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as old, av.open(buffer, "w", form, options=options) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return buffer.getvalue()


def turned(data: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """The file with another matrix in its track header."""
    a, b, c, d = matrix
    # A quarter or a mirror moves the picture out of sight; the last row moves it back.
    left, up = min(0, a * WIDTH, c * HEIGHT), min(0, b * WIDTH, d * HEIGHT)
    rows = (a, b, 0, c, d, 0, -left, -up)
    at = data.index(b"tkhd") + 4 + 40
    written = pack(">8i", *(value << 16 for value in rows)) + pack(">i", 1 << 30)
    return data[:at] + written + data[at + 36 :]


def corners(pixels: np.ndarray) -> np.ndarray:
    """The colours of the quarters of a picture, int (2, 2, 3)."""
    height, width = pixels.shape[:2]
    ys, xs = (height // 4, 3 * height // 4), (width // 4, 3 * width // 4)
    return pixels[np.ix_(ys, xs)].astype(int)


def expected(matrix: tuple[int, int, int, int]) -> np.ndarray:
    """Where the matrix puts the quarters, int (2, 2, 3)."""
    a, b, c, d = matrix
    found = np.zeros((2, 2, 3), int)
    for y in (0, 1):
        for x in (0, 1):
            u, v = 2 * x - 1, 2 * y - 1  # from the middle
            found[(b * u + d * v + 1) // 2, (a * u + c * v + 1) // 2] = COLOURS[y, x]
    return found


@pytest.mark.parametrize("name", TURNS)
def test_a_video_is_turned_and_mirrored_as_its_matrix_says(name: str) -> None:
    matrix = TURNS[name]
    clip = open_clip(turned(video(), matrix))
    assert (clip.width, clip.height) == ((WIDTH, HEIGHT) if matrix[0] else (HEIGHT, WIDTH))
    for frame in (next(iter(clip)), clip.frames([3])[0]):
        shown = expected(matrix) * (1 - 0.1 * frame.index)
        assert np.abs(corners(frame.pixels) - shown).max() < 25


@pytest.mark.parametrize(
    ("aspect", "size"),
    [(Fraction(2, 1), (256, 96)), (Fraction(1, 2), (128, 192)), (Fraction(4, 3), (171, 96))],
)
def test_pixels_that_are_not_square_are_shown_as_they_are_meant(
    aspect: Fraction, size: tuple[int, int]
) -> None:
    clip = open_clip(video(aspect))
    assert (clip.width, clip.height) == size
    assert np.abs(corners(next(iter(clip)).pixels) - COLOURS).max() < 25


def test_frames_of_unlike_length_and_the_last_ones_length() -> None:
    clip = open_clip(video())
    assert clip.timings == ((0, 40), (40, 200), (240, 50), (290, 500))
    assert clip.duration_ms == END
    assert open_isolated(video()).timings == clip.timings


def test_a_file_that_breaks_off_says_so() -> None:
    whole = video()
    assert open_clip(whole).warnings == open_clip(whole + b"bytes behind it").warnings == ()
    tables_first = remuxed(whole, "mp4", movflags="empty_moov+frag_keyframe")
    for data in (tables_first, remuxed(whole, "matroska")):
        with pytest.warns(MediaWarning, match="breaks off"):
            clip = open_clip(data[: len(data) * 92 // 100])
        assert 0 < len(clip) < 4


@pytest.mark.parametrize(("height", "green"), [(718, 43), (720, 59)])
def test_colours_that_the_file_does_not_name(height: int, green: int) -> None:
    """As in Chromium 156: BT.601 below 720 rows, BT.709 from there on.

    Y, Cb, Cr = 97, 92, 209 by ITU-R BT.601 and BT.709: 1.164 * 81 - 0.392 * -36 - 0.813 * 81 and
    1.164 * 81 - 0.213 * -36 - 0.533 * 81.
    """
    frame = av.VideoFrame(64, height, "yuv420p")
    for plane, level in zip(frame.planes, (97, 92, 209), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, height, "yuv420p"
        stream.options = {"crf": "1"}
        container.mux([*stream.encode(frame), *stream.encode()])
    (shown,) = open_clip(buffer.getvalue())
    assert abs(int(shown.pixels[height // 2, 32, 1]) - green) <= 4


@pytest.mark.browser
def test_chromium_shows_the_same_turns_aspects_and_seconds() -> None:
    if (why := missing()) is not None:
        pytest.skip(why)
    files = {name: turned(video(), matrix) for name, matrix in TURNS.items()}
    files |= {str(aspect): video(aspect) for aspect in (Fraction(2, 1), Fraction(1, 2))}
    with browser_media() as reference:
        for name, data in files.items():
            clip = open_clip(data)
            pixels, seconds = reference.video(data, "video/mp4")
            assert pixels.shape[:2] == (clip.height, clip.width), name
            assert np.abs(corners(pixels) - corners(next(iter(clip)).pixels)).max() < 25, name
            assert seconds == pytest.approx(clip.duration_ms / 1000, abs=0.002), name


@pytest.mark.slow
def test_a_minute_of_720p_is_streamed() -> None:
    buffer = io.BytesIO()
    picture = np.zeros((720, 1280, 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for number in range(60 * 10):
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    clip = open_clip(buffer.getvalue())
    assert (len(clip), clip.duration_ms) == (600, 60_000)
    assert clip.frames([599])[0].pixels.shape == (720, 1280, 3)

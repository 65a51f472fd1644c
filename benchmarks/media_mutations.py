"""Small media of every kind, and ways to damage them: at the level of bytes and of their parts."""

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

from frames.isobmff import boxes
from frames.png_structure import SIGNATURE, chunks
from tests.heic_files import grid, mirror, turn, with_alpha
from tests.random_media import random_apng, random_gif
from tests.test_frames_formats import FILES, pictures

NESTED = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"iprp", b"ipco", b"dinf", b"edts")
EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)

Part = tuple[int, int]
"""[start, end) of a part of a file, its header included."""


def _moving(form: str, **options: object) -> bytes:
    images = [Image.fromarray(p).convert("RGBA") for p in pictures(3)]
    for number, image in enumerate(images):
        image.putalpha(60 + 80 * number)
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:], "duration": 50, **options}
    images[0].save(buffer, form, **more)
    return buffer.getvalue()


def _video(form: str, codec: str, pixel_format: str) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 48, 32, pixel_format
        stream.codec_context.time_base = Fraction(1, 25)
        for number, picture in enumerate(pictures(3)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def corpus() -> list[bytes]:
    """The files that are damaged: every kind, and of the richer kinds several."""
    picture = pictures(1)[0]
    ramp = np.tile(np.linspace(0, 255, picture.shape[1]).astype(np.uint8), (len(picture), 1))
    jpeg = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(jpeg, "JPEG", progressive=True, exif=exif)
    return [
        *(row[1]() for row in FILES.values()),
        *(make(seed) for make in (random_apng, random_gif) for seed in range(20)),
        _moving("AVIF"),
        _moving("WEBP", quality=50),
        _video("mp4", "libx264", "yuv420p"),
        _video("mov", "qtrle", "rgb24"),
        _video("mov", "prores", "yuv422p10le"),
        _video("webm", "libvpx", "yuv420p"),
        _video("matroska", "ffv1", "yuv420p"),
        grid(picture, 1, 2, 32, turn(1), mirror(0)),
        with_alpha(picture, ramp),
        jpeg.getvalue(),
    ]


def parts(data: bytes) -> list[Part]:
    """The chunks or boxes of a file, nested ones too; [] for formats without."""
    if data.startswith(SIGNATURE):
        return [(start - 8, min(end + 4, len(data))) for _, start, end in chunks(data)]
    if data[:4] == b"RIFF":
        found, at = [], 12
        while at + 8 <= len(data):
            (size,) = struct.unpack_from("<I", data, at + 4)
            found.append((at, min(at + 8 + size + size % 2, len(data))))
            at = found[-1][1]
        return found
    return _boxes(data, 0, len(data)) if data[4:8] in (b"ftyp", b"moov") else []


def _boxes(data: bytes, start: int, end: int) -> list[Part]:
    found = []
    for name, body, stop in boxes(data, start, end):
        found.append((body - 8, stop))
        if name in NESTED or name == b"meta":
            found += _boxes(data, body + 4 * (name == b"meta"), stop)
    return found


def _set_number(rng: np.random.Generator, made: bytearray, at: int) -> None:
    size = int(rng.choice([1, 2, 4]))
    value = int(rng.choice(EXTREMES)) & (256**size - 1)
    made[at : at + size] = value.to_bytes(size, "big" if rng.random() < 0.5 else "little")


def _damaged(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """One to six changes of bytes, wherever they fall."""
    made = bytearray(data)
    for _ in range(int(rng.integers(1, 7))):
        at, run = int(rng.integers(0, max(len(made), 1))), int(rng.integers(1, 40))
        match int(rng.integers(0, 6)):
            case 0:
                made[at : at + 1] = bytes([int(rng.integers(0, 256))])
            case 1:
                _set_number(rng, made, at)
            case 2:
                del made[at : at + run]
            case 3:
                made[at:at] = made[at : at + run]
            case 4:
                made[at : at + 40] = other[at : at + 40]
            case _:
                made = made[: max(at, 16)]
    return bytes(made)


def _restructured(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """A part's numbers changed and its checksum made right again, or a part dropped, doubled,
    moved or taken from another file."""
    known, foreign = parts(data), parts(other)
    if not known:
        return _damaged(rng, data, other)
    start, end = known[int(rng.integers(0, len(known)))]
    part = bytearray(data[start:end])
    match int(rng.integers(0, 6)):
        case 0:
            part = bytearray()
        case 1:
            part *= int(rng.choice([2, 3, 200]))
        case 2 if foreign:
            left, right = foreign[int(rng.integers(0, len(foreign)))]
            part = bytearray(other[left:right])
        case 3:
            to = known[int(rng.integers(0, len(known)))]
            return data[:start] + data[to[0] : to[1]] + data[end:]
        case _:
            for _ in range(int(rng.integers(1, 4))):
                _set_number(rng, part, int(rng.integers(8, max(len(part), 9))))
            if data.startswith(SIGNATURE) and len(part) >= 12:
                part[-4:] = struct.pack(">I", zlib.crc32(bytes(part[4:-4])))
    return data[:start] + bytes(part) + data[end:]


def _cut(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """An interrupted download, or one that another was written into."""
    at = int(rng.integers(1, len(data)))
    return data[:at] + (other[at:] if rng.random() < 0.5 else b"")


MUTATIONS: tuple[Callable[[np.random.Generator, bytes, bytes], bytes], ...] = (
    _damaged,
    _restructured,
    _restructured,
    _cut,
)
"""Each is as likely as it stands here often."""


def mutated(rng: np.random.Generator, files: list[bytes]) -> bytes:
    """One damaged file; now and then damaged twice."""
    data, other = (files[int(i)] for i in rng.integers(0, len(files), 2))
    for _ in range(1 + (rng.random() < 0.3)):
        if len(data) > 1:
            data = MUTATIONS[int(rng.integers(0, len(MUTATIONS)))](rng, data, other)
    return data

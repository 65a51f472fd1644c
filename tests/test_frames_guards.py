"""Each refusal of a damaged file by its own words: without the guard another one would come, or
none, or a long time would pass."""

import io
import struct
import zlib
from collections.abc import Callable

import av
import numpy as np
import pytest
from PIL import Image

from frames import MediaError, open_clip
from tests import heic_files as make
from tests.test_frames_formats import FILES

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def many_scans() -> bytes:
    """A JPEG behind which 1,300 more scans begin."""
    buffer = io.BytesIO()
    Image.new("L", (1000, 1000)).save(buffer, "JPEG")
    return buffer.getvalue() + b"\xff\xda" * 1_300


def sound_alone() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000)
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 1_920), np.int16), format="s16", layout="stereo"
        )
        silence.rate = 48_000
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    return buffer.getvalue()


def flat(side: int, *properties: bytes) -> make.Item:
    return make.picture(np.full((side, side, 3), 90, np.uint8), *properties)


def tiles(rows: int, columns: int) -> make.Item:
    """The description of a grid, which refers to nothing by itself."""
    body = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, 9, 9)
    return make.Item(b"grid", body, [make.extent(9, 9)])


def other_primary() -> bytes:
    data = bytearray(make.heic([tiles(1, 1)]))
    at = data.index(b"pitm") + 8
    data[at : at + 2] = b"\x03\xe7"
    return bytes(data)


def places_without_end() -> bytes:
    """A table of 600 bytes that promises 60 times 65,535 places of no length."""
    places = struct.pack(">BBH", 0, 0, 60)
    places += b"".join(struct.pack(">HHH", n, 0, 65_535) for n in range(1, 61))
    kind = make.full(b"hdlr", bytes(4), b"pict", bytes(13))
    meta = make.full(b"meta", kind, make.full(b"iloc", places))
    return make.box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic") + meta


def alpha_of_another_size() -> bytes:
    kind = make.full(b"auxC", b"urn:mpeg:hevc:2015:auxid:1\0")
    return make.heic([flat(64), flat(32, kind)], [(b"auxl", 2, [1])])


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "scans": (many_scans, "it holds 1,301 scans of 1,000,000 pixels"),
    "half a PNG header": (lambda: SIGNATURE + b"\0\0", "ends inside the PNG header"),
    "no PNG header": (lambda: SIGNATURE + chunk(b"IEND"), "does not begin with a PNG header"),
    "no PNG data": (
        lambda: SIGNATURE + chunk(b"IHDR", HEADER) + chunk(b"IEND"),
        "holds no picture data",
    ),
    "cut WebP": (lambda: FILES["webp, still"][1]()[:-20], "the WebP file breaks off"),
    "sound alone": (sound_alone, "holds no video stream"),
    "another primary": (other_primary, "holds no primary picture"),
    "places without end": (places_without_end, "a table in it has more than"),
    "short grid": (
        lambda: make.heic([make.Item(b"grid", bytes(4), [make.extent(9, 9)])]),
        "the description of its tiles breaks off",
    ),
    "grid of nothing": (lambda: make.heic([tiles(2, 2)]), "2x2 tiles names 0 pictures"),
    "grid of grids": (
        lambda: make.heic([tiles(1, 1), tiles(1, 1)], [(b"dimg", 1, [2])]),
        "is a grid itself",
    ),
    "unlike tiles": (
        lambda: make.heic([tiles(1, 2), flat(32), flat(64)], [(b"dimg", 1, [2, 3])]),
        "tiles of its grid differ in size",
    ),
    "unlike alpha": (alpha_of_another_size, "transparency has another size"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damage_is_refused_in_its_own_words(name: str) -> None:
    data, said = DAMAGED[name]
    with pytest.raises(MediaError, match=rf"^<bytes>: .*{said}"):
        list(open_clip(data()))


def test_what_is_no_file_is_not_read() -> None:
    with pytest.raises(MediaError, match=r"^/dev/null: is not a regular file$"):
        open_clip("/dev/null")

"""HEIC files made from pictures: single or in tiles, turned, mirrored, cropped, with alpha.

The tiles are encoded by libx265 (PyAV); the boxes around them are written here by
ISO/IEC 14496-12 and 23008-12, independently of the reader in ``frames``.
"""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import av
import numpy as np


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def full(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


def encoded(pixels: np.ndarray) -> tuple[bytes, bytes]:
    """(sample, hvcC) of one picture, nearly without loss and without chroma subsampling."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        options = {"x265-params": "log-level=none:keyint=1", "crf": "2", "preset": "ultrafast"}
        stream = container.add_stream("libx265", rate=1, options=options)
        stream.width, stream.height, stream.pix_fmt = pixels.shape[1], pixels.shape[0], "yuv444p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    data = buffer.getvalue()
    at = data.index(b"hvcC")
    (size,) = struct.unpack_from(">I", data, at - 4)
    setup = data[at + 4 : at - 4 + size]
    at = data.index(b"mdat")
    (size,) = struct.unpack_from(">I", data, at - 4)
    return data[at + 4 : at - 4 + size], setup


@dataclass
class Item:
    kind: bytes
    body: bytes
    properties: list[bytes] = field(default_factory=list)


def extent(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


def picture(pixels: np.ndarray, *properties: bytes) -> Item:
    body, setup = encoded(pixels)
    height, width = pixels.shape[:2]
    return Item(b"hvc1", body, [box(b"hvcC", setup), extent(width, height), *properties])


def heic(
    items: list[Item],
    references: Sequence[tuple[bytes, int, list[int]]] = (),
    brand: bytes = b"heic",
) -> bytes:
    """A file whose primary item is the first; ids count from 1, as in ``references``."""
    listed = [p for item in items for p in item.properties]
    links = struct.pack(">I", len(items))
    places = struct.pack(">BBH", 0x44, 0x00, len(items))
    at = 1
    for number, item in enumerate(items, 1):
        places += struct.pack(">HHHII", number, 0, 1, 0xDEAD0000 + number, len(item.body))
        links += struct.pack(">HB", number, len(item.properties))
        links += bytes(range(at, at + len(item.properties)))
        at += len(item.properties)
    kinds = [
        full(b"infe", struct.pack(">HH4sB", n, 0, item.kind, 0), version=2)
        for n, item in enumerate(items, 1)
    ]
    refers = [
        box(kind, struct.pack(f">HH{len(to)}H", source, len(to), *to))
        for kind, source, to in references
    ]
    meta = full(
        b"meta",
        full(b"hdlr", bytes(4), b"pict", bytes(13)),
        full(b"pitm", struct.pack(">H", 1)),
        full(b"iloc", places),
        full(b"iinf", struct.pack(">H", len(items)), *kinds),
        full(b"iref", *refers) if refers else b"",
        box(b"iprp", box(b"ipco", *listed), full(b"ipma", links)),
    )
    start = box(b"ftyp", brand, bytes(4), b"mif1", b"heic") + meta
    offset = len(start) + 8
    for number, item in enumerate(items, 1):
        start = start.replace(struct.pack(">I", 0xDEAD0000 + number), struct.pack(">I", offset))
        offset += len(item.body)
    return start + box(b"mdat", *(item.body for item in items))


def grid(pixels: np.ndarray, rows: int, columns: int, tile: int, *properties: bytes) -> bytes:
    """A picture cut into square tiles; what they hold beyond it is black."""
    height, width = pixels.shape[:2]
    padded = np.zeros((rows * tile, columns * tile, 3), np.uint8)
    padded[:height, :width] = pixels
    whole = Item(
        b"grid",
        struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height),
        [extent(width, height), *properties],
    )
    tiles = [
        picture(np.ascontiguousarray(padded[y : y + tile, x : x + tile]))
        for y in range(0, rows * tile, tile)
        for x in range(0, columns * tile, tile)
    ]
    return heic([whole, *tiles], [(b"dimg", 1, [*range(2, 2 + len(tiles))])])


def turn(quarters: int) -> bytes:
    """Turned against the clock by quarters."""
    return box(b"irot", bytes([quarters]))


def mirror(axis: int) -> bytes:
    """0: top and bottom change places; 1: left and right do."""
    return box(b"imir", bytes([axis]))


def with_alpha(pixels: np.ndarray, alpha: np.ndarray) -> bytes:
    """A picture with a second one that holds its transparency."""
    kind = full(b"auxC", b"urn:mpeg:hevc:2015:auxid:1\0")
    grey = np.repeat(alpha[..., None], 3, axis=2)
    return heic([picture(pixels), picture(grey, kind)], [(b"auxl", 2, [1])])

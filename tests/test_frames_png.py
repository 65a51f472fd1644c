"""PNGs: the transparent colour, compared in all its bits, and the chunk that turns the picture."""

import struct
import zlib

import numpy as np
import pytest

from frames import open_clip
from frames.png_structure import SIGNATURE, chunk

CHANNELS = {0: 1, 2: 3}


def with_key(colour: int, depth: int, seed: int) -> tuple[bytes, np.ndarray]:
    """A PNG of random pixels, about a third of them transparent by tRNS, and what it shows."""
    rng = np.random.default_rng(seed)
    high, channels = (1 << depth) - 1, CHANNELS[colour]
    key = rng.integers(0, high + 1, channels)
    samples = rng.integers(0, high + 1, (7, 16, channels))
    samples[rng.random((7, 16)) < 0.3] = key
    near = key.copy()
    near[-1] ^= 1  # differs from the transparent colour in its last bit only
    samples[0, 0], samples[0, 1] = near, key
    bits = (samples.reshape(7, -1)[..., None] >> np.arange(depth - 1, -1, -1)) & 1
    rows = np.packbits(bits.reshape(7, -1).astype(np.uint8), axis=1)
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    header = struct.pack(">IIBBBBB", 16, 7, depth, colour, 0, 0, 0)
    parts = [
        SIGNATURE,
        chunk(b"IHDR", header),
        chunk(b"tRNS", struct.pack(f">{channels}H", *key)),
        chunk(b"IDAT", body),
        chunk(b"IEND", b""),
    ]
    shown = samples >> 8 if depth == 16 else samples * 255 // high
    shown = np.where((samples == key).all(axis=2, keepdims=True), 255, shown)
    return b"".join(parts), np.broadcast_to(shown, (7, 16, 3))


@pytest.mark.parametrize(
    ("colour", "depth"), [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16)]
)
def test_one_transparent_colour_shows_the_page_and_no_other_does(colour: int, depth: int) -> None:
    for seed in range(8):
        data, expected = with_key(colour, depth, seed)
        (frame,) = open_clip(data)
        assert frame.pixels.tolist() == expected.tolist(), seed


@pytest.mark.parametrize(
    ("place", "sound", "size"),
    [(1, True, (7, 16)), (1, False, (16, 7)), (3, True, (16, 7))],
    ids=["before the data", "damaged", "behind the data"],
)
def test_exif_turns_where_it_turns_in_chromium(
    place: int, sound: bool, size: tuple[int, int]
) -> None:
    """Chromium 156: an eXIf chunk counts before the picture's data and with a right checksum."""
    data, _ = with_key(0, 8, 0)
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
    turn = chunk(b"eXIf", tiff)
    if not sound:
        turn = turn[:-1] + bytes([turn[-1] ^ 1])
    at = {1: 8 + 25, 3: len(data) - 12}[place]
    clip = open_clip(data[:at] + turn + data[at:])
    assert (clip.width, clip.height) == size

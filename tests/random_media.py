"""Random valid GIF and APNG files, written byte by byte: what decoders of animations differ on.

A seed gives the same file everywhere. The pictures inside are noise and flat patches; the canvas,
regions, disposal, blending, transparency, palettes, bit depths and hidden pictures are drawn.
"""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _region(rng: np.random.Generator, width: int, height: int, whole: bool) -> tuple[int, ...]:
    """left, top, width, height inside a canvas."""
    if whole or rng.random() < 0.25:
        return 0, 0, width, height
    wide, tall = int(rng.integers(1, width + 1)), int(rng.integers(1, height + 1))
    return (
        int(rng.integers(0, width - wide + 1)),
        int(rng.integers(0, height - tall + 1)),
        wide,
        tall,
    )


def _samples(rng: np.random.Generator, shape: tuple[int, ...], high: int) -> np.ndarray:
    """Noise with flat patches and many extremes, so that alpha is often 0, half or full."""
    values = rng.integers(0, high + 1, shape)
    extremes = rng.choice([0, high // 2, high], shape)
    return np.where(rng.random(shape) < 0.6, extremes, values).astype(np.uint16)


def _packed(values: np.ndarray, depth: int) -> bytes:
    """Rows of samples (h, samples) with a filter byte each, compressed."""
    rows = []
    for row in values:
        if depth == 16:
            body = row.astype(">u2").tobytes()
        elif depth == 8:
            body = row.astype(np.uint8).tobytes()
        else:
            bits = (row[:, None] >> np.arange(depth - 1, -1, -1)) & 1
            body = np.packbits(bits.astype(np.uint8).ravel()).tobytes()
        rows.append(b"\0" + body)
    return zlib.compress(b"".join(rows))


def _colours(rng: np.random.Generator, colour: int, depth: int) -> tuple[list[bytes], int]:
    """The chunks PLTE and tRNS, and the highest sample."""
    high = (1 << depth) - 1
    if colour == 3:
        count = int(rng.integers(1, high + 2))
        palette = _chunk(b"PLTE", rng.integers(0, 256, 3 * count, np.uint8).tobytes())
        alpha = rng.choice([0, 60, 128, 255], int(rng.integers(1, count + 1))).astype(np.uint8)
        return [
            palette,
            *([_chunk(b"tRNS", alpha.tobytes())] if rng.random() < 0.7 else []),
        ], count - 1
    if colour in (0, 2) and rng.random() < 0.5:
        key = rng.choice([0, high // 2, high], CHANNELS[colour])
        return [_chunk(b"tRNS", key.astype(">u2").tobytes())], high
    return [], high


def random_apng(seed: int) -> bytes:
    """A valid APNG of 2 to 6 frames."""
    rng = np.random.default_rng(seed)
    width, height = (int(n) for n in rng.integers(1, 40, 2))
    colour = int(rng.choice([0, 2, 3, 4, 6, 6, 6]))
    depth = int(rng.choice(DEPTHS[colour]))
    frames, hidden = int(rng.integers(2, 7)), bool(rng.random() < 0.3)
    colours, high = _colours(rng, colour, depth)
    control = _chunk(b"acTL", struct.pack(">II", frames, int(rng.integers(0, 3))))
    early = [control, *colours] if rng.random() < 0.5 else [*colours, control]
    if rng.random() < 0.2:  # comments may push the control chunk far back
        early.insert(0, _chunk(b"tEXt", b"Comment\0" + b"x" * 6000))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [SIGNATURE, _chunk(b"IHDR", header), *early]

    def body(wide: int, tall: int) -> bytes:
        return _packed(_samples(rng, (tall, wide * CHANNELS[colour]), high), depth)

    if hidden:
        parts.append(_chunk(b"IDAT", body(width, height)))
    sequence = 0
    for number in range(frames):
        left, top, wide, tall = _region(rng, width, height, whole=not number and not hidden)
        times = struct.pack(">HH", int(rng.integers(2, 99)), int(rng.choice([0, 100, 60, 30])))
        how = struct.pack(">BB", int(rng.integers(0, 3)), int(rng.integers(0, 2)))
        place = struct.pack(">IIIII", sequence, wide, tall, left, top)
        parts.append(_chunk(b"fcTL", place + times + how))
        sequence += 1
        data = body(wide, tall)
        cut = int(rng.integers(0, len(data)))
        for piece in (data[:cut], data[cut:]):
            if not number and not hidden:
                parts.append(_chunk(b"IDAT", piece))
            else:
                parts.append(_chunk(b"fdAT", struct.pack(">I", sequence) + piece))
                sequence += 1
    return b"".join([*parts, _chunk(b"IEND", b"")])


def _lzw(indices: np.ndarray, size: int) -> bytes:
    """Sub-blocks of LZW data without compression: a clear code before the code width grows."""
    clear, codes, run = 1 << size, [], (1 << size) - 2
    for place, index in enumerate(indices.ravel().tolist()):
        if place % run == 0:
            codes.append(clear)
        codes.append(index)
    codes.append(clear + 1)
    total = sum(code << (size + 1) * place for place, code in enumerate(codes))
    data = total.to_bytes((len(codes) * (size + 1) + 7) // 8, "little")
    blocks = [data[at : at + 255] for at in range(0, len(data), 255)]
    return bytes([size]) + b"".join(bytes([len(b)]) + b for b in blocks) + b"\0"


def _interlaced(indices: np.ndarray) -> np.ndarray:
    return np.concatenate([indices[0::8], indices[4::8], indices[2::4], indices[1::2]])


def random_gif(seed: int) -> bytes:
    """A valid GIF of 1 to 6 images; its canvas may be too small for the first one."""
    rng = np.random.default_rng(seed)
    width, height = (int(n) for n in rng.integers(1, 40, 2))
    bits = int(rng.integers(1, 6))
    screen = [(width, height), (0, 0), (1, 1), (max(width // 2, 1), height)]
    shown = screen[int(rng.choice(4, p=[0.7, 0.1, 0.1, 0.1]))]
    table = rng.integers(0, 256, 3 << bits, np.uint8).tobytes()
    has_global = rng.random() < 0.8
    flags = 0x80 | bits - 1 if has_global else 0
    parts = [b"GIF89a", struct.pack("<HHBBB", *shown, flags, int(rng.integers(0, 2)), 0)]
    parts.append(table if has_global else b"")
    for number in range(int(rng.integers(1, 7))):
        left, top, wide, tall = _region(rng, width, height, whole=not number and shown != screen[0])
        transparent = rng.random() < 0.6
        control = int(rng.integers(0, 4)) << 2 | transparent
        index = int(rng.integers(0, 1 << bits))
        delay = int(rng.integers(0, 60))
        parts.append(b"!\xf9\x04" + struct.pack("<BHB", control, delay, index) + b"\0")
        local = not has_global or rng.random() < 0.3
        interlace = rng.random() < 0.4
        marks = (0x80 | bits - 1 if local else 0) | (0x40 if interlace else 0)
        parts.append(b"," + struct.pack("<HHHHB", left, top, wide, tall, marks))
        if local:
            parts.append(rng.integers(0, 256, 3 << bits, np.uint8).tobytes())
        indices = rng.integers(0, 1 << bits, (tall, wide))
        indices[rng.random((tall, wide)) < 0.3] = index
        parts.append(_lzw(_interlaced(indices) if interlace else indices, max(bits, 2)))
    return b"".join([*parts, b";"])

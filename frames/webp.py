"""WebP, still and animated: the container read here, the pictures decoded by libwebp (Pillow)."""

from collections.abc import Iterator
from io import BytesIO
from struct import pack, unpack_from

import numpy as np
from PIL.WebPImagePlugin import WebPImageFile

from frames.errors import Limits
from frames.raster import on_white, white_on_white
from frames.source import FrameSource, browser_delay, check_inflation, check_size

PICTURE_CHUNKS = (b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ALPH", b"ANIM", b"ANMF")
"""What is shown depends on these; EXIF and XMP are left out."""


def open_webp(data: bytes, limits: Limits) -> FrameSource:
    """Open a WebP, still or animated. Bytes behind its end do no harm; of an animation that
    breaks off the whole frames are kept, with a warning. Raises ValueError for a still that does.
    """
    parts, delays, torn = _parts(data, limits)
    file = b"".join([b"RIFF", pack("<I", 4 + sum(map(len, parts))), b"WEBP", *parts])
    if torn and not delays:
        raise ValueError("the WebP file breaks off")
    with WebPImageFile(BytesIO(file)) as picture:
        width, height = picture.size
        check_size(limits, width, height, max(len(delays), 1))
        frames = int(getattr(picture, "n_frames", 1))
        unseen = white_on_white(picture) if frames == 1 else []
    check_inflation(limits, width * height * frames, len(data))
    if delays and frames != len(delays):
        raise ValueError(f"it holds {len(delays)} frames, of which libwebp reads {frames}")

    def stream() -> Iterator[np.ndarray]:
        with WebPImageFile(BytesIO(file)) as picture:
            for index in range(frames):
                picture.seek(index)
                yield on_white(picture)

    if frames == 1:
        next(stream())  # a still that is broken should fail when it is opened
    warnings = (f"the file breaks off: {frames} whole frames are kept",) if torn else (*unseen,)
    moving = tuple(map(browser_delay, delays)) if frames > 1 else (0,)
    return FrameSource(width, height, moving, stream, warnings)


def _parts(data: bytes, limits: Limits) -> tuple[list[bytes], list[int], bool]:
    """The whole chunks that matter, the delays of the frames, and whether one is cut off."""
    parts: list[bytes] = []
    delays: list[int] = []
    end = min(len(data), 8 + unpack_from("<I", data, 4)[0])
    at = 12
    while at + 8 <= end:
        name, size = unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            return parts, delays, name in PICTURE_CHUNKS
        if name in PICTURE_CHUNKS:
            if name == b"ANMF":
                # Frame header: x, y, width, height, duration, 24 bits each.
                delays.append(int.from_bytes(data[at + 20 : at + 23], "little"))
                limits.check("frames", len(delays), f"there are {len(delays):,} frames or more")
            body = data[at + 8 : at + 8 + size]
            if name == b"VP8X" and size:
                body = bytes([body[0] & 0b00110010]) + body[1:]  # profile, alpha, animation stay
            parts.append(data[at : at + 8] + body + bytes(size % 2))
        at += 8 + size + size % 2
    announced = 8 + unpack_from("<I", data, 4)[0]
    return parts, delays, announced > len(data) + 1 and bool(delays)

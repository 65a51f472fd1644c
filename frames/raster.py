"""Stills, animated WebP and APNG, decoded by Pillow and laid on white."""

import io
from collections.abc import Iterator
from struct import unpack_from

import numpy as np
from PIL import Image, ImageOps

from frames.errors import Limits
from frames.source import FrameSource, browser_delay, check_size


def _open(data: bytes) -> Image.Image:
    """Read a picture's header without Pillow's bound on its size.

    Our own limits are checked before pixels are allocated; Pillow's would only warn, twice as
    late. Put back at once: others in this process may count on it.
    """
    bound, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        return Image.open(io.BytesIO(data))
    finally:
        Image.MAX_IMAGE_PIXELS = bound


def open_still(data: bytes, limits: Limits) -> FrameSource:
    """Open a picture that does not move, turned as its EXIF orientation says."""
    with _open(data) as picture:
        check_size(limits, *picture.size, 1)
        sideways = picture.getexif().get(0x0112, 1) >= 5
        width, height = picture.size[::-1] if sideways else picture.size

    def stream() -> Iterator[np.ndarray]:
        with _open(data) as picture:
            yield on_white(ImageOps.exif_transpose(picture))

    # Decode once now: a still that is broken should fail when it is opened.
    next(stream())
    return FrameSource(width, height, (0,), stream)


def open_webp(data: bytes, limits: Limits) -> FrameSource:
    """Open a WebP, still or animated. Raises ValueError if the file breaks off."""
    delays: list[int] = []
    for name, start, end in _riff_chunks(data):
        if name == b"ANMF":
            # Frame header: x, y, width, height, duration, 24 bits each (WebP container format).
            delays.append(int.from_bytes(data[start + 12 : start + 15], "little"))
            limits.check("frames", len(delays), f"there are {len(delays):,} frames or more")
        if end > len(data):
            raise ValueError("the WebP file breaks off")
    return _animation(data, limits, delays, 0) if delays else open_still(data, limits)


def open_apng(data: bytes, limits: Limits) -> FrameSource:
    """Open an animated PNG; a default picture outside the animation is left out, as in browsers."""
    delays: list[int] = []
    first_is_hidden = False
    for name, start, end in _png_chunks(data):
        if name == b"fcTL":
            numerator, denominator = unpack_from(">HH", data, start + 20)
            delays.append(round(1000 * numerator / (denominator or 100)))
            limits.check("frames", len(delays), f"there are {len(delays):,} frames or more")
        elif name == b"IDAT" and not delays:
            first_is_hidden = True
        if end > len(data):
            raise ValueError("the PNG file breaks off")
    if not delays:
        return open_still(data, limits)
    return _animation(data, limits, delays, int(first_is_hidden))


def _animation(data: bytes, limits: Limits, delays: list[int], hidden: int) -> FrameSource:
    with _open(data) as picture:
        width, height = picture.size
        check_size(limits, width, height, len(delays))
        found = getattr(picture, "n_frames", 1) - hidden
        if found != len(delays):
            raise ValueError(f"the header promises {found} frames, the file holds {len(delays)}")

    def stream() -> Iterator[np.ndarray]:
        with _open(data) as picture:
            for index in range(len(delays)):
                picture.seek(index + hidden)
                yield on_white(picture)

    return FrameSource(width, height, tuple(map(browser_delay, delays)), stream)


def on_white(picture: Image.Image) -> np.ndarray:
    """RGB pixels, uint8 (H, W, 3), with whatever is transparent laid on a white page."""
    if picture.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion would clip, not scale
        grey = (np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if not picture.has_transparency_data:
        return np.array(picture.convert("RGB"))
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture.convert("RGBA"))
    return np.array(page.convert("RGB"))


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(data):
        name, size = unpack_from("<4sI", data, at)
        yield name, at + 8, at + 8 + size
        at += 8 + size + size % 2


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 8
    while at + 8 <= len(data):
        size, name = unpack_from(">I4s", data, at)
        yield name, at + 8, at + 12 + size
        at += 12 + size

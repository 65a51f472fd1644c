"""Pictures decoded by Pillow, laid on white: JPEG, BMP and what the other openers share."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile

from frames.colour import in_srgb
from frames.errors import Limits
from frames.orientation import jpeg_orientation, turned, turned_size
from frames.source import FrameSource, check_size

WHITE = 245
"""Levels from which a drawing is not seen on white."""
STRIP_PIXELS = 2**20
"""Pixels that are converted at once: conversions need several copies of what they work on."""
MAX_SCANNED = 1_200_000_000
"""Pixels of a JPEG times its scans. A real one has about 10 scans; each walks the whole picture."""


def open_bmp(data: bytes, limits: Limits) -> FrameSource:
    """Open a Windows bitmap."""

    def decoded() -> np.ndarray:
        with BmpImageFile(BytesIO(data)) as picture:
            check_size(limits, *picture.size, 1)
            return on_white(picture)

    height, width = decoded().shape[:2]
    return FrameSource(width, height, (0,), lambda: iter([decoded()]))


def open_jpeg(data: bytes, limits: Limits) -> FrameSource:
    """Open a JPEG, turned as its EXIF says. One that breaks off is kept, with a warning."""
    orientation = jpeg_orientation(data)
    _check_scans(data, limits)
    whole = data.rstrip(b"\0")[-2:] == b"\xff\xd9" or _decodes(data, limits)
    # The end mark makes the decoder give what it has, with what is missing in mid grey.
    complete = data if whole else data + b"\xff\xd9"

    def decoded() -> np.ndarray:
        with JpegImageFile(BytesIO(complete)) as picture:
            check_size(limits, *picture.size, 1)
            return turned(on_white(picture), orientation)

    pixels = decoded()
    height, width = pixels.shape[:2]
    if whole:
        return FrameSource(width, height, (0,), lambda: iter([decoded()]))
    kept = _rows_kept(turned(pixels, _back(orientation)))
    if not kept:
        raise ValueError("it breaks off before its first row of pixels")
    upright = turned_size(width, height, _back(orientation))

    def stream() -> Iterator[np.ndarray]:
        pixels = turned(decoded(), _back(orientation))
        pixels[kept:] = 255
        yield turned(pixels, orientation)

    warning = f"the picture breaks off: {kept} of {upright[1]} rows are kept"
    return FrameSource(width, height, (0,), stream, (warning,))


def _check_scans(data: bytes, limits: Limits) -> None:
    with JpegImageFile(BytesIO(data)) as picture:
        check_size(limits, *picture.size, 1)
        pixels = picture.width * picture.height
    scans = data.count(b"\xff\xda")
    if scans * pixels > MAX_SCANNED:
        raise ValueError(
            f"it holds {scans:,} scans of {pixels:,} pixels, {scans * pixels:,} together, over "
            f"{MAX_SCANNED:,}: it would take minutes and no camera writes that"
        )


def _back(orientation: int) -> int:
    """The orientation that undoes another; only the two quarter turns are not their own."""
    return {6: 8, 8: 6}.get(orientation, orientation)


def _decodes(data: bytes, limits: Limits) -> bool:
    try:
        with JpegImageFile(BytesIO(data)) as picture:
            check_size(limits, *picture.size, 1)
            picture.load()
    except OSError as failure:
        if "truncated" not in str(failure):
            raise
        return False
    return True


def _rows_kept(pixels: np.ndarray) -> int:
    """Rows before the flat mid grey that stands for missing data."""
    missing = (np.abs(pixels.astype(np.int16) - 128) <= 1).all(axis=(1, 2))
    present = np.flatnonzero(~missing)
    return int(present[-1]) + 1 if present.size else 0


def strips(height: int, width: int) -> Iterator[slice]:
    """Slices of rows, about STRIP_PIXELS each."""
    step = max(STRIP_PIXELS // max(width, 1), 1)
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


def on_white(picture: Image.Image) -> np.ndarray:
    """RGB pixels in sRGB, uint8 (H, W, 3), with whatever is transparent laid on a white page."""
    picture.load()
    width, height = picture.size
    page = np.empty((height, width, 3), np.uint8)
    for rows in strips(height, width):
        page[rows] = _part_on_white(picture.crop((0, rows.start, width, rows.stop)))
    return page


def white_on_white(picture: Image.Image) -> list[str]:
    """A warning for a picture with transparent parts whose drawing is as white as the page."""
    if not picture.has_transparency_data or picture.mode.startswith("I"):
        return []
    drawn = False
    for rows in strips(picture.height, picture.width):
        part = picture.crop((0, rows.start, picture.width, rows.stop)).convert("RGBA")
        pixels = np.asarray(part)
        opaque = pixels[..., 3] >= 128
        if (pixels[opaque][:, :3] < WHITE).any():
            return []
        drawn = drawn or bool(opaque.any() and not opaque.all())
    return ["what it shows is white on transparent: nothing is seen on a white page"] * drawn


def _part_on_white(part: Image.Image) -> np.ndarray:
    if part.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion would clip, not scale
        deep = np.asarray(part)
        grey = (deep >> 8).clip(0, 255).astype(np.uint8)
        key = part.info.get("transparency")
        if isinstance(key, int):
            grey = np.where(deep == key, np.uint8(255), grey)
        return np.repeat(grey[..., None], 3, axis=2)
    if not part.has_transparency_data:
        return np.asarray(in_srgb(part))
    page = Image.new("RGBA", part.size, "white")
    page.alpha_composite(in_srgb(part.convert("RGBA")))
    return np.asarray(page.convert("RGB"))


def rgba_on_white(pixels: np.ndarray, page: np.ndarray) -> None:
    """Write RGBA pixels, uint8 (h, w, 4), laid on white, into ``page``, uint8 (h, w, 3)."""
    for rows in strips(*pixels.shape[:2]):
        colour, alpha = pixels[rows][..., :3], pixels[rows][..., 3:]
        if alpha.min() == 255:
            page[rows] = colour
        else:
            weight = alpha.astype(np.uint16)
            # (x + 127) // 255 rounds to the nearest level.
            mixed = colour * weight + (255 - weight) * np.uint16(255) + np.uint16(127)
            page[rows] = mixed // 255

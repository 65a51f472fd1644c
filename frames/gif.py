"""GIF frames as a browser shows them: our compositing on Pillow's LZW decoder.

Pillow's own GIF compositing fills disposed areas with the background colour, enlarges the
canvas and opens broken files without a word (benchmarks/decoders.py has the table); browsers
clear to transparent, clip to the canvas and read every image as one frame.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from PIL import Image as PillowImage

from frames.boundary import Budget
from frames.errors import Limits
from frames.gif_structure import TO_BACKGROUND, TO_PREVIOUS, Image, Structure, walk
from frames.source import FrameSource, browser_delay, check_inflation, check_size

# One pixel is one little-endian uint32, 0xAABBGGRR. Alpha is 0 or 255 in a GIF, so a cleared
# pixel can carry the page's white already and compositing on white costs nothing.
CLEAR = np.uint32(0x00FFFFFF)
_OPAQUE = np.uint32(0xFF000000)


KEPT_BYTES = 24 * 2**20
"""Decompressed images of one file that stay in memory, one byte a pixel: a later pass over the
clip composites them again and decompresses only what is beyond."""

Indices = tuple[np.ndarray, np.ndarray | None, str | None]
"""Colour indices, uint8 (h, w); which of them were really decoded (None = all); what is wrong."""


def rgba_frames(
    data: bytes, structure: Structure, kept: Sequence[Indices] = ()
) -> Iterator[np.ndarray]:
    """The composited frames, each uint8 (H, W, 4), one after the other.

    The array is the working canvas: copy what you keep. Cleared pixels are white, alpha 0.
    ``kept``: the first images, as ``_decompress`` gave them.
    """
    canvas = np.full((structure.height, structure.width), CLEAR, dtype="<u4")
    for number, image in enumerate(structure.images):
        region = canvas[_clip(image)]
        before = region.copy() if image.disposal == TO_PREVIOUS else None
        if region.size:
            _draw(region, image, kept[number] if number < len(kept) else _decompress(image, data))
        yield canvas.view(np.uint8).reshape(structure.height, structure.width, 4)
        if image.disposal == TO_BACKGROUND:
            region[...] = CLEAR
        elif before is not None:
            region[...] = before


def _clip(image: Image) -> tuple[slice, slice]:
    return (
        slice(image.top, image.top + image.height),
        slice(image.left, image.left + image.width),
    )


def _draw(region: np.ndarray, image: Image, decompressed: Indices) -> None:
    height, width = region.shape
    indices, drawn, _ = decompressed
    indices = indices[:height, :width]
    if image.transparent is not None:
        opaque = indices != image.transparent
        drawn = opaque if drawn is None else drawn[:height, :width] & opaque
    elif drawn is not None:
        drawn = drawn[:height, :width]
    pixels = _colours(image.palette).take(indices)
    np.copyto(region, pixels, where=True if drawn is None else drawn)


# The specification leaves a missing colour table to the reader; browsers draw all black.
_NO_PALETTE = bytes(3)


@lru_cache(maxsize=16)
def _colours(palette: bytes | None) -> np.ndarray:
    """All 256 colours as canvas pixels; those that the file does not give are black."""
    table = np.zeros((256, 4), np.uint8)
    given = np.frombuffer(palette or _NO_PALETTE, np.uint8).reshape(-1, 3)
    table[: len(given), :3] = given
    return table.view("<u4")[:, 0] | _OPAQUE


def _decompress(image: Image, data: bytes) -> Indices:
    blocks = data[slice(*image.data)]
    low, error = _lzw(image, blocks, 0)
    if error is None:
        return low, None, None
    # Pixels that keep two different fillings were never written.
    return low, low == _lzw(image, blocks, 255)[0], error


def _lzw(image: Image, blocks: bytes, filling: int) -> tuple[np.ndarray, str | None]:
    found = np.full((image.height, image.width), filling, np.uint8)
    if not found.size:
        return found, None
    # Pillow's picture lies in the array's memory: it decodes into the array itself.
    canvas = PillowImage.frombuffer("L", (image.width, image.height), found, "raw", "L", 0, 1)
    try:
        canvas.frombytes(blocks, "gif", image.code_size, int(image.interlaced))
    except (ValueError, OSError) as failure:  # the rows before the damage stay in the array
        return found, str(failure) or "the compressed data are broken"
    return found, None


def open_gif(data: bytes, limits: Limits) -> FrameSource:
    """Open a GIF. Damage becomes warnings as long as one image has pixels.

    Raises ValueError if there is nothing to show.
    """
    structure = walk(data, limits.frames)
    _check(structure, data, limits)
    warnings = list(structure.warnings)
    kept: list[Indices] = []
    usable = [*Budget(limits).watch(_tried(structure, data, warnings, kept))]
    if not any(usable):
        raise ValueError("; ".join(["no image in it can be decoded", *warnings]))
    delays = [image.delay_ms for image in structure.images]
    still = len(delays) == 1

    def stream() -> Iterator[np.ndarray]:
        import cv2  # only where something is decoded: it takes long to load

        for frame in rgba_frames(data, structure, kept):
            yield cv2.cvtColor(
                frame, cv2.COLOR_RGBA2RGB
            )  # numpy's own copy takes ten times as long

    return FrameSource(
        structure.width,
        structure.height,
        tuple(delays if still else map(browser_delay, delays)),
        stream,
        tuple(warnings),
    )


def _check(structure: Structure, data: bytes, limits: Limits) -> None:
    """Refuse what the headers promise; an image may be larger than the canvas it is clipped to."""
    images = structure.images
    check_size(limits, structure.width, structure.height, len(images))
    for image in images:
        check_size(limits, max(image.width, 1), max(image.height, 1), min(len(images), 2))
    canvas = structure.width * structure.height
    pixels = sum(max(canvas, image.width * image.height) for image in images)
    check_inflation(limits, pixels, len(data))


def _tried(
    structure: Structure, data: bytes, warnings: list[str], kept: list[Indices]
) -> Iterator[bool]:
    """Decode each image on trial, so that damage is known when the file is opened; whether it has
    pixels. What fits into KEPT_BYTES is kept."""
    room = KEPT_BYTES
    for number, image in enumerate(structure.images):
        found = _decompress(image, data)
        room -= sum(part.nbytes for part in found[:2] if part is not None)
        if room >= 0:
            kept.append(found)
        yield _has_pixels(number, image, found, warnings)


def _has_pixels(number: int, image: Image, found: Indices, warnings: list[str]) -> bool:
    if not image.width or not image.height:
        warnings.append(f"image {number} is {image.width}x{image.height} pixels and shows nothing")
        return False
    indices, decoded, error = found
    whole = indices.size if decoded is None else int(decoded.sum())
    if error:
        warnings.append(f"image {number}: {error}; {whole} of {indices.size} pixels are kept")
    if whole:
        highest = int(indices.max() if decoded is None else indices.max(where=decoded, initial=0))
        known = len(image.palette or _NO_PALETTE) // 3
        if image.palette is None:
            warnings.append(f"image {number} has no colour table; it is drawn black")
        elif highest >= known and highest != image.transparent:
            warnings.append(
                f"image {number}: a pixel has colour {highest}, but the colour table only "
                f"{known}; it is drawn black"
            )
    return whole > 0

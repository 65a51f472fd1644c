"""HEIC stills: the container read here, tiles decoded by FFmpeg's HEVC decoder and assembled.

FFmpeg's own reader gives the tiles of a photo one by one; a phone's photo has dozens.
"""

from dataclasses import dataclass
from struct import unpack_from
from typing import Any

import av
import numpy as np

from frames.errors import Limits
from frames.isobmff import Item, Items, orientations, read_items
from frames.orientation import turned
from frames.raster import rgba_on_white
from frames.source import FrameSource, check_size

CODECS = {"hvc1": ("hevc", "hvcC"), "hev1": ("hevc", "hvcC"), "avc1": ("h264", "avcC")}
"""Kind of a coded item -> (decoder, the property with its set-up)."""
ALPHA = (b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
MAX_TILES = 1_000


@dataclass(frozen=True)
class _File:
    """What decoding an item needs."""

    data: bytes
    items: Items
    limits: Limits


def open_heif(data: bytes, limits: Limits) -> FrameSource:
    """Open the primary picture of a HEIC file: tiles assembled, cropped, turned, on white.

    Raises ValueError for pictures made in other ways (overlays, other codecs).
    """
    items = read_items(data)
    if items is None or items.primary not in items.by_id:
        raise ValueError("it holds no primary picture")
    file = _File(data, items, limits)
    item = items.by_id[items.primary]
    check_size(limits, *_size(item), 1)

    def decoded() -> np.ndarray:
        return _finished(file, item)

    height, width = decoded().shape[:2]
    return FrameSource(width, height, (0,), lambda: iter([decoded()]))


def _finished(file: _File, item: Item) -> np.ndarray:
    """The picture as it is meant to be seen: alpha, then cropped, turned and mirrored."""
    pixels = _decoded(file, item, "rgb24")
    alpha = _alpha(file)
    if alpha is not None:
        premultiplied = bool(item.refers("prem"))
        pixels = _on_white(file, pixels, alpha, premultiplied)
    aperture = item.get("clap")  # comes before turns and mirrorings, so ISO/IEC 23000-22
    if aperture is not None:
        pixels = _cropped(pixels, aperture)
    for orientation in orientations(item):
        pixels = turned(pixels, orientation)
    return pixels


def _size(item: Item) -> tuple[int, int]:
    extent = item.get("ispe")
    if extent is None or len(extent) < 12:
        raise ValueError("a picture in it does not say its size")
    width, height = unpack_from(">II", extent, 4)
    return int(width), int(height)


def _decoded(file: _File, item: Item, form: str) -> np.ndarray:
    """The pixels of an item before its transformations, as ``form`` ('rgb24' or 'gray')."""
    check_size(file.limits, *_size(item), 1)
    if item.kind == "grid":
        return _assembled(file, item, form)
    if item.kind not in CODECS:
        raise ValueError(
            f"its picture is of the kind {item.kind!r}, which cannot be read "
            f"(known: {', '.join(CODECS)}, grid); convert it to JPEG or PNG"
        )
    codec, setup = CODECS[item.kind]
    context: Any = av.VideoCodecContext.create(codec, "r")
    context.extradata = item.get(setup)
    context.thread_count = 1
    context.options = {"max_pixels": str(file.limits.frame_pixels)}
    found = [*context.decode(av.Packet(_bytes(file, item))), *context.decode(None)]
    if not found:
        raise ValueError("a picture in it cannot be decoded")
    return _converted(found[0], item, form)


def _converted(frame: av.VideoFrame, item: Item, form: str) -> np.ndarray:
    """A decoded frame as pixels, with the colour matrix that the file gives for it."""
    colour = item.get("colr")
    options: dict[str, Any] = {}
    if colour is not None and colour[:4] == b"nclx" and len(colour) >= 11:
        matrix = int.from_bytes(colour[8:10], "big")
        if matrix in (1, 4, 5, 6, 7, 9):
            options["src_colorspace"] = {6: 5}.get(matrix, matrix)
        options["src_color_range"] = 2 if colour[10] & 0x80 else 1
    return np.ascontiguousarray(frame.to_ndarray(format=form, **options))


def _bytes(file: _File, item: Item) -> bytes:
    for start, end in item.extents:
        if end > len(file.data) or start >= end:
            raise ValueError("the file breaks off before the data of its picture")
    return b"".join(file.data[start:end] for start, end in item.extents)


def _assembled(file: _File, item: Item, form: str) -> np.ndarray:
    """The tiles of a grid put side by side, cropped to the size that the grid gives."""
    body = _bytes(file, item)
    if len(body) < 8:
        raise ValueError("the description of its tiles breaks off")
    rows, columns = body[2] + 1, body[3] + 1
    width, height = unpack_from(">II" if body[1] & 1 else ">HH", body, 4)
    tiles = item.refers("dimg")
    if len(tiles) != rows * columns or len(tiles) > MAX_TILES:
        raise ValueError(f"its grid of {columns}x{rows} tiles names {len(tiles)} pictures")
    check_size(file.limits, width, height, 1)
    page: np.ndarray | None = None
    for place, number in enumerate(tiles):
        tile_item = file.items.by_id.get(number, Item())
        if tile_item.kind == "grid":
            raise ValueError("a tile of its grid is a grid itself, which is not allowed")
        tile = _decoded(file, tile_item, form)
        tall, wide = tile.shape[:2]
        if page is None:
            if wide * columns < width or tall * rows < height:
                raise ValueError(
                    f"{columns}x{rows} tiles of {wide}x{tall} do not fill {width}x{height} pixels"
                )
            page = np.zeros((height, width, *tile.shape[2:]), np.uint8)
            first = tile.shape
        if tile.shape != first:
            raise ValueError("the tiles of its grid differ in size")
        top, left = place // columns * tall, place % columns * wide
        part = page[top : top + tall, left : left + wide]
        part[...] = tile[: part.shape[0], : part.shape[1]]
    assert page is not None
    return page


def _alpha(file: _File) -> np.ndarray | None:
    """The transparency of the primary picture, uint8 (h, w); None if it has none."""
    for item in file.items.by_id.values():
        kind = item.get("auxC")
        found = file.items.primary in item.refers("auxl")
        if found and kind is not None and kind[4:].split(b"\0")[0] in ALPHA:
            return _decoded(file, item, "gray")
    return None


def _on_white(
    file: _File, pixels: np.ndarray, alpha: np.ndarray, premultiplied: bool
) -> np.ndarray:
    if alpha.shape != pixels.shape[:2]:
        raise ValueError("its transparency has another size than its picture")
    if premultiplied:
        return np.asarray(pixels + np.minimum(255 - alpha[..., None], 255 - pixels))
    page = np.empty_like(pixels)
    rgba_on_white(np.dstack([pixels, alpha]), page)
    return page


def _cropped(pixels: np.ndarray, body: bytes) -> np.ndarray:
    """The clean aperture: a size and the offset of its middle from the picture's middle."""
    if len(body) < 32:
        return pixels
    numbers = unpack_from(">IIIIiIiI", body)
    if not all(numbers[1::2]):
        return pixels
    width, height, across, down = (a / b for a, b in zip(numbers[::2], numbers[1::2], strict=True))
    left = round(across + (pixels.shape[1] - width) / 2)
    top = round(down + (pixels.shape[0] - height) / 2)
    part = pixels[max(top, 0) : max(top + round(height), 0), max(left, 0) :]
    part = part[:, : max(round(width), 0)]
    return np.ascontiguousarray(part) if part.size else pixels

"""PNG, still and animated, composited as the specification says: Pillow decodes single pictures.

Pillow's own APNG compositing shows hidden default pictures and blends half-transparent frames
wrongly; benchmarks/decoders.py has the figures.
"""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from frames.errors import Limits
from frames.orientation import turned, turned_size
from frames.png_structure import (
    DISPOSE_CLEAR,
    DISPOSE_PREVIOUS,
    Piece,
    Structure,
    compressed,
    row_bytes,
    standalone,
    walk,
)
from frames.raster import on_white, rgba_on_white, strips
from frames.source import FrameSource, browser_delay, check_inflation, check_size

INTERLACED = 12
"""Place of the interlace method in the header."""


def open_png(data: bytes, limits: Limits) -> FrameSource:
    """Open a PNG that does not move. Damage becomes a warning as long as one row has pixels."""
    found = walk(data, limits.frames)
    check_size(limits, found.width, found.height, 1)
    piece = found.still
    if piece is None:
        raise ValueError("the file holds no picture data")
    _, warnings = _decoded(data, found, piece)

    def stream() -> Iterator[np.ndarray]:
        picture, _ = _decoded(data, found, piece)
        yield turned(picture(), found.orientation)

    return FrameSource(
        *turned_size(found.width, found.height, found.orientation),
        (0,),
        stream,
        (*found.warnings, *warnings),
    )


def open_apng(data: bytes, limits: Limits) -> FrameSource:
    """Open an animated PNG: as many frames as the header promises or the file holds, if fewer."""
    found = walk(data, limits.frames)
    pieces = [piece for piece in found.pieces if piece.data]
    if not pieces:
        return open_png(data, limits)
    check_size(limits, found.width, found.height, len(pieces))
    check_inflation(limits, found.width * found.height * len(pieces), len(data))
    warnings = list(found.warnings)
    if len(pieces) < found.promised:
        warnings.append(
            f"the header promises {found.promised} frames, the file holds {len(pieces)}"
        )
    # Only the last piece can be cut off by the end of the file; others are read when shown.
    whole, torn = _decoded_rgba(data, found, pieces[-1])
    warnings += [f"frame {len(pieces) - 1}: {warning}" for warning in torn]
    del whole
    delays = [piece.delay_ms for piece in pieces]

    def stream() -> Iterator[np.ndarray]:
        for page in _composited(data, found, pieces):
            yield turned(page, found.orientation) if found.orientation > 1 else page.copy()

    return FrameSource(
        *turned_size(found.width, found.height, found.orientation),
        tuple(map(browser_delay, delays)) if len(delays) > 1 else (0,),
        stream,
        tuple(warnings),
    )


def _composited(data: bytes, found: Structure, pieces: list[Piece]) -> Iterator[np.ndarray]:
    """The frames on white, RGB (H, W, 3). The array is the working page: copy what you keep."""
    canvas = np.zeros((found.height, found.width, 4), np.uint8)
    page = np.full((found.height, found.width, 3), 255, np.uint8)
    for piece in pieces:
        where = (
            slice(piece.top, piece.top + piece.height),
            slice(piece.left, piece.left + piece.width),
        )
        region, shown = canvas[where], page[where]
        before = region.copy() if piece.dispose == DISPOSE_PREVIOUS else None
        pixels, _ = _decoded_rgba(data, found, piece)
        (_draw_over if piece.over else np.copyto)(region, pixels)
        del pixels
        rgba_on_white(region, shown)
        yield page
        if piece.dispose == DISPOSE_CLEAR:
            region[...] = 0
            shown[...] = 255
        elif before is not None:
            region[...] = before
            rgba_on_white(region, shown)


def _draw_over(below: np.ndarray, above: np.ndarray) -> None:
    """Lay ``above`` on ``below``, both RGBA uint8 (h, w, 4), in place.

    The formula of the specification (alpha compositing of colours that are not premultiplied).
    """
    for rows in strips(*below.shape[:2]):
        low, high = below[rows], above[rows]
        alpha = high[..., 3]
        replaces = (alpha == 255) | ((low[..., 3] == 0) & (alpha > 0))
        np.copyto(low, high, where=replaces[..., None])
        mixed = ~replaces & (alpha > 0)
        if mixed.any():
            low[mixed] = _mix(low[mixed], high[mixed])


def _mix(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Half-transparent pixels (n, 4) over others that show."""
    over = high[:, 3:].astype(np.float32) / 255
    under = low[:, 3:].astype(np.float32) / 255 * (1 - over)
    alpha = over + under
    colour = (high[:, :3] * over + low[:, :3] * under) / alpha
    return np.concatenate([colour, 255 * alpha], axis=1).round().astype(np.uint8)


def _decoded_rgba(data: bytes, found: Structure, piece: Piece) -> tuple[np.ndarray, list[str]]:
    """The pixels of a piece, RGBA uint8 (h, w, 4), and what is broken in it."""
    picture, known, warnings = _picture(data, found, piece)
    pixels = np.empty((piece.height, piece.width, 4), np.uint8)
    for rows in strips(piece.height, piece.width):
        part = picture.crop((0, rows.start, piece.width, rows.stop))
        pixels[rows] = np.asarray(_to_rgba(part))
    pixels[known:] = 0
    return pixels, warnings


def _to_rgba(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip, not scale
        deep = np.asarray(picture)
        grey = Image.fromarray((deep >> 8).astype(np.uint8)).convert("RGBA")
        key = picture.info.get("transparency")
        if isinstance(key, int):
            grey.putalpha(Image.fromarray(np.where(deep == key, 0, 255).astype(np.uint8)))
        return grey
    return picture.convert("RGBA")


def _decoded(
    data: bytes, found: Structure, piece: Piece
) -> tuple[Callable[[], np.ndarray], list[str]]:
    """A function that gives the pixels of a still on white, and what is broken in it."""
    picture, known, warnings = _picture(data, found, piece)

    def on_page() -> np.ndarray:
        pixels = on_white(picture)
        pixels[known:] = 255
        return pixels

    return on_page, warnings


def _picture(data: bytes, found: Structure, piece: Piece) -> tuple[Image.Image, int, list[str]]:
    """A piece decoded by Pillow, the rows of it that are really there, and what is broken."""
    try:
        with PngImageFile(BytesIO(standalone(data, found, piece))) as picture:
            picture.load()
        return picture, piece.height, []
    except (OSError, SyntaxError, ValueError) as failure:
        if found.header[INTERLACED]:
            raise
        return _salvaged(data, found, piece, failure)


def _salvaged(
    data: bytes, found: Structure, piece: Piece, failure: Exception
) -> tuple[Image.Image, int, list[str]]:
    """The rows before the damage. Raises what made decoding fail if there are none."""
    length = row_bytes(found.header, piece.width)
    raw = _inflated(compressed(data, piece), length * piece.height)
    bad = np.frombuffer(raw, np.uint8)[::length] > 4  # the filter of a row is 0 to 4
    known = int(bad.argmax()) if bad.any() else len(raw) // length
    if not known:
        raise failure
    whole = raw[: known * length] + bytes(length * (piece.height - known))
    del raw
    lone = Structure(piece.width, piece.height, found.header, found.palette, found.transparency)
    stand_in = Piece(0, 0, piece.width, piece.height)
    body = zlib.compress(whole, 1)
    stand_in.data = [(0, len(body))]
    with PngImageFile(BytesIO(standalone(body, lone, stand_in))) as picture:
        picture.load()
    return picture, known, [f"the picture breaks off: {known} of {piece.height} rows are kept"]


def _inflated(stream: bytes, most: int) -> bytes:
    """What can be decompressed of a broken zlib stream, at most ``most`` bytes."""
    inflater = zlib.decompressobj()
    found = bytearray()
    step = 4096  # small, since an error takes the output of its whole step with it
    for at in range(0, len(stream), step):
        try:
            found += inflater.decompress(stream[at : at + step], most - len(found))
        except zlib.error:
            break
        if inflater.eof or len(found) >= most:
            break
    return bytes(found)

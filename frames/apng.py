"""PNG, still and animated, composited as the specification says: Pillow decodes single pictures.

Pillow's own APNG compositing shows hidden default pictures and blends half-transparent frames
wrongly; benchmarks/decoders.py has the figures.
"""

from collections.abc import Iterator

import numpy as np

from frames.errors import Limits
from frames.orientation import turned, turned_size
from frames.png_pixels import decoded_on_white, decoded_rgba
from frames.png_structure import DISPOSE_CLEAR, DISPOSE_PREVIOUS, Piece, Structure, walk
from frames.raster import rgba_on_white, strips
from frames.source import FrameSource, browser_delay, check_inflation, check_size


def open_png(data: bytes, limits: Limits) -> FrameSource:
    """Open a PNG that does not move. Damage becomes a warning as long as one row has pixels."""
    found = walk(data, limits.frames)
    check_size(limits, found.width, found.height, 1)
    piece = found.still
    if piece is None:
        raise ValueError("the file holds no picture data")
    _, warnings = decoded_on_white(data, found, piece)

    def stream() -> Iterator[np.ndarray]:
        picture, _ = decoded_on_white(data, found, piece)
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
    whole, torn = decoded_rgba(data, found, pieces[-1])
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
        pixels, _ = decoded_rgba(data, found, piece)
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

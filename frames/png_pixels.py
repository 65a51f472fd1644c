"""The pixels of one picture of a PNG file, whole or as far as the damage lets them be read."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from struct import unpack

import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from frames.colour import in_srgb, png_profile
from frames.png_structure import Piece, Structure, compressed, row_bytes, standalone
from frames.raster import on_white, strips, white_on_white

DEPTH, INTERLACED = 8, 12
"""Places of the bit depth and the interlace method in the header."""
GREY, RGB = 0, 2
"""Colour types."""


def decoded_rgba(data: bytes, found: Structure, piece: Piece) -> tuple[np.ndarray, list[str]]:
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
    return in_srgb(picture.convert("RGBA"))


def decoded_on_white(
    data: bytes, found: Structure, piece: Piece
) -> tuple[Callable[[], np.ndarray], list[str]]:
    """A function that gives the pixels of a still on white, and what is broken in it."""
    picture, known, warnings = _picture(data, found, piece)
    warnings = [*warnings, *white_on_white(picture)]

    def on_page() -> np.ndarray:
        pixels = on_white(picture)
        pixels[known:] = 255
        return pixels

    return on_page, warnings


def _picture(data: bytes, found: Structure, piece: Piece) -> tuple[Image.Image, int, list[str]]:
    """A piece decoded by Pillow, the rows of it that are really there, and what is broken."""
    try:
        return _loaded(data, found, piece), piece.height, []
    except (OSError, SyntaxError, ValueError) as failure:
        if found.header[INTERLACED]:
            raise
        return _salvaged(data, found, piece, failure)


def _loaded(data: bytes, found: Structure, piece: Piece) -> Image.Image:
    """A whole piece. Raises OSError, SyntaxError or ValueError if it is broken."""
    depth, colour = found.header[DEPTH], found.header[DEPTH + 1]
    if (depth, colour) == (16, RGB) and len(found.transparency) == 6:
        plain = replace(found, transparency=b"")
        return _deep_with_key(standalone(data, plain, piece), found.transparency)
    with PngImageFile(BytesIO(standalone(data, found, piece))) as picture:
        picture.load()
    if found.profile:
        picture.info["icc_profile"] = png_profile(found.profile)
    key = picture.info.get("transparency")
    if colour == GREY and depth < 8 and isinstance(key, int):
        # Pillow spreads the pixels over 0 to 255, but not the level that is transparent.
        most = (1 << depth) - 1
        picture.info["transparency"] = (key & most) * (255 // most)
    return picture


def _deep_with_key(file: bytes, key: bytes) -> Image.Image:
    """RGB of 16 bits, one colour of which is transparent, as RGBA.

    All 16 bits count for that, and Pillow drops 8 of them: OpenCV keeps them.
    """
    found = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16:
        raise ValueError("the picture's data are broken")
    deep = found.view(np.uint16)
    blue_green_red = np.array(unpack(">3H", key)[::-1], np.uint16)
    rgba = np.empty((*deep.shape[:2], 4), np.uint8)
    for rows in strips(*deep.shape[:2]):
        rgba[rows, :, :3] = deep[rows, :, ::-1] >> 8
        rgba[rows, :, 3] = 255 * (deep[rows] != blue_green_red).any(axis=2)
    return Image.fromarray(rgba)


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
    lone = replace(found, width=piece.width, height=piece.height)
    stand_in = Piece(0, 0, piece.width, piece.height)
    body = zlib.compress(whole, 1)
    stand_in.data = [(0, len(body))]
    picture = _loaded(body, lone, stand_in)
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

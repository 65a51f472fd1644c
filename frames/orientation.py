"""How a picture is turned: EXIF orientations and track matrices, as browsers read them."""

from struct import error as StructError
from struct import unpack_from

import numpy as np

UPRIGHT = 1
ORIENTATION_TAG, SHORT = 0x0112, 3


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The picture (H, W, ...) as it is meant to be seen; ``orientation`` 1 to 8 as in EXIF."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def turned_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """(width, height) after ``turned``."""
    return (height, width) if orientation >= 5 else (width, height)


def exif_orientation(tiff: bytes) -> int:
    """The orientation that an EXIF block (from its TIFF header on) gives; 1 if none that counts.

    As in Chromium: only a single SHORT of 1 to 8 in the first directory counts, whatever else the
    block holds, and XMP never does.
    """
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        _, at = unpack_from(order + "HI", tiff, 2)
        (count,) = unpack_from(order + "H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, form, number, value = unpack_from(order + "HHIH", tiff, entry)
            if tag == ORIENTATION_TAG:
                good = form == SHORT and number == 1 and 1 <= value <= 8
                return value if good else UPRIGHT
    except StructError:  # the block ends before its entries do
        return UPRIGHT
    return UPRIGHT


def jpeg_orientation(data: bytes) -> int:
    """The orientation that the first EXIF segment of a JPEG gives."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:  # any marker may have more of these before it
            at += 1
            continue
        marker, size = unpack_from(">BH", data, at + 1)
        if marker == 0xDA or size < 2:
            break
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            return exif_orientation(data[at + 10 : at + 2 + size])
        at += 2 + size
    return UPRIGHT


def matrix_orientation(a: int, b: int, c: int, d: int) -> int:
    """The orientation nearest to a track's matrix: (x, y) shows at (a x + c y, b x + d y).

    Only signs and the larger diagonal count, as in browsers, which turn by right angles.
    """
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return {(False, False): 1, (True, False): 2, (True, True): 3, (False, True): 4}[
            (a < 0, d < 0)
        ]
    # After swapping the axes: mirrored sideways if y goes left, upside down if x goes up.
    return {(False, False): 5, (True, False): 6, (True, True): 7, (False, True): 8}[(c < 0, b < 0)]

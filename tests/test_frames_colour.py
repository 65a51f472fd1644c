"""Colour profiles: Display P3 is shown as sRGB, by the matrices of the two standards.

The facts are the primaries in D50 (SMPTE EG 432-1, IEC 61966-2-1, adapted by Bradford) and the
transfer curve of sRGB, which Display P3 shares.
"""

import io
from struct import pack_into, unpack_from
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from frames import open_clip

SRGB = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7142]])
P3 = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])
"""Columns: XYZ of red, green and blue."""
COLOURS = [(200, 100, 50), (40, 160, 90), (120, 120, 120), (90, 60, 180)]


def profile(primaries: np.ndarray) -> bytes:
    """Pillow's profile of sRGB with other primaries."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = unpack_from(">I", data, 128)
    for at in range(132, 132 + 12 * count, 12):
        tag, offset = unpack_from(">4sI", data, at)
        if tag in (b"rXYZ", b"gXYZ", b"bXYZ"):
            values = primaries[:, b"rgb".index(tag[:1])]
            pack_into(">3i", data, offset + 8, *(round(65536 * float(v)) for v in values))
    return bytes(data)


def in_srgb(colour: tuple[int, int, int]) -> np.ndarray:
    """A colour of Display P3 by its numbers in sRGB, 0 to 255."""
    encoded = np.array(colour) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear = (np.linalg.inv(SRGB) @ P3 @ linear).clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def picture(mode: str) -> Image.Image:
    """Stripes of 16 columns; half transparent where the mode has alpha."""
    row = np.repeat(np.array(COLOURS, np.uint8), 16, axis=0)
    image = Image.fromarray(np.broadcast_to(row, (16, *row.shape)).copy())
    if mode == "RGBA":
        image.putalpha(128)
    return image


def stripes(image: Image.Image, form: str, icc: bytes | None, **options: Any) -> np.ndarray:
    """What the middles of the stripes show, int (4, 3)."""
    buffer = io.BytesIO()
    image.save(buffer, form, icc_profile=icc, **options)
    (frame,) = open_clip(buffer.getvalue())
    return frame.pixels[8, 8::16].astype(int)


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("JPEG", "RGB", {"quality": 100, "subsampling": 0}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("AVIF", "RGB", {"quality": 100, "subsampling": "4:4:4"}),
    ],
)
def test_display_p3_is_shown_as_srgb(form: str, mode: str, options: dict[str, Any]) -> None:
    expected = np.array([in_srgb(colour) for colour in COLOURS])
    assert np.abs(expected - COLOURS).max() > 15  # a profile left out would be noticed
    if mode == "RGBA":
        expected = expected * (128 / 255) + 255 * (127 / 255)
    assert np.abs(stripes(picture(mode), form, profile(P3), **options) - expected).max() <= 3


@pytest.mark.parametrize("icc", [profile(SRGB), b"no profile at all", None])
def test_srgb_and_broken_profiles_change_nothing(icc: bytes | None) -> None:
    assert stripes(picture("RGB"), "PNG", icc).tolist() == [list(c) for c in COLOURS]

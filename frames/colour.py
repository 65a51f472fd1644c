"""Colour profiles (ICC): what a picture's numbers mean, in the sRGB of an ordinary screen.

A photograph of a phone often comes in Display P3, whose red is redder than that of sRGB. Browsers
convert; so does this, with Little CMS (Pillow).
"""

import zlib
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

MAX_PROFILE = 4 * 2**20
"""Bytes of a profile; real ones have up to 2 MB, those of phones 500 bytes."""
UNSEEN = 2
"""Levels that no one sees: a profile that changes nothing by more is sRGB by another name."""


def in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in sRGB by its profile (``info["icc_profile"]``), RGB or with alpha RGBA.

    A profile that is broken, or made for another kind of picture, counts as none.
    """
    plain = picture if picture.mode in ("RGB", "RGBA", "CMYK") else picture.convert("RGB")
    profile = picture.info.get("icc_profile")
    known = isinstance(profile, bytes) and picture.mode in ("RGB", "RGBA", "P", "CMYK")
    change = _change(profile, "CMYK" if plain.mode == "CMYK" else "RGB") if known else None
    if change is None:
        return plain if plain.mode == "RGBA" else plain.convert("RGB")
    if plain.mode != "RGBA":
        return change.apply(plain)
    found = change.apply(plain.convert("RGB"))
    found.putalpha(plain.getchannel("A"))
    return found


@lru_cache(maxsize=8)
def _change(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The conversion; None if there is nothing to change, or the profile is of no use."""
    if len(profile) > MAX_PROFILE:
        return None
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        change = ImageCms.buildTransform(given, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode == "RGB":
            levels = np.linspace(0, 255, 9).round().astype(np.uint8)
            cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(81, 9, 3)
            changed = np.asarray(change.apply(Image.fromarray(cube)))
            if np.abs(changed.astype(int) - cube).max() <= UNSEEN:
                return None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return change


def png_profile(body: bytes) -> bytes:
    """The profile in the body of an iCCP chunk; empty if it is broken."""
    _, _, rest = body.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], MAX_PROFILE + 1)
    except zlib.error:
        return b""

"""Moments of the rendered world as files: the same moments give the same bytes."""

import io
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image

from meme_sets.world.draw import picture
from meme_sets.world.scene import Scene
from meme_sets.world.story import Moment, pictures

COLOURS = 255
"""Colours of a clip's one palette; the 256th entry is left to GIF transparency."""


def png_bytes(scene: Scene) -> bytes:
    """The scene's picture as a PNG."""
    out = io.BytesIO()
    Image.fromarray(picture(scene)).save(out, "PNG", optimize=True)
    return out.getvalue()


def picture_bytes(pixels: np.ndarray) -> bytes:
    """A picture, uint8 (height, width, 3), as a PNG with a palette."""
    palette, indexed = to_palette(pixels[None])
    image = Image.fromarray(indexed[0])
    image.putpalette(palette.tobytes())
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def gif_bytes(moments: Sequence[Moment]) -> bytes:
    """The moments as an endless GIF with one palette, delays in whole hundredths of a second.

    Raises ValueError if two moments in a row look the same: GIF writers merge those, and the
    clip's timing would no longer be what the item says.
    """
    shots = pictures(moments)
    for i, (a, b) in enumerate(pairwise(shots)):
        if np.array_equal(a, b):
            raise ValueError(f"moments {i} and {i + 1} look the same")
    palette, indexed = to_palette(np.stack(shots))
    frames = []
    for one in indexed:
        frame = Image.fromarray(one)
        frame.putpalette(palette.tobytes())
        frames.append(frame)
    out = io.BytesIO()
    frames[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=frames[1:],
        loop=0,
        optimize=False,
        disposal=1,
        duration=[m.duration_ms for m in moments],
    )
    return out.getvalue()


def to_palette(shots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One palette for a whole clip: uint8 (at most 255, 3), and the indices, uint8 (n, H, W).

    ``shots`` is uint8 (n, H, W, 3). The most frequent colours are kept exactly, so that the flat
    areas of a drawing stay clean; what is left, the rims of letters, takes the nearest of them.
    """
    wide = shots.astype(np.uint32)
    packed = (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]
    colours, index, count = np.unique(packed, return_inverse=True, return_counts=True)
    rgb = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.int64)
    order = np.argsort(-count, kind="stable")
    kept, rest = order[:COLOURS], order[COLOURS:]
    target = np.empty(len(colours), np.uint8)
    target[kept] = np.arange(len(kept))
    if len(rest):
        distance = ((rgb[rest, None] - rgb[None, kept]) ** 2).sum(axis=2)
        target[rest] = distance.argmin(axis=1)
    return rgb[kept].astype(np.uint8), target[index].reshape(packed.shape)

"""What a checkpoint's processor makes of a picture: size, tiles, visual tokens, what is cut off.

LLaVA-1.5 and Video-LLaVA cut the middle out: of 640x360 they keep 56 % of the width, and a collage
loses its numbers. LLaVA's published evaluation pads to a square with the mean colour instead
(``image_aspect_ratio: pad``), and so does this module, for every processor that cuts. Whether one
cuts is found out by trying, as its settings do not tell (LLaVA-NeXT's name a crop and cut nothing).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from vlm.query import PictureSeen

Processed = Mapping[str, torch.Tensor]
"""What the processor returns for a prompt with one picture."""
TRIED = ((180, 320), (320, 180))
"""Heights and widths with which it is tried whether a processor cuts."""
STRIPE = 0.08
"""Share of the width or height that must not vanish."""
_GRIDS = ("image_grid_thw", "grid_thw", "image_grid_hws", "spatial_shapes", "target_sizes")
"""Where processors that flatten patches say how many there are along each side of each tile."""


def padded(image: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The picture in the middle of a square of one colour; uint8 (side, side, 3)."""
    height, width = image.shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = colour
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return square


def mean_colour(image_processor: Any) -> np.ndarray:
    """The colour that becomes zero in the model's input, uint8 (3,);
    grey where the processor names no mean."""
    mean = getattr(image_processor, "image_mean", None) or (0.5, 0.5, 0.5)
    return np.array([int(m * 255) for m in mean], np.uint8)


def cut_share(process: Callable[[np.ndarray], Processed], shape: tuple[int, int]) -> float:
    """Share of a picture's area, 0 to 1, that does not reach the model at all.

    ``shape``: height and width. Both sides count: a stripe is cut off where changing its pixels
    changes nothing of what ``process`` returns.
    """
    left = 1.0
    for axis in (0, 1):
        left *= 1.0 - _cut_along(process, shape, axis)
    return 1.0 - left


def cuts(process: Callable[[np.ndarray], Processed]) -> bool:
    """Whether a processor loses a stripe at the edge of a wide or of a high picture."""
    return any(
        _unseen(process, shape, axis, round(STRIPE * shape[axis]))
        for axis, shape in ((1, TRIED[0]), (0, TRIED[1]))
    )


def _cut_along(
    process: Callable[[np.ndarray], Processed], shape: tuple[int, int], axis: int
) -> float:
    """Share of the side along an axis that is cut off at both ends together."""
    length = shape[axis]
    seen, unseen = length // 2, 0
    while seen - unseen > max(1, length // 200):
        middle = (seen + unseen) // 2
        if _unseen(process, shape, axis, middle):
            unseen = middle
        else:
            seen = middle
    return 2 * unseen / length


def _unseen(
    process: Callable[[np.ndarray], Processed], shape: tuple[int, int], axis: int, stripe: int
) -> bool:
    """Whether other pixels in both outer stripes of this width make no difference."""
    if not stripe:
        return False
    plain = np.full((*shape, 3), 128, np.uint8)
    marked = plain.copy()
    edges = marked if axis == 0 else marked.swapaxes(0, 1)
    edges[:stripe], edges[-stripe:] = 255, 255
    one, other = process(plain), process(marked)
    return all(torch.equal(one[name], other[name]) for name in one if "pixel" in name)


def picture_seen(
    made: Processed, image_token: int | None, patch: int, cut: float, copies: int = 1
) -> PictureSeen:
    """The facts of one picture, read off what the processor made of a prompt with ``copies`` of it
    and nothing else.

    ``image_token``: the id that stands for a visual token; ``patch``: side of a patch in pixels,
    for processors that flatten patches.
    """
    tokens = int((made["input_ids"] == image_token).sum()) if image_token is not None else 0
    width, height, tiles = _tiles(made, patch)
    return PictureSeen(width, height, tiles // copies, tokens // copies, cut)


def _tiles(made: Processed, patch: int) -> tuple[int, int, int]:
    """Width and height in pixels of the first tile, and how many there are; 0 where unknown."""
    pixels = next((v for n, v in made.items() if n.startswith("pixel_values")), None)
    if pixels is None:
        return 0, 0, 0
    grid = next((made[name] for name in _GRIDS if name in made), None)
    if grid is not None:
        rows = grid.reshape(-1, grid.shape[-1])
        height, width = (int(n) * patch for n in rows[0, -2:])
        return width, height, len(rows)
    if "image_position_ids" in made:  # Gemma 4: column and row of each patch, -1 where none is
        places = made["image_position_ids"]
        width, height = ((int(n) + 1) * patch for n in places[0].max(0).values)
        return width, height, len(places)
    if pixels.ndim < 4:  # patches without a grid
        return 0, 0, 1
    tiles = int(np.prod(pixels.shape[:-3]))
    if "aspect_ratio_mask" in made:  # Mllama fills up with empty tiles
        tiles = int(made["aspect_ratio_mask"].sum())
    return int(pixels.shape[-1]), int(pixels.shape[-2]), tiles


def unprocessed(made: Processed, image_processor: Any) -> np.ndarray | None:
    """A picture again of what a processor made of one: tiles side by side, uint8 (h, w, 3).

    None where its layout is unknown. Flattened patches are taken to lie as Qwen-VL's do.
    """
    pixels = next((v for n, v in made.items() if n.startswith("pixel_values")), None)
    if pixels is None:
        return None
    pixels = pixels.float()
    if "target_sizes" in made:  # MiniCPM-V: all patches of all tiles in one row
        return None
    if pixels.ndim < 4:
        grid, merge = made.get("image_grid_thw"), getattr(image_processor, "merge_size", None)
        if grid is None or merge is None or pixels.ndim != 2:
            return None
        pixels = _from_patches(pixels, grid.reshape(-1, 3)[0].tolist(), int(merge), image_processor)
    tiles = pixels.reshape(-1, *pixels.shape[-3:])
    mean, std = (
        torch.tensor(getattr(image_processor, name, None) or default)[:, None, None]
        for name, default in (("image_mean", (0.0,) * 3), ("image_std", (1.0,) * 3))
    )
    row = torch.cat(list(tiles), -1) * std + mean
    scaled = (row * 255).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(1, 2, 0).numpy())


def _from_patches(
    patches: torch.Tensor, grid: Sequence[int], merge: int, image_processor: Any
) -> torch.Tensor:
    """(3, height, width) of patches that lie in blocks of ``merge`` by ``merge``."""
    side, (_, high, wide) = int(image_processor.patch_size), grid
    repeated = patches.shape[1] // (3 * side * side)
    blocks = patches[: high * wide].reshape(
        high // merge, wide // merge, merge, merge, 3, repeated, side, side
    )
    picture = blocks[:, :, :, :, :, 0].permute(4, 0, 2, 5, 1, 3, 6)
    return picture.reshape(3, high * side, wide * side)

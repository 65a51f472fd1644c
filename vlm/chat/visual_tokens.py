"""A bound on the visual tokens of a picture (``--max-visual-tokens``), where a processor has one.

SmolVLM2 makes 17 tiles and 1,088 tokens of a square frame, Qwen-VL up to 16,384 of a large one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from vlm.errors import ModelError

TRIED = ((1024, 1024), (360, 640), (640, 360))
"""Heights and widths of the pictures with which a bound is tried."""


def bound(processor: Any, most: int, count: Callable[[np.ndarray], int]) -> None:
    """Set an image processor so that no picture becomes more than ``most`` tokens.

    ``count``: how many tokens a picture becomes. Raises ModelError: it cannot be bounded so far.
    """
    rng = np.random.default_rng(0)

    def worst() -> int:
        # New pixels each time, for what was counted once is remembered.
        return max(count(rng.integers(0, 255, (*shape, 3), np.uint8)) for shape in TRIED)

    before = now = worst()
    for step in _STEPS:
        for setting in step(processor, most):
            now = worst()
            if now <= most:
                return
            del setting
    if now > most:
        raise ModelError(
            f"--max-visual-tokens {most} cannot be kept: this model's processor makes {now} tokens "
            f"of a picture at least ({before} without the bound)"
        )


def _pixels(processor: Any, most: int) -> Any:
    """Qwen-VL's way: a picture is shrunk until it has at most so many pixels."""
    size = dict(getattr(processor, "size", None) or {})
    merge = getattr(processor, "merge_size", None)
    patch = getattr(processor, "patch_size", None)
    if merge and isinstance(patch, int) and "longest_edge" in size:
        pixels = most * (patch * merge) ** 2
        if size["longest_edge"] > pixels:
            size["longest_edge"] = pixels
            size["shortest_edge"] = min(size.get("shortest_edge", pixels), pixels)
            processor.size = type(processor.size)(**size) if size else size
            for name, value in (("max_pixels", pixels), ("min_pixels", size["shortest_edge"])):
                if hasattr(processor, name):
                    setattr(processor, name, value)
            yield "longest_edge"


def _tiles_by_edge(processor: Any, most: int) -> Any:
    """Idefics3's and SmolVLM's way: a picture is as many tiles long as its longest edge allows."""
    tile = dict(getattr(processor, "max_image_size", None) or {}).get("longest_edge")
    size = dict(getattr(processor, "size", None) or {})
    if tile and "longest_edge" in size:
        for tiles in range(int(size["longest_edge"]) // int(tile) - 1, 0, -1):
            processor.size = type(processor.size)(longest_edge=tiles * int(tile))
            yield tiles
        processor.do_image_splitting = False
        yield 0


def _tiles_by_number(processor: Any, most: int) -> Any:
    """InternVL's way: at most so many tiles."""
    tiles = getattr(processor, "max_patches", None)
    if tiles and hasattr(processor, "crop_to_patches"):
        for fewer in range(int(tiles) - 1, 0, -1):
            processor.max_patches = fewer
            processor.min_patches = min(int(getattr(processor, "min_patches", 1) or 1), fewer)
            yield fewer
        processor.crop_to_patches = False
        yield 0


_STEPS = (_pixels, _tiles_by_edge, _tiles_by_number)

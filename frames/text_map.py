"""Where a picture looks like text: a small, fast detector that reads nothing.

A caption is made of thin strokes in strong contrast, set close together along a line. Each cell
of a grid is described by how much of that it and its neighbours hold, and a two-layer network
(a few thousand weights, fitted by benchmarks/keyframes_fit.py on rendered captions) turns the
description into a probability. Used to choose keyframes; the reading is done elsewhere.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

SIDE = 224
"""Longer side in pixels to which a picture is scaled before the analysis."""
CELL = 8
"""Side of a cell in scaled pixels."""
_WEIGHTS = Path(__file__).with_name("text_map.npz")
# Opening and closing with a square removes strokes thinner than it: fine print and headlines.
_FINE, _BOLD = np.ones((5, 5), np.uint8), np.ones((9, 9), np.uint8)


def text_signature(pixels: np.ndarray) -> np.ndarray:
    """The text-like strokes of an RGB picture, int8, (rows, columns): two values a cell side.

    Positive where bright strokes lie, negative where dark ones do, about 0 without text. Two
    pictures of one size with the same captions have nearly the same signature, whatever moves
    behind them.
    """
    descriptions, strokes = describe(pixels)
    likely = probability(descriptions)
    likely = cv2.resize(likely, strokes.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return (strokes * likely).round().astype(np.int8)


def describe(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cell descriptions, float32 (rows, columns, features), and bright minus dark strokes.

    The strokes are int8 with two values to a cell side.
    """
    grey, saturation = _scaled(pixels)
    grid = (grey.shape[1] // CELL, grey.shape[0] // CELL)

    def pool(layer: np.ndarray) -> np.ndarray:
        return cv2.resize(layer, grid, interpolation=cv2.INTER_AREA)

    def share_over(layer: np.ndarray, level: int) -> np.ndarray:
        return pool(cv2.threshold(layer, level, 255, cv2.THRESH_BINARY)[1])

    layers: list[np.ndarray] = []
    opened, closed = _opened_closed(grey, _BOLD)
    bright, dark = cv2.subtract(grey, opened), cv2.subtract(closed, grey)
    fine = _opened_closed(grey, _FINE)
    for layer in (bright, dark, cv2.subtract(grey, fine[0]), cv2.subtract(fine[1], grey)):
        layers += [pool(layer), share_over(layer, 80), share_over(layer, 140)]
    across = cv2.absdiff(grey, np.roll(grey, 2, axis=1))
    down = cv2.absdiff(grey, np.roll(grey, 2, axis=0))
    layers += [pool(across), pool(down), share_over(across, 110), share_over(down, 110)]
    strong = cv2.threshold(cv2.max(bright, dark), 70, 255, cv2.THRESH_BINARY)[1]
    layers += [share_over(grey, 225), share_over(cv2.bitwise_not(grey), 225), pool(saturation)]
    layers += [pool(cv2.bitwise_and(saturation, strong)), pool(cv2.subtract(closed, opened))]
    own = np.stack(layers, axis=-1).astype(np.float32) / 64
    # Neighbours along the line, above and below, and around: a lone rough patch is no line.
    around = [cv2.blur(own, size) for size in ((7, 1), (1, 5), (3, 3))]
    half = (2 * grid[0], 2 * grid[1])
    strokes = cv2.resize(bright, half, interpolation=cv2.INTER_AREA).astype(np.int16)
    shadows = cv2.resize(dark, half, interpolation=cv2.INTER_AREA).astype(np.int16)
    strokes = (strokes - shadows).clip(-127, 127).astype(np.int8)
    return np.concatenate([own, *around], axis=-1), strokes


def _scaled(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grey values and saturation, scaled to whole cells with the longer side at SIDE."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width) / CELL
    size = (max(round(width * scale), 1) * CELL, max(round(height * scale), 1) * CELL)
    method = cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR
    small = cv2.resize(pixels, size, interpolation=method)
    red, green, blue = cv2.split(small)
    highest = cv2.max(cv2.max(red, green), blue)
    lowest = cv2.min(cv2.min(red, green), blue)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), cv2.subtract(highest, lowest)


def _opened_closed(grey: np.ndarray, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    opened = cv2.dilate(cv2.erode(grey, kernel), kernel)
    return opened, cv2.erode(cv2.dilate(grey, kernel), kernel)


def probability(descriptions: np.ndarray) -> np.ndarray:
    """How likely each cell holds letters, float32 in 0 to 1, the shape of the grid.

    Two stages: the second also sees how likely the first found the cells around, far along the
    line and a little above and below it.
    """
    first, second = _weights()
    return layer(with_context(descriptions, layer(descriptions, first)), second)


def layer(inputs: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """A two-layer network on the last axis."""
    hidden = np.maximum(inputs @ weights["w1"] + weights["b1"], 0)
    return 1 / (1 + np.exp(-(hidden @ weights["w2"] + weights["b2"])))


def with_context(descriptions: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """Descriptions and the mean likelihood in windows around each cell."""
    windows = [cv2.blur(likely, size) for size in ((3, 3), (5, 1), (9, 1), (15, 3), (1, 7), (9, 9))]
    return np.concatenate([descriptions, np.stack([likely, *windows], axis=-1)], axis=-1)


@cache
def _weights() -> list[dict[str, np.ndarray]]:
    with np.load(_WEIGHTS, allow_pickle=False) as stored:
        return [{n: stored[f"{n}_{s}"] for n in ("w1", "b1", "w2", "b2")} for s in (0, 1)]

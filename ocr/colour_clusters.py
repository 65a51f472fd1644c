"""The few colours that a small picture is made of, and how colours lie to each other."""

from collections.abc import Sequence

import numpy as np

CLUSTERS = 5
MERGE = 45.0
"""Clusters whose colours are nearer than this (RGB distance) are one."""


def clusters(crop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A cluster for each pixel, int (height, width), and the colours, float (n, 3).

    Lloyd's algorithm from the colours farthest from each other: no random numbers.
    """
    pixels = crop.reshape(-1, 3).astype(np.float32)
    some = pixels[:: max(1, len(pixels) // 4000)]
    centres = [np.median(some, axis=0)]
    for _ in range(CLUSTERS - 1):
        apart = gaps(some, centres).min(axis=0)
        far = some[apart >= np.quantile(apart, 0.98)]
        if apart.max() < MERGE:
            break
        centres.append(far[np.argmax(np.linalg.norm(far - centres[0], axis=1))])
    colours = np.stack(centres)
    for _ in range(8):
        nearest = gaps(some, colours).argmin(axis=0)
        colours = np.stack(
            [
                some[nearest == i].mean(axis=0) if (nearest == i).any() else colours[i]
                for i in range(len(colours))
            ]
        )
    kept: list[np.ndarray] = []
    for c in colours:
        if all(np.linalg.norm(c - k) >= MERGE for k in kept):
            kept.append(c)
    colours = np.stack(kept)
    return gaps(pixels, colours).argmin(axis=0).reshape(crop.shape[:2]), colours


def gaps(pixels: np.ndarray, colours: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Distances of all pixels, float (n, 3), from some colours: float (colours, n).

    Channel by channel: the values of ``numpy.linalg.norm`` to the last bit, in half of its time.
    """
    red, green, blue = np.ascontiguousarray(pixels.T)
    return np.sqrt([(red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2 for r, g, b in colours])


def beside_segment(point: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Distance of a colour from the mixtures of two others."""
    along = b - a
    t = float(np.clip((point - a) @ along / max(1e-6, float(along @ along)), 0, 1))
    return float(np.linalg.norm(point - a - t * along))

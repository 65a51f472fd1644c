"""Moving grounds without a text, for rendered clips."""

from collections.abc import Callable

import cv2
import numpy as np

Drawer = Callable[[int], np.ndarray]


def repeating(film: list[np.ndarray]) -> Drawer:
    return lambda index: film[index % len(film)]


def _clouds(rng: np.random.Generator, size: tuple[int, int]) -> Drawer:
    """Soft texture that pans."""
    world = _texture(rng, 900, float(rng.uniform(6, 25)))
    dx, dy = rng.integers(-6, 7, 2)
    return lambda i: _window(world, size, i * int(dx), i * int(dy))


def _rubble(rng: np.random.Generator, size: tuple[int, int]) -> Drawer:
    """Fine, rich texture that pans: leaves, gravel, crowds."""
    world = _texture(rng, 900, float(rng.uniform(1.5, 4)))
    dx, dy = rng.integers(-4, 5, 2)
    return lambda i: _window(world, size, i * int(dx), i * int(dy))


def _shapes(rng: np.random.Generator, size: tuple[int, int]) -> Drawer:
    """Cartoon: flat ground with outlined shapes that move."""
    ground = rng.integers(60, 256, 3)
    things = [
        (
            rng.random(2),
            rng.uniform(-0.03, 0.03, 2),
            rng.uniform(0.05, 0.25),
            rng.integers(0, 256, 3),
        )
        for _ in range(int(rng.integers(2, 8)))
    ]

    def draw(i: int) -> np.ndarray:
        picture = np.empty((size[1], size[0], 3), np.uint8)
        picture[:] = ground
        for start, speed, radius, colour in things:
            x, y = (start + i * speed) % 1.0
            at = (int(x * size[0]), int(y * size[1]))
            cv2.circle(picture, at, int(radius * size[1]), colour.tolist(), -1)
            cv2.circle(picture, at, int(radius * size[1]), (0, 0, 0), 2)
        return picture

    return draw


def _stripes(rng: np.random.Generator, size: tuple[int, int]) -> Drawer:
    """Hard-edged bars that travel: fences, blinds, a scrolling web page."""
    width = int(rng.integers(5, 24))
    speed = float(rng.uniform(-5, 5))
    across = bool(rng.integers(2))
    pale, dark = rng.integers(150, 256, 3), rng.integers(0, 120, 3)

    def draw(i: int) -> np.ndarray:
        length = size[0] if across else size[1]
        bars = ((np.arange(length) + i * speed) // width % 2).astype(bool)
        line = np.where(bars[:, None], pale, dark).astype(np.uint8)
        picture = np.broadcast_to(line[None] if across else line[:, None], (size[1], size[0], 3))
        return np.ascontiguousarray(picture)

    return draw


def _blank(rng: np.random.Generator, size: tuple[int, int]) -> Drawer:
    """A still, flat or soft ground, as in many stickers."""
    level = int(rng.choice([255, 255, 235, 128, 0]))
    return lambda i: np.full((size[1], size[0], 3), level, np.uint8)


def _zoom(rng: np.random.Generator, size: tuple[int, int]) -> Drawer:
    """A picture that grows and shrinks, so that every edge in it moves."""
    world = _texture(rng, 700, float(rng.uniform(3, 14)))
    rate = float(rng.uniform(0.02, 0.2))

    def draw(i: int) -> np.ndarray:
        side = 1.0 + 0.5 * np.sin(i * rate)
        w, h = int(size[0] * side), int(size[1] * side)
        return cv2.resize(_window(world, (w, h), i // 300 * 97, 0), size)

    return draw


BACKGROUNDS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Drawer]] = {
    "clouds": _clouds,
    "rubble": _rubble,
    "shapes": _shapes,
    "stripes": _stripes,
    "blank": _blank,
    "zoom": _zoom,
}


def _texture(rng: np.random.Generator, side: int, grain: float) -> np.ndarray:
    """Smoothed noise of full contrast in colour, uint8 (side, side, 3)."""
    layers = []
    for scale in (grain, 3 * grain):
        coarse = max(int(side / (1.5 * scale)), 4)
        noise = rng.normal(size=(coarse, coarse, 3)).astype(np.float32)
        noise = np.asarray(
            cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC), np.float32
        )
        layers.append(noise / noise.std())
    texture = 128 + 55 * (0.6 * layers[0] + 0.8 * layers[1])
    return texture.clip(0, 255).astype(np.uint8)


def _window(world: np.ndarray, size: tuple[int, int], x: int, y: int) -> np.ndarray:
    rows = np.arange(y, y + size[1]) % len(world)
    columns = np.arange(x, x + size[0]) % len(world)
    return world[rows[:, None], columns]

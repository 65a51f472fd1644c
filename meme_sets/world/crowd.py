"""Pictures of the rendered world that show more than one scene does: crowds, heaps, panels."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from meme_sets.world import character, things
from meme_sets.world.draw import SIZE, picture
from meme_sets.world.scene import Scene

WIDE = 2 * SIZE
"""Crowds are painted at twice the size and made half as large, so that characters are small."""
RIM = 4
"""Width of the black lines between panels in pixels."""


@dataclass(frozen=True)
class Crowd:
    """Things or characters that stand about in one place."""

    place: str
    names: tuple[str, ...]
    """Objects or species, in the order of their spots."""
    spots: tuple[tuple[int, int], ...]
    """(x, y) of each in pixels: centres of objects; feet of characters, at twice the size."""
    moods: tuple[str, ...] = ()
    """Moods of the characters; none for objects."""


def objects(rng: random.Random, place: str, names: Sequence[str]) -> Crowd:
    """Objects on a grid of 4 x 3 places, each moved a little. Raises ValueError for over 12."""
    cells = [(32 + 43 * x, 92 + 37 * y) for x in range(4) for y in range(3)]
    spots = [
        (x + rng.randint(-5, 5), y + rng.randint(-2, 2)) for x, y in rng.sample(cells, len(names))
    ]
    return Crowd(place, tuple(names), tuple(spots))


def characters(rng: random.Random, place: str, names: Sequence[str], moods: Sequence[str]) -> Crowd:
    """Characters in two rows of three. Raises ValueError for over 6."""
    cells = [(70 + 122 * x, 200 + 156 * y) for x in range(3) for y in range(2)]
    spots = [(x + rng.randint(-10, 10), y) for x, y in rng.sample(cells, len(names))]
    return Crowd(place, tuple(names), tuple(spots), tuple(moods))


def crowd_picture(crowd: Crowd) -> np.ndarray:
    """The picture of a crowd, uint8 (192, 192, 3)."""
    if not crowd.moods:
        image = Image.new("RGB", (SIZE, SIZE))
        draw = ImageDraw.Draw(image)
        things.paint_place(draw, crowd.place, SIZE, 74)
        for name, (x, y) in zip(crowd.names, crowd.spots, strict=True):
            things.paint_object(draw, name, x, y)
        return np.asarray(image)
    image = Image.new("RGB", (WIDE, WIDE))
    draw = ImageDraw.Draw(image)
    things.paint_place(draw, crowd.place, WIDE, 150)
    standing = sorted(
        zip(crowd.spots, crowd.names, crowd.moods, strict=True), key=lambda row: row[0][1]
    )
    for (x, y), species, mood in standing:
        character.paint(draw, Scene(species, crowd.place, "stands", mood), x, y)
    return np.asarray(image.reduce(2))


def panels_picture(scenes: Sequence[Scene]) -> np.ndarray:
    """Four scenes as one still of 2 x 2 panels, read by rows; uint8 (396, 396, 3)."""
    side = 2 * SIZE + 3 * RIM
    page = np.zeros((side, side, 3), np.uint8)
    for i, scene in enumerate(scenes):
        top, left = (RIM + (SIZE + RIM) * n for n in divmod(i, 2))
        page[top : top + SIZE, left : left + SIZE] = picture(replace(scene, bob=0))
    return page

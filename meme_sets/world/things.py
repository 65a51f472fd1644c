"""Places and objects of the rendered world."""

from collections.abc import Callable

from PIL.ImageDraw import ImageDraw

RADIUS = 15
"""Half the size of an object in pixels."""


def _room(d: ImageDraw, s: int, g: int) -> None:
    d.rectangle((0, 0, s, s), fill="#f3e3c3")
    d.rectangle((0, g - 8, s, s), fill="#b5804d")
    d.rectangle((12, 14, 62, 64), fill="#bfe6ff", outline="#8a5a2b", width=4)
    d.line((37, 14, 37, 64), fill="#8a5a2b", width=3)
    d.line((12, 39, 62, 39), fill="#8a5a2b", width=3)


def _beach(d: ImageDraw, s: int, g: int) -> None:
    d.rectangle((0, 0, s, s), fill="#9fdcff")
    d.rectangle((0, g - 40, s, s), fill="#2f8fd0")
    d.rectangle((0, g - 14, s, s), fill="#f2d58a")
    d.ellipse((150, 8, 182, 40), fill="#ffd23f")


def _forest(d: ImageDraw, s: int, g: int) -> None:
    d.rectangle((0, 0, s, s), fill="#d6f0d0")
    for x in (6, 48, 118, 160):
        d.rectangle((x + 10, g - 40, x + 18, g), fill="#6d4522")
        d.polygon([(x - 8, g - 34), (x + 14, g - 112), (x + 36, g - 34)], fill="#2e7d32")
    d.rectangle((0, g - 10, s, s), fill="#6aa84f")


def _city(d: ImageDraw, s: int, g: int) -> None:
    d.rectangle((0, 0, s, s), fill="#1d2450")
    for x, h in ((0, 90), (42, 60), (112, 76), (154, 104)):
        d.rectangle((x, g - h, x + 38, g), fill="#4a4f6a")
        for wy in range(g - h + 8, g - 14, 18):
            for wx in (x + 6, x + 22):
                d.rectangle((wx, wy, wx + 8, wy + 8), fill="#ffe066")
    d.rectangle((0, g - 8, s, s), fill="#30343f")


def _snow(d: ImageDraw, s: int, g: int) -> None:
    d.rectangle((0, 0, s, s), fill="#c9d6e8")
    d.polygon([(-10, g), (50, g - 90), (110, g)], fill="#8fa3bd")
    d.polygon([(32, g - 64), (50, g - 90), (68, g - 64)], fill="#ffffff")
    d.rectangle((0, g - 12, s, s), fill="#ffffff")
    for i in range(14):
        x, y = (i * 53) % s, (i * 37) % (g - 20)
        d.ellipse((x, y, x + 5, y + 5), fill="#ffffff")


PLACES: dict[str, Callable[[ImageDraw, int, int], None]] = {
    "room": _room,
    "beach": _beach,
    "forest": _forest,
    "city": _city,
    "snow": _snow,
}


def paint_place(d: ImageDraw, place: str, size: int, ground: int) -> None:
    """Fill a square of ``size`` pixels with a background whose ground lies at y = ``ground``."""
    PLACES[place](d, size, ground)


def _ball(d: ImageDraw, x: float, y: float) -> None:
    d.ellipse((x - 14, y - 14, x + 14, y + 14), fill="#e53935", outline="black")
    d.chord((x - 14, y - 14, x + 14, y + 14), 60, 120, fill="#ffffff")
    d.chord((x - 14, y - 14, x + 14, y + 14), 240, 300, fill="#ffffff")


def _apple(d: ImageDraw, x: float, y: float) -> None:
    d.ellipse((x - 13, y - 9, x + 3, y + 14), fill="#7cb342", outline="black")
    d.ellipse((x - 3, y - 9, x + 13, y + 14), fill="#7cb342", outline="black")
    d.rectangle((x - 8, y - 6, x + 8, y + 11), fill="#7cb342")
    d.line((x, y - 7, x + 3, y - 15), fill="#5d3a1a", width=3)


def _fish(d: ImageDraw, x: float, y: float) -> None:
    d.ellipse((x - 15, y - 8, x + 8, y + 8), fill="#1e88e5", outline="black")
    d.polygon([(x + 5, y), (x + 15, y - 10), (x + 15, y + 10)], fill="#1e88e5", outline="black")
    d.ellipse((x - 11, y - 4, x - 7, y), fill="white")


def _cake(d: ImageDraw, x: float, y: float) -> None:
    d.rectangle((x - 14, y - 2, x + 14, y + 14), fill="#f8bbd0", outline="black")
    d.rectangle((x - 14, y + 4, x + 14, y + 8), fill="#8d4b2a")
    d.rectangle((x - 2, y - 11, x + 2, y - 2), fill="#fff176", outline="black")
    d.ellipse((x - 3, y - 16, x + 3, y - 10), fill="#ff6f00")


def _gift(d: ImageDraw, x: float, y: float) -> None:
    d.rectangle((x - 13, y - 9, x + 13, y + 14), fill="#8e24aa", outline="black")
    d.rectangle((x - 3, y - 9, x + 3, y + 14), fill="#ffd54f")
    d.polygon([(x, y - 9), (x - 11, y - 15), (x - 9, y - 7)], fill="#ffd54f", outline="black")
    d.polygon([(x, y - 9), (x + 11, y - 15), (x + 9, y - 7)], fill="#ffd54f", outline="black")


def _book(d: ImageDraw, x: float, y: float) -> None:
    d.polygon(
        [(x, y - 8), (x - 15, y - 12), (x - 15, y + 9), (x, y + 13)],
        fill="#00897b",
        outline="black",
    )
    d.polygon(
        [(x, y - 8), (x + 15, y - 12), (x + 15, y + 9), (x, y + 13)],
        fill="#4db6ac",
        outline="black",
    )


def _flower(d: ImageDraw, x: float, y: float) -> None:
    d.line((x, y, x, y + 15), fill="#2e7d32", width=4)
    for dx, dy in ((-7, -5), (7, -5), (0, -12), (-5, 3), (5, 3)):
        d.ellipse((x + dx - 5, y + dy - 5, x + dx + 5, y + dy + 5), fill="#fdd835", outline="black")
    d.ellipse((x - 4, y - 8, x + 4, y), fill="#6d4c41")


def _cup(d: ImageDraw, x: float, y: float) -> None:
    d.ellipse((x + 4, y - 6, x + 16, y + 8), outline="black", width=4)
    d.polygon(
        [(x - 13, y - 11), (x + 9, y - 11), (x + 6, y + 13), (x - 10, y + 13)],
        fill="white",
        outline="black",
    )
    d.ellipse((x - 13, y - 14, x + 9, y - 8), fill="#6d4c41", outline="black")


OBJECTS: dict[str, Callable[[ImageDraw, float, float], None]] = {
    "ball": _ball,
    "apple": _apple,
    "fish": _fish,
    "cake": _cake,
    "gift": _gift,
    "book": _book,
    "flower": _flower,
    "cup": _cup,
}


def paint_object(d: ImageDraw, name: str, x: float, y: float) -> None:
    """Paint an object with its centre at (x, y) in pixels."""
    OBJECTS[name](d, x, y)

"""A clip while it is drawn: its ground, the words on it, and when each can be read in full."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.keyframes_backgrounds import BACKGROUNDS
from benchmarks.keyframes_render import HANZI, WORDS
from memeprobe.fonts import font


@dataclass
class Film:
    """A clip while it is drawn."""

    rng: np.random.Generator
    size: tuple[int, int]
    pictures: list[np.ndarray] = field(default_factory=list)
    shown: dict[str, list[int]] = field(default_factory=dict)

    def write(self, text: str, at: tuple[float, float], points: int, **look: object) -> None:
        """Letters with a black outline, their middle at ``at`` (shares of the picture), on the
        last picture. ``alpha`` 0 to 1, ``ink`` a colour, ``inks`` a colour for each letter."""
        image = Image.fromarray(self.pictures[-1])
        layer = image.copy()
        pen = ImageDraw.Draw(layer)
        letters = font(max(points, 3))
        x, y = at[0] * self.size[0], at[1] * self.size[1]
        stroke = max(points // 12, 1)
        inks = look.get("inks") or [look.get("ink", "white")] * len(text)
        assert isinstance(inks, list)
        left = x - letters.getlength(text) / 2
        for i in range(len(text)):
            place = (left + letters.getlength(text[:i]), y)
            pen.text(place, text[i], "black", letters, "lm", stroke_width=stroke)
        for i, ink in enumerate(inks):
            place = (left + letters.getlength(text[:i]), y)
            pen.text(place, text[i], ink, letters, "lm")
        alpha = float(str(look.get("alpha", 1.0)))
        self.pictures[-1] = np.asarray(Image.blend(image, layer, alpha))

    def says(self, text: str) -> None:
        """The last picture shows this text in full."""
        self.shown.setdefault(text, []).append(len(self.pictures) - 1)


def background(film: Film, still: float = 0.6) -> Callable[[int], np.ndarray]:
    """A background: with probability ``still`` it does not move."""
    names = ["clouds", "shapes", "blank", "zoom"]
    draw = BACKGROUNDS[names[int(film.rng.integers(len(names)))]](film.rng, film.size)
    fixed = film.rng.random() < still
    return lambda i: draw(7 if fixed else i).copy()


def phrase(film: Film, longest: int = 7) -> str:
    if film.rng.random() < 0.5:
        return "".join(film.rng.choice(list(HANZI), int(film.rng.integers(3, longest + 1))))
    words = film.rng.choice(WORDS, int(film.rng.integers(2, 4)), replace=False)
    return " ".join(words).upper()


def letter_size(film: Film, text: str, most: float = 0.16) -> int:
    points = int(most * film.size[1])
    while points > 12 and font(points).getlength(text) > 0.86 * film.size[0]:
        points -= 1
    return points

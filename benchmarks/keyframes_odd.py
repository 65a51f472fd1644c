"""Rendered clips of odd kinds for the keyframe benchmark: bilingual subtitles, mixed scripts, faint
letters, dithered palettes, tiny and large pictures, hundreds of frames, a first frame without a
picture.

Families of their own, so that the seeds of ``keyframes_families`` go on giving the same clips.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.keyframes_families import FamilyClip, finished
from benchmarks.keyframes_film import Film, background, letter_size, phrase
from benchmarks.keyframes_render import HANZI, WORDS, encoded
from memeprobe.fonts import font

Say = Callable[[Film, int], "tuple[str, Callable[[], None]]"]
"""(film, number) -> a text, and what writes it on the last picture."""
COLOURS = 16
"""Of a dithered palette."""


def _one_after_another(
    film: Film, say: Say, count: tuple[int, int] = (2, 5), hold: tuple[int, int] = (12, 26)
) -> None:
    """Texts one after another, with pauses between some."""
    ground = background(film)
    for number in range(int(film.rng.integers(count[0], count[1] + 1))):
        for _ in range(int(film.rng.integers(0, 6))):
            film.pictures.append(ground(len(film.pictures)))
        text, write = say(film, number)
        for _ in range(int(film.rng.integers(*hold))):
            film.pictures.append(ground(len(film.pictures)))
            write()
            film.says(text)


def _hanzi(film: Film, least: int, most: int) -> str:
    return "".join(film.rng.choice(list(HANZI), int(film.rng.integers(least, most + 1))))


def _words(film: Film, count: int) -> str:
    return " ".join(film.rng.choice(WORDS, count, replace=False))


def _plain(film: Film, _: int) -> tuple[str, Callable[[], None]]:
    text = phrase(film)
    points = letter_size(film, text)
    return text, lambda: film.write(text, (0.5, 0.82), points)


def _bilingual(film: Film, _: int) -> tuple[str, Callable[[], None]]:
    above, below = _hanzi(film, 4, 9), _words(film, 3).capitalize()
    high, low = letter_size(film, above, 0.13), letter_size(film, below, 0.085)

    def write() -> None:
        film.write(above, (0.5, 0.76), high)
        film.write(below, (0.5, 0.9), low)

    return f"{above}\n{below}", write


def _mixed(film: Film, _: int) -> tuple[str, Callable[[], None]]:
    number = str(int(film.rng.integers(2, 100)))
    parts = [_hanzi(film, 2, 3), _words(film, 1), number, _hanzi(film, 1, 2)]
    text = "".join(parts)
    points = letter_size(film, text)
    return text, lambda: film.write(text, (0.5, 0.82), points)


def _faint(film: Film, _: int) -> tuple[str, Callable[[], None]]:
    """Letters without an outline, 40 to 60 of 255 lighter or darker than a flat band."""
    text = phrase(film)
    points = letter_size(film, text)
    level = int(film.rng.integers(90, 170))
    ink = level + int(film.rng.choice([-1, 1])) * int(film.rng.integers(40, 61))

    def write() -> None:
        image = Image.fromarray(film.pictures[-1])
        pen, foot = ImageDraw.Draw(image), 0.82 * film.size[1]
        pen.rectangle((0, foot - points, film.size[0], foot + points), fill=(level,) * 3)
        pen.text((film.size[0] / 2, foot), text, (ink,) * 3, font(points), "mm")
        film.pictures[-1] = np.asarray(image)

    return text, write


def _blank_first(film: Film) -> None:
    shade = int(film.rng.choice([0, 255]))
    flat = np.full((film.size[1], film.size[0], 3), shade, np.uint8)
    film.pictures += [flat] * int(film.rng.integers(1, 4))
    _one_after_another(film, _plain)


def _frames_400(film: Film) -> None:
    _one_after_another(film, _plain, (5, 8), (12, 40))
    ground = background(film)
    film.pictures += [ground(i) for i in range(400 - len(film.pictures))]


def _dithered(pictures: list[np.ndarray], delays: list[int]) -> bytes:
    """A GIF of COLOURS colours with error diffusion."""
    sheet = Image.fromarray(np.concatenate(pictures[:: max(len(pictures) // 8, 1)]))
    palette = sheet.quantize(COLOURS)
    frames = [
        Image.fromarray(p).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        for p in pictures
    ]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=delays, loop=0)
    return file.getvalue()


def _tell(say: Say) -> Callable[[Film], None]:
    return lambda film: _one_after_another(film, say)


Row = tuple[Callable[[Film], None], tuple[int, int], Callable[[list[np.ndarray], list[int]], bytes]]
ODD: dict[str, Row] = {
    "bilingual": (_tell(_bilingual), (320, 220), encoded),
    "mixed scripts": (_tell(_mixed), (300, 200), encoded),
    "low contrast": (_tell(_faint), (300, 200), encoded),
    "dithered palette": (_tell(_plain), (280, 200), _dithered),
    "under 100 px": (_tell(_plain), (96, 84), encoded),
    "over 1000 px": (_tell(_plain), (1120, 640), encoded),
    "400 frames": (_frames_400, (240, 180), encoded),
    "blank first frame": (_blank_first, (260, 190), encoded),
}
"""Name -> (draws the clip, its size, how it is written as a file)."""


def make_odd(family: str, seed: int) -> FamilyClip:
    """One clip of a row of ODD."""
    rng = np.random.default_rng([1000 + list(ODD).index(family), seed])
    play, size, written = ODD[family]
    film = Film(rng, size)
    play(film)
    return finished(film, int(rng.choice([40, 60, 80, 100])), written)

"""Rendered clips for the keyframe benchmark, one family for each way in which a text or a picture
changes over time, with the frames in which each text stands in full.

A family and a seed give the same clip again, so that a policy can be tuned on some seeds and
judged on others.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.keyframes_backgrounds import BACKGROUNDS
from benchmarks.keyframes_film import Film, background, letter_size, phrase
from benchmarks.keyframes_render import encoded
from memeprobe.fonts import font

Spans = list[tuple[int, int]]


@dataclass
class FamilyClip:
    """A GIF file, and the times in which each of its texts can be read in full."""

    data: bytes
    texts: dict[str, Spans]
    """Text -> [start, end) in ms. Equal frames become one in the file, so frames do not count."""


def make(family: str, seed: int) -> FamilyClip:
    """One clip of a row of FAMILIES."""
    rng = np.random.default_rng([sorted(FAMILIES).index(family), seed])
    film = Film(rng, (int(rng.integers(200, 321)), int(rng.integers(160, 241))))
    FAMILIES[family](film)
    return finished(film, int(rng.choice([40, 50, 60, 70, 80, 100])), encoded)


def finished(
    film: Film, delay: int, written: Callable[[list[np.ndarray], list[int]], bytes]
) -> FamilyClip:
    """A film as a file, each picture for ``delay`` ms, with when its texts show."""
    texts = {
        text: [(first * delay, (last + 1) * delay) for first, last in _spans(places)]
        for text, places in film.shown.items()
    }
    return FamilyClip(written(film.pictures, [delay] * len(film.pictures)), texts)


def _spans(places: list[int]) -> Spans:
    """[first, last] of each run of places that follow each other."""
    found: Spans = []
    for at in places:
        if found and found[-1][1] == at - 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


Draw = Callable[[Film, str, int, float], bool]
"""(film, text, points, share of the caption's time gone) -> whether it stands in full."""


def _captions(
    draw: Draw, count: tuple[int, int] = (1, 4), hold: tuple[int, int] = (14, 30)
) -> "Callable[[Film], None]":
    """Captions one after another, each drawn by ``draw``, with pauses between some."""

    def play(film: Film) -> None:
        ground = background(film)
        for number in range(int(film.rng.integers(count[0], count[1] + 1))):
            text = phrase(film)
            points = letter_size(film, text)
            pause = int(film.rng.integers(0, 6)) if number or film.rng.random() < 0.7 else 0
            for _ in range(pause):
                film.pictures.append(ground(len(film.pictures)))
            length = int(film.rng.integers(*hold))
            for i in range(length):
                film.pictures.append(ground(len(film.pictures)))
                if draw(film, text, points, i / max(length - 1, 1)):
                    film.says(text)
        if len(film.pictures) < 12:
            film.pictures += [ground(len(film.pictures)) for _ in range(6)]

    return play


def _zoom(film: Film, text: str, points: int, at: float) -> bool:
    size = min(1.0, 0.08 + at * 1.6)
    film.write(text, (0.5, 0.75), int(points * size))
    return size > 0.85


def _slide(film: Film, text: str, points: int, at: float) -> bool:
    x = 0.5 + 1.2 * max(0.0, 0.45 - at) / 0.45
    film.write(text, (x, 0.8), points)
    half = font(points).getlength(text) / 2 / film.size[0]
    return x + half < 0.99


def _type(film: Film, text: str, points: int, at: float) -> bool:
    shown = text[: max(1, min(len(text), int(1 + at * 1.7 * len(text))))]
    left = 0.5 - font(points).getlength(text) / 2 / film.size[0]
    film.write(shown, (left + font(points).getlength(shown) / 2 / film.size[0], 0.8), points)
    return shown == text


def _shake(film: Film, text: str, points: int, at: float) -> bool:
    dx, dy = film.rng.normal(0, 0.012, 2)
    film.write(text, (0.5 + float(dx), 0.7 + float(dy)), points)
    return True


def _fade(film: Film, text: str, points: int, at: float) -> bool:
    alpha = min(1.0, 2.5 * at, 2.5 * (1 - at))
    film.write(text, (0.5, 0.8), points, alpha=alpha)
    return alpha > 0.75


def _karaoke(film: Film, text: str, points: int, at: float) -> bool:
    sung = int(at * len(text))
    film.write(text, (0.5, 0.85), points, inks=["#ff40a0"] * sung + ["white"] * (len(text) - sung))
    return True


def _moving(film: Film, text: str, points: int, at: float) -> bool:
    x, y = 0.5 + 0.12 * np.sin(5 * at), 0.35 + 0.3 * at
    centre = (int(x * film.size[0]), int((y + 0.17) * film.size[1]))
    picture = film.pictures[-1] = film.pictures[-1].copy()
    cv2.circle(picture, centre, film.size[1] // 9, (230, 120, 40), -1)
    film.write(text, (x, y), int(0.8 * points))
    half = 0.4 * font(points).getlength(text) / film.size[0]
    return bool(x - half > 0.0 and x + half < 1.0)


def _blink(film: Film, text: str, points: int, at: float) -> bool:
    on = len(film.pictures) % 6 < 3
    if on:
        film.write(text, (0.5, 0.8), points)
    return on


def _brief(film: Film, text: str, points: int, at: float) -> bool:
    film.write(text, (0.5, 0.8), points)
    return True


def _scroll(film: Film) -> None:
    """A line wider than the picture runs through it: one text, seen in part."""
    ground = background(film)
    text = phrase(film, 7) + " " + phrase(film, 7) + " " + phrase(film, 7)
    points, length = int(0.13 * film.size[1]), int(film.rng.integers(40, 70))
    half = font(points).getlength(text) / 2 / film.size[0]
    for i in range(length):
        film.pictures.append(ground(i))
        x = 1.0 + half - (i / length) * (1.0 + 2 * half)
        film.write(text, (x, 0.88), points)
        if x - half < 0.5 < x + half:
            film.says(text)


def _danmaku(film: Film) -> None:
    """Lines that run over the picture at their own speeds, several at a time."""
    ground, points = background(film), int(0.11 * film.size[1])
    length = int(film.rng.integers(50, 90))
    lines = [
        (
            phrase(film, 6),
            int(film.rng.integers(0, int(0.6 * length))),
            lane,
            film.rng.uniform(20, 34),
        )
        for lane in range(int(film.rng.integers(3, 6)))
    ]
    for i in range(length):
        film.pictures.append(ground(i))
        for text, start, lane, stay in lines:
            half = font(points).getlength(text) / 2 / film.size[0]
            x = 1.0 + half - (i - start) / stay * (1.0 + 2 * half)
            if -half < x < 1.0 + half and i >= start:
                film.write(text, (x, 0.1 + 0.16 * lane), points)
                if x - half > 0.01 and x + half < 0.99:
                    film.says(text)


def _two(film: Film) -> None:
    """A line at the top and one at the foot, each with its own times."""
    ground, length = background(film), int(film.rng.integers(50, 90))
    parts = []
    for y in (0.12, 0.86):
        at = int(film.rng.integers(0, 8))
        while at < length - 8:
            stay = int(film.rng.integers(10, 26))
            parts.append((phrase(film), y, at, min(at + stay, length)))
            at += stay + int(film.rng.integers(0, 8))
    for i in range(length):
        film.pictures.append(ground(i))
        for text, y, first, end in parts:
            if first <= i < end:
                film.write(text, (0.5, y), letter_size(film, text, 0.13))
                film.says(text)


def _cuts(film: Film) -> None:
    """Scenes without text."""
    for _ in range(int(film.rng.integers(3, 9))):
        ground = background(film, 0.3)
        start = int(film.rng.integers(500))
        film.pictures += [ground(start + i) for i in range(int(film.rng.integers(3, 20)))]


def _pan(film: Film) -> None:
    """A slow move over a scene."""
    draw = BACKGROUNDS["clouds"](film.rng, film.size)
    film.pictures += [draw(i).copy() for i in range(int(film.rng.integers(40, 90)))]


def _flashes(film: Film) -> None:
    """A moving scene in which single frames are white."""
    ground, length = background(film, 0.3), int(film.rng.integers(30, 70))
    white = set(film.rng.integers(0, length, 4).tolist())
    for i in range(length):
        picture = ground(i)
        film.pictures.append(np.full_like(picture, 255) if i in white else picture)


def _slow(film: Film) -> None:
    """One scene turns into another over the whole clip."""
    a, b = (background(film, 1.0)(3) for _ in range(2))
    length = int(film.rng.integers(30, 80))
    for i in range(length):
        film.pictures.append(cv2.addWeighted(a, 1 - i / (length - 1), b, i / (length - 1), 0))


def _odd(film: Film) -> None:
    """A still with one frame that is another picture."""
    still, other = (background(film, 1.0)(3) for _ in range(2))
    length = int(film.rng.integers(20, 60))
    at = int(film.rng.integers(1, length))
    film.pictures += [other if i == at else still for i in range(length)]


FAMILIES: dict[str, Callable[[Film], None]] = {
    "zoom": _captions(_zoom),
    "slide": _captions(_slide),
    "typewriter": _captions(_type),
    "shake": _captions(_shake),
    "fade": _captions(_fade),
    "scroll": _scroll,
    "danmaku": _danmaku,
    "karaoke": _captions(_karaoke),
    "moving with a thing": _captions(_moving),
    "blinking": _captions(_blink),
    "two at once": _two,
    "brief": _captions(_brief, (3, 9), (1, 5)),
    "cuts": _cuts,
    "pan": _pan,
    "flashes": _flashes,
    "slow change": _slow,
    "one odd frame": _odd,
}
"""Name -> draws the clip. The last five hold no text."""

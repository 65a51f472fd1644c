"""Clips for the keyframe benchmark: brief captions on moving pictures, with known truth.

Hard on purpose: captions of 1 to 3 frames, up to 20 of them, uneven delays, up to 400 frames,
scene cuts, flashes, camera noise, shapes that move like captions. A seed family and a number
give the same clip again, so that a policy can be tuned on one family and judged on another.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.keyframes_backgrounds import BACKGROUNDS, repeating
from memeprobe.fonts import font

WORDS = [
    "no",
    "wait",
    "why",
    "me",
    "help",
    "this",
    "is",
    "fine",
    "not",
    "again",
    "look",
    "at",
    "him",
    "oh",
    "well",
    "the",
    "end",
    "good",
    "job",
    "what",
    "done",
    "never",
    "mind",
    "monday",
    "coffee",
    "run",
    "away",
    "cat",
    "dog",
    "nope",
    "finally",
    "bug",
    "fixed",
    "send",
    "it",
    "trust",
    "deploy",
    "on",
    "friday",
    "we",
    "are",
    "so",
    "back",
    "it",
    "over",
    "plot",
    "twist",
    "deal",
    "with",
    "five",
    "minutes",
    "later",
    "meanwhile",
    "wow",
    "such",
]
HANZI = (
    "你我他们今天不想上班加油太难了吃饭真的好香看见什么事情可以这个那里来去快乐一起睡觉老板工作"
    "猫狗飞走就是不要说话等下笑死别问再见谢谢明白完蛋成功失败努力放弃开心难过周末到家作业写完代码"
    "报错没有人知道为什么突然安静如果重新开始大家好请坐稳"
)
STYLES: tuple[tuple[str, str | None], ...] = (
    ("white", "black"),
    ("white", "black"),
    ("yellow", "black"),
    ("black", "white"),
    ("red", "white"),
    ("white", None),
    ("black", None),
)


@dataclass(frozen=True)
class RenderedClip:
    """A GIF file with the spans of time in which each caption shows."""

    data: bytes
    spans_ms: tuple[tuple[int, int], ...]
    """[start, end) of each caption."""
    texts: tuple[str, ...]
    background: str


def render(family: int, seed: int, film: list[np.ndarray] | None = None) -> RenderedClip:
    """One clip. ``film``, RGB frames without captions, replaces the drawn background."""
    rng = np.random.default_rng([family, seed])
    count = int(rng.choice([rng.integers(8, 40), rng.integers(40, 150), rng.integers(150, 401)]))
    size = (int(rng.integers(200, 321)), int(rng.integers(140, 261)))
    names = list(BACKGROUNDS)
    name = "film" if film else names[int(rng.integers(len(names)))]
    if film:
        size = (film[0].shape[1], film[0].shape[0])
    spans = _spans(rng, count)
    texts = _texts(rng, len(spans))
    delays = rng.choice([20, 30, 40, 50, 70, 100, 120, 200, 500], count)
    draw = repeating(film) if film else BACKGROUNDS[name](rng, size)
    caption = _caption_drawer(rng, size)
    noise = float(rng.choice([0, 0, 3, 8]))
    cuts = set(rng.integers(0, count, rng.integers(0, 4)).tolist())
    flashes = set(rng.integers(0, count, rng.integers(0, 3)).tolist())
    shift = 0
    pictures = []
    for index in range(count):
        shift += 997 if index in cuts else 0
        picture = draw(index + shift)
        if index in flashes:
            picture = cv2.addWeighted(picture, 0.3, np.full_like(picture, 255), 0.7, 0)
        for number, (first, last) in enumerate(spans):
            if first <= index <= last:
                picture = caption(picture, texts[number], number)
        if noise:
            grain = rng.normal(0, noise, picture.shape[:2])[..., None]
            picture = (picture + grain).clip(0, 255).astype(np.uint8)
        pictures.append(picture)
    starts = np.concatenate([[0], np.cumsum(delays)])
    truth = tuple((int(starts[a]), int(starts[b + 1])) for a, b in spans)
    return RenderedClip(encoded(pictures, delays.tolist()), truth, tuple(texts), name)


def _spans(rng: np.random.Generator, count: int) -> list[tuple[int, int]]:
    """[first, last] frames of up to 20 captions of 1 to 3 frames, some back to back."""
    wanted = int(rng.integers(1, 21))
    spans: list[tuple[int, int]] = []
    at = int(rng.integers(0, max(count // 3, 1)))
    room = count - at
    while at < count and len(spans) < wanted:
        length = int(rng.integers(1, 4))
        spans.append((at, min(at + length, count) - 1))
        gap = int(rng.integers(0, max(2 * (room - 2 * wanted) // wanted, 2)))
        at += length + (0 if rng.random() < 0.25 else gap)
    return spans


def _texts(rng: np.random.Generator, count: int) -> list[str]:
    """Captions that differ from each other; in one clip of five each one adds to the last."""
    chinese, growing = rng.random() < 0.5, rng.random() < 0.2
    texts: list[str] = []
    while len(texts) < count:
        if chinese:
            length = int(rng.integers(1, 9))
            text = "".join(rng.choice(list(HANZI), length))
        else:
            text = " ".join(rng.choice(WORDS, int(rng.integers(1, 5))))
            text = text.upper() if rng.random() < 0.5 else text
        if growing and texts and len(texts[-1]) < 12:
            text = texts[-1] + ("" if chinese else " ") + text[:4]
        if text not in texts:
            texts.append(text)
    return texts


def _caption_drawer(
    rng: np.random.Generator, size: tuple[int, int]
) -> Callable[[np.ndarray, str, int], np.ndarray]:
    """How one clip sets its captions: mostly one style and place, sometimes a new one each."""
    width, height = size
    restless = rng.random() < 0.3
    moods = [
        (STYLES[int(rng.integers(len(STYLES)))], rng.uniform(0.07, 0.15), rng.random(2))
        for _ in range(20)
    ]
    place = rng.choice(["bottom", "bottom", "top", "anywhere"])
    panel = rng.random() < 0.25

    def draw(picture: np.ndarray, text: str, number: int) -> np.ndarray:
        (fill, edge), scale, (x, y) = moods[number if restless else 0]
        points = max(int(scale * height), 13)
        while points > 9 and font(points).getlength(text) > 0.94 * width:
            points -= 1
        letters = font(points)
        outline = max(points // 12, 1) if edge else 0
        length = letters.getlength(text) + 2 * outline
        left = (width - length) / 2 if place != "anywhere" else x * max(width - length, 0)
        line = 1.5 * points
        top = {"bottom": height - line, "top": 2.0}.get(place, y * (height - line))
        image = Image.fromarray(picture)
        pen = ImageDraw.Draw(image)
        if panel or edge is None:
            ground = "white" if fill in ("black", "red") else "black"
            if panel or restless:
                pen.rectangle((left - 4, top, left + length + 4, top + line), fill=ground)
            elif edge is None:  # without a panel, plain letters need an outline to be legible
                edge, outline = ground, 1
        pen.text((left + outline, top), text, fill, letters, stroke_width=outline, stroke_fill=edge)
        return np.asarray(image)

    return draw


def encoded(pictures: list[np.ndarray], delays: list[int]) -> bytes:
    step = max(len(pictures) // 8, 1)
    sheet = Image.fromarray(np.concatenate(pictures[::step]))
    swatch = Image.new("RGB", (sheet.width, 64))
    for row, ink in enumerate(("white", "black", "yellow", "red")):
        swatch.paste(ink, (0, 16 * row, sheet.width, 16 * row + 16))
    palette = Image.fromarray(np.concatenate([sheet, swatch])).quantize(255)
    frames = [Image.fromarray(p).quantize(palette=palette) for p in pictures]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=delays, loop=0)
    return buffer.getvalue()

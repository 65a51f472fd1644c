"""What blip-nano is trained on: pictures and clips of the rendered world, with questions.

Everything is drawn on the fly from a seed; nothing is stored.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from meme_sets.world import questions as q
from meme_sets.world.draw import SIZE, PlacedDrawing, paint
from meme_sets.world.scene import Scene
from meme_sets.world.story import random_action, random_caption, random_scene, random_stages
from meme_sets.world.vocabulary import ACTIONS, MOODS, OBJECTS, SPECIES, Name, captions
from memeprobe.fonts import font

GLYPHS = sorted({c for lang in ("en", "zh") for text in captions(lang) for c in text if c != " "})
THINGS = [*SPECIES, *OBJECTS]
NEUTRAL_GREY = 128


@dataclass(frozen=True)
class Asked:
    """One question about a sequence of scenes, and its answer."""

    kind: str
    language: str
    question: str
    answer: str


def patch_labels(scene: Scene | None, placed: list[Any], side: int) -> np.ndarray:
    """What each of side x side patches shows: int64 (4, side, side).

    Rows: glyph, thing (species or object), action, mood; 0 = nothing there, -100 = do not ask.
    """
    labels = np.zeros((4, side, side), np.int64)
    labels[2:] = -100
    cell = SIZE / side
    centres = (np.arange(side) + 0.5) * cell
    for kind, name, (left, top, right, bottom) in placed:
        xs = (centres >= left) & (centres < right)
        ys = (centres >= top) & (centres < bottom)
        where = np.outer(ys, xs)
        if kind == "glyph":
            labels[0][where] = GLYPHS.index(name) + 1 if name in GLYPHS else -100
            continue
        if scene is None:
            continue
        labels[1][where] = THINGS.index(name) + 1
        if kind in ("body", "object"):
            labels[2][where] = list(ACTIONS).index(scene.action)
        if kind == "head" and scene.action != "sleeps":
            labels[3][where] = list(MOODS).index(scene.mood)
    return labels


def pixels(scene: Scene | None, size: int) -> tuple[np.ndarray, list[Any]]:
    """The picture as the model's processor will resize it, uint8 (size, size, 3), and its places.

    None stands for the neutral frame that the probes put in a slot's place.
    """
    if scene is None:
        return np.full((size, size, 3), NEUTRAL_GREY, np.uint8), []
    image, placed = paint(scene)
    small = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(small), placed.boxes


def letters(rng: random.Random, scene: Scene) -> Scene:
    """The scene under random glyphs: teaches reading letters rather than guessing words."""
    pool = GLYPHS if rng.random() < 0.6 else [g for g in GLYPHS if g.isascii()]
    return scene.with_caption("".join(rng.choice(pool) for _ in range(rng.randint(2, 6))))


def page(rng: random.Random, size: int) -> tuple[np.ndarray, list[Any]]:
    """Rows of random glyphs in caption style on a plain ground, as ``pixels`` gives a scene.

    Five times as many glyphs as a scene holds, so reading is learnt in fewer pictures.
    """
    strip = rng.random() < 0.4
    ground = (
        "white" if strip else rng.choice(("#f3e3c3", "#9fdcff", "#6aa84f", "#1d2450", "#b5804d"))
    )
    sheet = Image.new("RGB", (SIZE, SIZE), ground)
    draw, placed = ImageDraw.Draw(sheet), PlacedDrawing()
    pool = GLYPHS if rng.random() < 0.7 else [g for g in GLYPHS if g.isascii()]
    y = rng.randint(2, 14)
    while y < SIZE - 30:
        height = rng.randint(28, 42)
        face, x = font(height), float(rng.randint(2, 24))
        while x < SIZE - height:
            glyph = rng.choice(pool)
            style: dict[str, Any] = {} if strip else {"stroke_width": 2, "stroke_fill": "black"}
            draw.text(
                (x, y + height / 2),
                glyph,
                "black" if strip else "white",
                face,
                anchor="lm",
                **style,
            )
            width = face.getlength(glyph)
            placed.add("glyph", glyph, (x, y, x + width, y + height))
            x += width
        y += height + rng.randint(2, 16)
    small = sheet.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(small), placed.boxes


def single(rng: random.Random) -> Scene:
    """One scene for training on pictures."""
    return random_scene(rng, captioned=0.85)


def sequence(
    rng: random.Random, k: int, story: Sequence[Scene] | None = None
) -> list[Scene | None]:
    """``k`` frames of a story as the probes deliver them; None is a neutral frame.

    Mostly keyframes in order; else one scene among neutral frames, in any slot, or repeated.
    ``story``: at least four scenes to take them from, as they are; else they are made up.
    """
    mode = rng.random()
    if mode < 0.2:
        one = rng.choice(story) if story else single(rng)
        slots: list[Scene | None] = [None if mode < 0.15 else one] * k
        slots[rng.randrange(k)] = one
        return slots
    n = min(k, rng.choice((1, 2, 2, 3, 3, 4)))
    scenes = list(story[:n]) if story else random_stages(rng, n)
    counts = [1] * len(scenes)
    for _ in range(k - len(scenes)):
        counts[rng.randrange(len(counts))] += 1
    frames: list[Scene | None] = [
        s if story else replace(s, bob=rng.choice((0, 2, 4)))
        for s, n in zip(scenes, counts, strict=True)
        for _ in range(n)
    ]
    if rng.random() < 0.3 and k > 1:
        i = rng.randrange(k)
        gone = frames[i]
        frames[i] = None if gone is None or rng.random() < 0.5 else replace(gone, blank=True)
    return frames


def ask(rng: random.Random, frames: Sequence[Scene | None], n: int) -> list[Asked]:
    """Up to ``n`` different questions that the frames answer, in random language."""
    seen = [s for s in frames if s is not None and not s.blank]
    if not seen:
        return []
    asked: list[tuple[str, Name | None, Name]] = []
    for kind, question in q.QUESTIONS.items():
        answer = question.answer(seen)
        if answer is not None and answer.en:
            asked.append((kind, None, answer))
    # What the object is comes last of all: it is small, and half of the actions hide part of it.
    about_object = [a for a in asked if a[0] == "object"]
    # Order questions are the hardest: when there are any, ask them often.
    picks = rng.sample(asked, min(n, len(asked)))
    if about_object and about_object[0] not in picks and rng.random() < 0.4:
        picks[0] = about_object[0]
    afters = q.after(seen)
    if afters and len(picks) > 1 and rng.random() < 0.5:
        action, answer = rng.choice(afters)
        picks[-1] = ("after", action, answer)
    return [_worded(rng, seen[0], *pick) for pick in picks]


def ordered(rng: random.Random, k: int, story: Sequence[Scene]) -> list[Scene | None]:
    """``k`` frames, at least 3, that hold three or four scenes of a story in order, some longer."""
    n = min(k, rng.choice((3, 3, 4)))
    counts = [1] * n
    for _ in range(k - n):
        counts[rng.randrange(n)] += 1
    return [s for s, count in zip(story, counts, strict=False) for _ in range(count)]


def ask_order(rng: random.Random, frames: Sequence[Scene | None], n: int) -> list[Asked]:
    """Up to ``n`` questions of what comes after what, about different actions of one clip.

    Asked all at once, because an answer that ignores the question ("what happens last") is right
    for one of them only; asked one at a time it is right so often that nothing better is learnt.
    """
    seen = [s for s in frames if s is not None and not s.blank]
    afters = q.after(seen)
    picks = rng.sample(afters, min(n, len(afters)))
    return [_worded(rng, seen[0], "after", *pick) for pick in picks]


def _worded(
    rng: random.Random, scene: Scene, kind: str, action: Name | None, answer: Name
) -> Asked:
    language = rng.choice(("en", "zh"))
    text = q.wording(kind, language, scene, action)
    return Asked(kind, language, text, getattr(answer, language))


__all__ = [
    "Asked",
    "ask",
    "letters",
    "patch_labels",
    "pixels",
    "random_action",
    "random_caption",
    "sequence",
    "single",
]

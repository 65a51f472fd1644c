"""Stories of the rendered world: a few stages, each held for some frames of uneven length."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from meme_sets.world.draw import picture
from meme_sets.world.scene import CAPTION_STYLES, Scene
from meme_sets.world.vocabulary import (
    ACTIONS,
    MOODS,
    OBJECT_ACTIONS,
    OBJECTS,
    PLACES,
    SPECIES,
    captions,
)

DELAYS_MS = (50, 70, 80, 100, 100, 120, 150, 200)
"""Delays as real GIFs have them."""


@dataclass(frozen=True)
class Moment:
    """One frame of a clip: its scene, and how long it shows in ms."""

    scene: Scene
    duration_ms: int


def random_caption(rng: random.Random) -> str:
    """A caption of the closed vocabulary, in either language."""
    return rng.choice(captions(rng.choice(("en", "zh"))))


def random_scene(rng: random.Random, captioned: float = 0.7, with_object: float = 0.7) -> Scene:
    """A scene drawn at random; ``captioned`` and ``with_object`` are probabilities."""
    thing = rng.choice(list(OBJECTS)) if rng.random() < with_object else None
    return Scene(
        species=rng.choice(list(SPECIES)),
        place=rng.choice(list(PLACES)),
        action=random_action(rng, thing),
        mood=rng.choice(list(MOODS)),
        object=thing,
        caption=random_caption(rng) if rng.random() < captioned else "",
        caption_style=rng.choice(CAPTION_STYLES),
        x=round(rng.uniform(0.42, 0.58), 2),
    )


def random_action(rng: random.Random, thing: str | None, but: Sequence[str] = ()) -> str:
    """An action that is possible with or without an object, none of ``but``."""
    possible = [a for a in ACTIONS if (thing or a not in OBJECT_ACTIONS) and a not in but]
    if thing and rng.random() < 0.65:
        possible = [a for a in possible if a in OBJECT_ACTIONS] or possible
    return rng.choice(possible)


def random_stages(rng: random.Random, n: int) -> list[Scene]:
    """``n`` stages of one story: same character, place and object; action, mood, caption change."""
    first = random_scene(rng)
    scenes = [first]
    change_caption = rng.random() < 0.5
    change_action = rng.random() < 0.8 or not change_caption
    for _ in range(n - 1):
        last = scenes[-1]
        scenes.append(
            replace(
                last,
                action=random_action(rng, last.object, [last.action])
                if change_action
                else last.action,
                mood=rng.choice(list(MOODS)) if rng.random() < 0.5 else last.mood,
                caption=(random_caption(rng) if rng.random() < 0.75 else "")
                if change_caption
                else last.caption,
            )
        )
    return scenes


def play(
    rng: random.Random,
    stages: Sequence[Scene],
    frames: tuple[int, int] = (3, 8),
    blank_start: bool = False,
) -> list[Moment]:
    """The stages as frames: each stage ``frames`` (least, most) long, bobbing a little, with
    uneven delays; ``blank_start`` puts one blank frame before them."""
    moments = [Moment(replace(stages[0], blank=True), rng.choice(DELAYS_MS))] if blank_start else []
    for scene in stages:
        for i in range(rng.randint(*frames)):
            bob = (0, 2, 4, 2)[i % 4]
            moments.append(Moment(replace(scene, bob=bob), rng.choice(DELAYS_MS)))
    return moments


def pictures(moments: Sequence[Moment]) -> list[np.ndarray]:
    """Each moment's picture, uint8 (192, 192, 3)."""
    return [picture(m.scene) for m in moments]

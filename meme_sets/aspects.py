"""What a question can be about: how a value of it enters a scene, and what it is called."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from meme_sets.world import questions as q
from meme_sets.world.scene import CAPTION_STYLES, Scene
from meme_sets.world.vocabulary import ACTIONS, MOODS, TOPIC_OF, TOPICS, Name

SILENT = ""
"""The value of the aspects caption and topic that stands for no caption."""

FACE_ACTIONS = ("stands", "waves", "jumps", "dances", "holds", "throws", "kicks", "drops")
"""Actions that leave eyes and mouth to be seen, for questions about the mood."""

HIGH_ACTIONS = ("jumps", "balances")
"""Actions that reach to where a caption at the top would stand."""


@dataclass(frozen=True)
class Aspect:
    """One thing that a question can be about."""

    name: Callable[[str], Name]
    """Value -> option."""
    put: Callable[[Scene, str, random.Random], Scene]
    """The scene with this value."""


def _put_topic(scene: Scene, topic: str, rng: random.Random) -> Scene:
    """A caption on the topic, in the language of the scene's caption so far ('' = English)."""
    lang = "zh" if scene.caption in TOPIC_OF["zh"] else "en"
    on_it = [c for c, t in TOPIC_OF[lang].items() if t == topic]
    return scene.with_caption(rng.choice(on_it) if topic else SILENT)


ASPECTS = {
    "action": Aspect(lambda v: ACTIONS[v], lambda s, v, _: replace(s, action=v)),
    "mood": Aspect(lambda v: MOODS[v], lambda s, v, _: replace(s, mood=v)),
    "caption": Aspect(
        lambda v: Name(v, v) if v else q.NO_CAPTION, lambda s, v, _: s.with_caption(v)
    ),
    "topic": Aspect(lambda v: TOPICS[v] if v else q.NO_CAPTION, _put_topic),
}


def caption_styles(actions: Iterable[str]) -> list[str]:
    """The caption styles under which no character covers the caption while doing ``actions``."""
    high = any(a in HIGH_ACTIONS for a in actions)
    return [s for s in CAPTION_STYLES if not (high and s == "top")]


def answer(kind: str, scenes: list[Scene], action: Name | None = None) -> Name | None:
    """What the scenes, in this order, answer to a question of this kind; None = nothing.

    ``action`` is the one that a question of kind 'after' names.
    """
    if kind == "after":
        return next((then for first, then in q.after(scenes) if first == action), None)
    return q.QUESTIONS[kind].answer(scenes)

"""What can be asked about a sequence of scenes, with the answer that the sequence gives.

A question is one row: a name, its wording in English and Chinese, and a function from the
scenes that were shown (blank ones included, in the order shown) to the answer in each language,
or None where the question makes no sense for them.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from meme_sets.world.scene import Scene
from meme_sets.world.vocabulary import (
    ACTIONS,
    MOODS,
    OBJECTS,
    PLACES,
    SPECIES,
    TOPIC_OF,
    TOPICS,
    Name,
)

NO_CAPTION = Name("nothing", "没有字")

Answerer = Callable[[Sequence[Scene]], Name | None]


class Question(NamedTuple):
    """Wording in both languages; ``{s}`` stands for the species, ``{a}`` for an action."""

    en: str
    zh: str
    answer: Answerer


def _seen(scenes: Sequence[Scene]) -> list[Scene]:
    return [s for s in scenes if not s.blank]


def _at(index: int, name: Callable[[Scene], Name]) -> Answerer:
    """The name at one end of the clip (blank frames do not count)."""

    def answer(scenes: Sequence[Scene]) -> Name | None:
        seen = _seen(scenes)
        return name(seen[index]) if seen else None

    return answer


def _only(name: Callable[[Scene], Name]) -> Answerer:
    """The name, if the whole clip agrees on it."""

    def answer(scenes: Sequence[Scene]) -> Name | None:
        names = {name(s) for s in _seen(scenes)}
        return names.pop() if len(names) == 1 else None

    return answer


def _action(s: Scene) -> Name:
    return ACTIONS[s.action]


def _mood(s: Scene) -> Name:
    return MOODS[s.mood]


def _caption(s: Scene) -> Name:
    return Name(s.caption, s.caption) if s.caption else NO_CAPTION


def _topic(s: Scene) -> Name:
    for topics in TOPIC_OF.values():
        if s.caption in topics:
            return TOPICS[topics[s.caption]]
    return NO_CAPTION


def _object(s: Scene) -> Name:
    return OBJECTS[s.object] if s.object else Name("", "")


def _only_caption(scenes: Sequence[Scene]) -> Name | None:
    """The one caption of the clip, which may show late: frames without one do not count."""
    names = {_caption(s) for s in _seen(scenes) if s.caption} or {NO_CAPTION}
    return names.pop() if len(names) == 1 and _seen(scenes) else None


def _only_topic(scenes: Sequence[Scene]) -> Name | None:
    captioned = [s for s in _seen(scenes) if s.caption] or _seen(scenes)
    names = {_topic(s) for s in captioned}
    return names.pop() if len(names) == 1 else None


QUESTIONS: dict[str, Question] = {
    "who": Question("Who is in the picture?", "图里是谁？", _only(lambda s: SPECIES[s.species])),
    "object": Question("What object is there?", "图里有什么东西？", _only(_object)),
    "place": Question("Where is the {s}?", "{s}在哪里？", _only(lambda s: PLACES[s.place])),
    "action": Question("What does the {s} do?", "{s}在做什么？", _only(_action)),
    "action_first": Question("What does the {s} do first?", "{s}一开始在做什么？", _at(0, _action)),
    "action_end": Question(
        "What does the {s} do at the end?", "{s}最后做了什么？", _at(-1, _action)
    ),
    "mood": Question("How does the {s} feel?", "{s}心情怎么样？", _only(_mood)),
    "mood_end": Question(
        "How does the {s} feel at the end?", "{s}最后心情怎么样？", _at(-1, _mood)
    ),
    "caption": Question("What does the caption say?", "图上写了什么字？", _only_caption),
    "caption_end": Question(
        "What does the caption say at the end?", "最后图上写了什么字？", _at(-1, _caption)
    ),
    "topic": Question("What is the caption about?", "图上的字和什么有关？", _only_topic),
    "topic_end": Question(
        "What is the caption about at the end?", "最后图上的字和什么有关？", _at(-1, _topic)
    ),
}

AFTER = Name("What does the {s} do after it {a}?", "{s}{a}之后做了什么？")
"""The order question; its answer needs the sequence, see ``after``."""


def stages(scenes: Sequence[Scene]) -> list[Scene]:
    """The scenes without blanks, repeats of the same action, mood and caption taken together."""
    kept: list[Scene] = []
    for s in _seen(scenes):
        if not kept or (s.action, s.mood, s.caption) != (
            kept[-1].action,
            kept[-1].mood,
            kept[-1].caption,
        ):
            kept.append(s)
    return kept


def after(scenes: Sequence[Scene]) -> list[tuple[Name, Name]]:
    """Every (action, what comes next) of the clip whose first part happens only once."""
    actions = [s.action for s in stages(scenes)]
    actions = [a for i, a in enumerate(actions) if i == 0 or a != actions[i - 1]]
    return [(ACTIONS[a], ACTIONS[b]) for a, b in pairwise(actions) if actions.count(a) == 1]


def wording(kind: str, language: str, scene: Scene, action: Name | None = None) -> str:
    """The question in 'en' or 'zh' about the scene's species (and, for 'after', its action)."""
    template = getattr(AFTER if kind == "after" else QUESTIONS[kind], language)
    names = {"s": getattr(SPECIES[scene.species], language)}
    if action is not None:
        names["a"] = getattr(action, language)
    return template.format(**names)

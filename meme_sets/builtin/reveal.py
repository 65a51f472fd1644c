"""The set ``reveal``: clips whose first frame suggests an answer that their end refutes.

Items come in quartets: four clips with the very same question and the same four options in the
same order, of which each option is right once. Whoever answers without looking, by position, by
word, or by any rule on the text, is therefore right in exactly one of four. In each clip another
of the options is the lure, shown by the first stage. Controls are quartets in which the thing
asked about never changes.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from meme_sets.aspects import ASPECTS, FACE_ACTIONS, SILENT, answer, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, span, texts
from meme_sets.format import Item, Suggestion, Text
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world import questions as q
from meme_sets.world.scene import Scene
from meme_sets.world.story import Moment, play, random_action, random_caption, random_scene
from meme_sets.world.vocabulary import ACTIONS, MOODS, SPECIES, TOPICS, captions

ABOUT: dict[str, object] = {
    "name": "reveal",
    "title": {"en": "The reveal at the end", "zh": "结尾的反转"},
    "description": {
        "en": "Short clips whose first frame suggests a wrong answer and whose end shows the right "
        "one, and controls in which nothing changes. Drawn by the project's own renderer.",
        "zh": "短动图：第一帧暗示错误答案，结尾才是正确答案；另有画面始终不变的对照组。"
        "由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = (
    # kind, quartets, quartets of controls
    ("action_end", 8, 3),
    ("after", 6, 0),
    ("mood_end", 5, 2),
    ("caption_end", 4, 2),
    ("topic_end", 2, 1),
)

ASPECT_OF = {
    "action_end": "action",
    "after": "action",
    "mood_end": "mood",
    "caption_end": "caption",
    "topic_end": "topic",
}


@dataclass(frozen=True)
class Quartet:
    """Four clips with one wording and one list of options."""

    kind: str
    control: bool
    number: int
    """Counts quartets of the set from 0."""
    values: tuple[str, ...]
    """The values of the aspect behind the four options."""
    base: Scene
    """What all four share: the species, since the question names it, and the caption's language."""
    between: str | None = None
    """For 'after': the action that the question names."""


class _Dealer:
    """Deals values and species to quartets, all equally often."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.species = Deck(rng, list(SPECIES))
        self.actions = Deck(rng, list(ACTIONS))
        self.moods = Deck(rng, list(MOODS))
        self.topics = Deck(rng, [SILENT, *TOPICS])
        self.words = {lang: Deck(rng, captions(lang)) for lang in ("en", "zh")}

    def captions(self, i: int) -> list[str]:
        """Four captions of one language; in the first two of four quartets one is 'none'."""
        silent = [SILENT] if i % 4 < 2 else []
        values = self.words[("en", "zh")[i % 2]].deal(4 - len(silent)) + silent
        self.rng.shuffle(values)
        return values


DEALS: dict[str, Callable[[_Dealer, int], list[str]]] = {
    "action_end": lambda d, _: d.actions.deal(4),
    "after": lambda d, _: d.actions.deal(5),
    "mood_end": lambda d, _: d.moods.deal(4),
    "caption_end": lambda d, i: d.captions(i),
    "topic_end": lambda d, _: d.topics.deal(4),
}
"""Kind -> the values of its i-th quartet; for 'after' the fifth is the action asked about."""


def quartets(variant: Variant) -> list[Quartet]:
    """All quartets of the set, in order: first those that mislead, then the controls."""
    shipped = {(False, kind): n for kind, n, _ in PLAN} | {(True, kind): n for kind, _, n in PLAN}
    plan = variant.groups(shipped, dict.fromkeys(shipped, 4))
    rng = variant.random("reveal")
    dealer = _Dealer(rng)
    made: list[Quartet] = []
    for (control, kind), count in plan.items():
        for i in range(count):
            values = DEALS[kind](dealer, i)
            base = random_scene(rng, captioned=0.0, with_object=1.0)
            lang = ("en", "zh")[(i + control) % 2]
            base = replace(base, species=dealer.species.deal(1)[0], caption=captions(lang)[0])
            made.append(Quartet(kind, control, len(made), tuple(values[:4]), base, *values[4:]))
    return made


def drafts_of(quartet: Quartet, variant: Variant) -> list[DraftItem]:
    """The four items of a quartet."""
    rng = variant.random("reveal", "quartet", quartet.number)
    return [_draft(quartet, gold, rng) for gold in range(4)]


def _draft(quartet: Quartet, gold: int, rng: random.Random) -> DraftItem:
    lure = (gold + 1 + quartet.number % 3) % 4
    path = [gold] if quartet.control else [lure, gold]
    if not quartet.control and quartet.kind in ("action_end", "mood_end") and rng.random() < 0.35:
        path.insert(1, rng.choice([i for i in range(4) if i not in path]))
    values = [quartet.values[i] for i in path]
    shown: list[int | None] = [*path]
    if quartet.between is not None:
        values.insert(1, quartet.between)
        shown.insert(1, None)
    stages = _stages(quartet, values, rng)
    blank = rng.random() < 0.15
    moments = play(rng, stages, (6, 9) if quartet.control else (4, 7), blank)
    item = _item(quartet, gold, None if quartet.control else lure, moments, shown)
    return DraftItem(item, tuple(moments))


def _stages(quartet: Quartet, values: Sequence[str], rng: random.Random) -> list[Scene]:
    """The stages of one clip: its own place, object and position; the quartet's species."""
    aspect = ASPECT_OF[quartet.kind]
    scene = random_scene(rng, captioned=0.0, with_object=1.0)
    scene = replace(scene, species=quartet.base.species, caption=quartet.base.caption)
    if aspect == "mood":
        scene = replace(scene, action=rng.choice(FACE_ACTIONS))
    elif "cries" in quartet.values:
        scene = replace(scene, mood="sad")
    stages = [ASPECTS[aspect].put(scene, v, rng) for v in values]
    if aspect in ("action", "mood"):
        stages = _captioned(stages, rng)
    elif len(stages) > 1 and rng.random() < 0.5:
        # The action changes along with the caption: a caption question must not be answerable
        # from the fact alone that something changes.
        stages[1] = replace(stages[1], action=random_action(rng, scene.object, [scene.action]))
    style = rng.choice(caption_styles(s.action for s in stages))
    return [replace(s, caption_style=style) for s in stages]


def _captioned(stages: list[Scene], rng: random.Random) -> list[Scene]:
    """Half the clips get a caption; in half of those with several stages it comes late."""
    text = random_caption(rng) if rng.random() < 0.5 else SILENT
    late = len(stages) > 1 and rng.random() < 0.5
    return [s.with_caption(SILENT if late and i == 0 else text) for i, s in enumerate(stages)]


def _item(
    quartet: Quartet,
    gold: int,
    lure: int | None,
    moments: Sequence[Moment],
    shown: Sequence[int | None],
) -> Item:
    """The item of a clip; what is right is computed from its scenes, in both directions."""
    scenes = [m.scene for m in moments]
    options = [ASPECTS[ASPECT_OF[quartet.kind]].name(v) for v in quartet.values]
    named = ACTIONS[quartet.between] if quartet.between else None
    right = answer(quartet.kind, scenes, named)
    if right != options[gold]:
        raise ValueError(f"quartet {quartet.number}: {right} is right, not {options[gold]}")
    backwards = answer(quartet.kind, scenes[::-1], named)
    stretches = _stretches(scenes)
    only = answer("caption", scenes)
    number = quartet.number * 4 + gold + 1
    return Item(
        id=f"reveal-{number:03d}",
        media=f"media/reveal-{number:03d}.gif",
        kind=quartet.kind,
        question=Text(
            **{lang: q.wording(quartet.kind, lang, quartet.base, named) for lang in ("en", "zh")}
        ),
        options=texts(options),
        gold=gold,
        lure=lure,
        decisive=span(moments, *stretches[-1]),
        caption=None if only is None else SILENT if only == q.NO_CAPTION else only.en,
        order=lure is not None and backwards == options[lure],
        control=quartet.control,
        cluster=f"reveal-{number:03d}",
        suggests=tuple(
            Suggestion(**span(moments, *stretch).model_dump(), option=option)
            for stretch, option in zip(stretches, shown, strict=True)
            if option is not None
        ),
        tags=_tags(scenes, len(stretches)),
    )


def _stretches(scenes: Sequence[Scene]) -> list[tuple[int, int]]:
    """First and last index of each stage; a blank frame belongs to none."""
    still = [replace(s, bob=0) for s in scenes]
    starts = [i for i, s in enumerate(still) if not s.blank and (i == 0 or s != still[i - 1])]
    return [(a, b - 1) for a, b in zip(starts, [*starts[1:], len(scenes)], strict=True)]


def _tags(scenes: Sequence[Scene], stages: int) -> tuple[str, ...]:
    tags = [f"stages:{stages}", f"style:{scenes[0].caption_style}"]
    if scenes[0].blank:
        tags.append("blank-start")
    seen = [s for s in scenes if not s.blank]
    if not seen[0].caption and any(s.caption for s in seen):
        tags.append("late-caption")
    return tuple(tags)


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    made = (d for quartet in quartets(variant) for d in drafts_of(quartet, variant))
    return SetDraft(ABOUT, tuple(made))

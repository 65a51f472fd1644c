"""The set ``captions``: pictures and clips in pairs that differ in nothing but the caption.

Items come in groups with the very same question and options in the same order, in which every
option is right equally often (none of them more than once in four), so whoever answers without
looking is right in exactly one of four. Inside a group, pairs show the same scene under two
captions; each member names the other's caption and the answer that it would make right.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from meme_sets.aspects import ASPECTS, SILENT, answer, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, span, texts
from meme_sets.format import Counterfactual, Item, Span, Suggestion, Text
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world import questions as q
from meme_sets.world.scene import CAPTION_STYLES, Scene
from meme_sets.world.story import Moment, play, random_action, random_scene
from meme_sets.world.vocabulary import TOPIC_OF, TOPICS, captions, non_words

ABOUT: dict[str, object] = {
    "name": "captions",
    "title": {"en": "One scene, two captions", "zh": "同一画面，两句配文"},
    "description": {
        "en": "Pictures and clips in pairs that differ only in the caption, which decides the "
        "answer; some captions are no words, some pictures have none. Drawn by the project's own "
        "renderer.",
        "zh": "成对的图片和动图：画面相同，只有配文不同，答案由配文决定；"
        "有些配文不是词，有些图没有配文。由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = {"silent": 3, "caption": 2, "topic": 4, "nonword": 2}
"""Kind and number of groups in each language."""
SIZES = {"silent": 2 * 8, "caption": 2 * 4, "topic": 2 * 4, "nonword": 2 * 4}
"""Items of a group, in both languages together."""

SPLITS = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))
"""Ways to make two pairs of four options."""


@dataclass(frozen=True)
class Group:
    """Items with one question and one list of options."""

    kind: str
    """'caption', 'topic' or 'nonword'; 'silent' is 'caption' with items that have no caption."""
    number: int
    language: str
    """The language of its captions."""
    shown: tuple[str, ...]
    """The caption behind each of the four options ('' = none)."""
    first: int
    """The number of its first item; items count from 1."""


def groups(variant: Variant) -> list[Group]:
    """All groups of the set, in order."""
    rng, plan = variant.random("captions"), variant.groups(PLAN, SIZES)
    made: list[Group] = []
    first = 1
    for lang in ("en", "zh"):
        words = Deck(rng, captions(lang))
        topics = Deck(rng, list(TOPICS))
        strange = Deck(rng, non_words(lang))
        for kind, n in plan.items():
            for _ in range(n):
                if kind == "silent":
                    shown = [*words.deal(3), SILENT]
                    rng.shuffle(shown)
                elif kind == "topic":
                    on = TOPIC_OF[lang]
                    shown = [
                        words.deal(1, [c for c, t in on.items() if t == topic])[0]
                        for topic in topics.deal(4)
                    ]
                else:
                    shown = (strange if kind == "nonword" else words).deal(4)
                made.append(Group(kind, len(made), lang, tuple(shown), first))
                first += sum(len(pair) for pair in _pairs(made[-1]))
    return made


def drafts_of(group: Group, variant: Variant) -> list[DraftItem]:
    """The items of a group, pair by pair."""
    rng = variant.random("captions", "group", group.number)
    drafts: list[DraftItem] = []
    for i, pair in enumerate(_pairs(group)):
        cluster = f"captions-{group.number:02d}-{i}"
        turn = group.number + i
        moments = _moments(rng, turn, captioned=len(pair) == 2)
        for gold in pair:
            other = next((o for o in pair if o != gold), None)
            shown = _under(moments, group.shown[gold])
            item = _item(group, shown, gold, other, f"captions-{group.first + len(drafts):03d}")
            drafts.append(DraftItem(item.model_copy(update={"cluster": cluster}), shown))
    return drafts


def _pairs(group: Group) -> Iterator[tuple[int, ...]]:
    """Which options are right in the clips of each scene; every option equally often in all.

    With a silent option: each two of the three captions, and twice the silent one alone.
    """
    if SILENT not in group.shown:
        yield from SPLITS[group.number % 3]
        return
    silent = group.shown.index(SILENT)
    a, b, c = (i for i in range(4) if i != silent)
    yield from ((a, b), (b, c), (c, a), (silent,), (silent,))


def _moments(rng: random.Random, turn: int, captioned: bool) -> list[Moment]:
    """A picture (one moment) or a clip by turns; '?' stands where the caption will be."""
    scene = random_scene(rng, captioned=0.0)
    stages = [scene]
    clip = turn % 2 == 1
    if clip and rng.random() < 0.7:
        action = random_action(rng, scene.object, [scene.action])
        stages.append(replace(scene, action=action))
    fitting = caption_styles(s.action for s in stages)
    style = CAPTION_STYLES[turn // 2 % 3]
    style = style if style in fitting else rng.choice(fitting)
    late = captioned and len(stages) > 1 and rng.random() < 0.5
    stages = [
        replace(s, caption_style=style, caption="?" if captioned and (i or not late) else SILENT)
        for i, s in enumerate(stages)
    ]
    if not clip:
        return [Moment(stages[0], 0)]
    return play(rng, stages, (4, 7), blank_start=rng.random() < 0.25)


def _under(moments: Sequence[Moment], caption: str) -> tuple[Moment, ...]:
    """The moments with the caption wherever they hold a place for one."""
    return tuple(
        replace(m, scene=m.scene.with_caption(caption if m.scene.caption else SILENT))
        for m in moments
    )


def _item(group: Group, moments: Sequence[Moment], gold: int, other: int | None, name: str) -> Item:
    """The item of a picture or clip; what is right is computed from its scenes."""
    scenes = [m.scene for m in moments]
    asked = "topic" if group.kind == "topic" else "caption"
    values = [TOPIC_OF[group.language][c] for c in group.shown] if asked == "topic" else group.shown
    options = [ASPECTS[asked].name(v) for v in values]
    right = answer(asked, scenes)
    if right != options[gold]:
        raise ValueError(f"group {group.number}: {right} is right, not {options[gold]}")
    silent = group.shown.index(SILENT) if SILENT in group.shown else None
    suggests, first = _suggestions(moments, gold, silent)
    clip = len(moments) > 1
    lure = silent if clip and first != gold else None
    return Item(
        id=name,
        media=f"media/{name}.{'gif' if clip else 'png'}",
        kind="uncaptioned" if gold == silent else "caption" if silent is not None else group.kind,
        question=Text(**{lang: q.wording(asked, lang, scenes[0]) for lang in ("en", "zh")}),
        options=texts(options),
        gold=gold,
        lure=lure,
        decisive=_decisive(suggests, gold) if clip and gold != silent else None,
        caption=group.shown[gold],
        counterfactual=None
        if other is None
        else Counterfactual(caption=group.shown[other], gold=other),
        control=first == gold,
        suggests=suggests,
        tags=_tags(group, scenes),
    )


def _suggestions(
    moments: Sequence[Moment], gold: int, silent: int | None
) -> tuple[tuple[Suggestion, ...], int | None]:
    """What the stretches without and with caption suggest, and what the first one does.

    A stretch without caption suggests 'nothing', if that is among the options.
    """
    if len(moments) == 1:
        return (), gold
    visible = [i for i, m in enumerate(moments) if not m.scene.blank]
    begin = visible[0]
    change = next((i for i in visible if moments[i].scene.caption), begin)
    parts = [(begin, change - 1, silent), (change, len(moments) - 1, gold)]
    parts = [(a, b, option) for a, b, option in parts if b >= a]
    made = tuple(
        Suggestion(**span(moments, a, b).model_dump(), option=option)
        for a, b, option in parts
        if option is not None
    )
    return made, parts[0][2]


def _decisive(suggests: Sequence[Suggestion], gold: int) -> Span:
    """The stretch that shows the right answer: the one with the caption."""
    last = next(s for s in suggests if s.option == gold)
    return Span(start_ms=last.start_ms, end_ms=last.end_ms)


def _tags(group: Group, scenes: Sequence[Scene]) -> tuple[str, ...]:
    tags = [f"caption:{group.language}", f"style:{scenes[0].caption_style}"]
    if scenes[0].blank:
        tags.append("blank-start")
    seen = [s for s in scenes if not s.blank]
    if not seen[0].caption and any(s.caption for s in seen):
        tags.append("late-caption")
    return tuple(tags)


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    made = (d for group in groups(variant) for d in drafts_of(group, variant))
    return SetDraft(ABOUT, tuple(made))

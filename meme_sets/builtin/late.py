"""The set ``late``: captions that show only at the end of a clip, for a fifth of it or less.

Quartets with one prompt, each option right once. In ``caption_late`` and ``topic_late`` one
option is 'nothing': right where no caption ever comes, suggested by the first frame elsewhere. In
``caption_change`` an early caption gives way to another at the end.
"""

from collections.abc import Iterator
from dataclasses import replace

from meme_sets.aspects import ASPECTS, SILENT, answer, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, span, texts, turned
from meme_sets.format import Item, Suggestion, Text
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world import questions as q
from meme_sets.world.story import Moment, play, random_scene
from meme_sets.world.vocabulary import TOPIC_OF, TOPICS, captions

ABOUT: dict[str, object] = {
    "name": "late",
    "title": {"en": "The caption comes late", "zh": "字幕姗姗来迟"},
    "description": {
        "en": "Clips whose caption shows, or changes, only in their last moments, and clips "
        "without any. Drawn by the project's own renderer.",
        "zh": "到最后一刻才出现或改变文字的动图，以及始终没有文字的动图。由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = {"caption_late": 5, "topic_late": 4, "caption_change": 3}
"""Kind and number of quartets."""
ASKED = {"caption_late": "caption", "topic_late": "topic", "caption_change": "caption_end"}
TAIL = (2, 3)
"""Frames that show the late caption, least and most."""


def _values(kind: str, lang: str, words: Deck, topics: Deck) -> list[str]:
    """The captions behind the four options; '' = none."""
    if kind == "caption_change":
        return words.deal(4)
    if kind == "caption_late":
        return [*words.deal(3), SILENT]
    on = TOPIC_OF[lang]
    shown = [words.deal(1, [c for c, t in on.items() if t == topic])[0] for topic in topics.deal(3)]
    return [*shown, SILENT]


def _moments(variant: Variant, kind: str, number: int, early: str, late: str) -> list[Moment]:
    """Nine to twelve frames under the early caption, then two or three under the late one."""
    rng = variant.random("late", kind, number)
    scene = random_scene(rng, captioned=0.0)
    scene = replace(scene, caption_style=rng.choice(caption_styles([scene.action])), caption=early)
    first = play(rng, [scene], (9, 12))
    # Short delays at the end keep the caption under a fifth of the clip.
    tail = [
        replace(m, duration_ms=min(m.duration_ms, 100))
        for m in play(rng, [scene.with_caption(late)], TAIL)
    ]
    bobs = (0, 2, 4, 2)
    return [
        Moment(replace(m.scene, bob=bobs[i % 4]), m.duration_ms)
        for i, m in enumerate([*first, *tail])
    ]


def _quartet(
    variant: Variant, kind: str, group: int, first: int, lang: str, values: list[str]
) -> Iterator[DraftItem]:
    """One clip for each option."""
    rng = variant.random("late", kind, "options", group)
    rng.shuffle(values)
    aspect = ASPECTS["topic" if kind == "topic_late" else "caption"]
    keys = [TOPIC_OF[lang].get(v, SILENT) if kind == "topic_late" else v for v in values]
    options = [aspect.name(k) for k in keys]
    silent = values.index(SILENT) if SILENT in values else None
    for gold in range(4):
        name = f"late-{first + gold:03d}"
        lure = turned(gold, group) if silent is None else silent if silent != gold else None
        early = values[lure] if lure is not None else SILENT
        moments = _moments(variant, kind, first + gold, early, values[gold])
        scenes = [m.scene for m in moments]
        if answer(ASKED[kind], scenes) != options[gold]:
            raise ValueError(f"{name}: not {options[gold]}")
        change = next((i for i, s in enumerate(scenes) if s.caption != early), None)
        tail = None if change is None else span(moments, change, len(moments) - 1)
        ends = [(span(moments, 0, (change or len(moments)) - 1), lure if tail else gold)]
        ends += [(tail, gold)] if tail else []
        yield DraftItem(
            Item(
                id=name,
                media=f"media/{name}.gif",
                kind=kind if gold != silent else "uncaptioned_late",
                question=Text(
                    en=q.wording(ASKED[kind], "en", scenes[0]),
                    zh=q.wording(ASKED[kind], "zh", scenes[0]),
                ),
                options=texts(options),
                gold=gold,
                lure=lure,
                decisive=tail,
                caption=None if kind == "caption_change" else values[gold],
                order=kind == "caption_change",
                control=lure is None,
                suggests=tuple(
                    Suggestion(start_ms=s.start_ms, end_ms=s.end_ms, option=o)
                    for s, o in ends
                    if o is not None
                ),
                tags=(f"caption:{lang}", f"style:{scenes[0].caption_style}"),
            ),
            tuple(moments),
        )


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("late"), variant.groups(PLAN, dict.fromkeys(PLAN, 4))
    words = {lang: Deck(rng, captions(lang)) for lang in ("en", "zh")}
    topics = Deck(rng, list(TOPICS))
    drafts: list[DraftItem] = []
    group = 0
    for kind, groups in plan.items():
        for _ in range(groups):
            lang = ("en", "zh")[group % 2]
            values = _values(kind, lang, words[lang], topics)
            drafts += _quartet(variant, kind, group, len(drafts) + 1, lang, values)
            group += 1
    return SetDraft(ABOUT, drafts)

"""The set ``static``: clips in which nothing changes; whatever is asked, every frame answers it.

Quartets with one prompt, each option right once. A model that is wrong here is not wrong because
of the order, the number or the choice of frames: the set tells weak recognition from bias.
"""

from collections.abc import Iterator
from dataclasses import replace

from meme_sets.aspects import ASPECTS, FACE_ACTIONS, answer, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, span, texts
from meme_sets.format import Item, Suggestion, Text
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world import questions as q
from meme_sets.world.scene import Scene
from meme_sets.world.story import play, random_caption, random_scene
from meme_sets.world.vocabulary import ACTIONS, MOODS, OBJECTS, PLACES, SPECIES, captions

ABOUT: dict[str, object] = {
    "name": "static",
    "title": {"en": "Nothing changes", "zh": "什么都没变"},
    "description": {
        "en": "Clips that show the same thing from the first frame to the last, asked about what "
        "they show: controls for every measure on clips. Drawn by the project's own renderer.",
        "zh": "从头到尾内容不变的动图，问题只问画面内容；作为动图各项测量的对照。"
        "由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = {"who": 1, "object": 2, "place": 1, "action": 4, "mood": 2, "caption": 2}
"""Kind and number of quartets."""

KINDS = {"caption": "caption_static"}
"""Kinds whose name must begin with 'caption', as all that are about the caption."""
NAMES = {"who": SPECIES, "object": OBJECTS, "place": PLACES, "action": ACTIONS, "mood": MOODS}


def _scene(kind: str, value: str, base: Scene) -> Scene:
    """The scene that shows the value."""
    field = {"who": "species"}.get(kind, kind)
    return replace(base, **{field: value})  # type: ignore[arg-type]


def _quartet(
    variant: Variant, kind: str, group: int, first: int, values: list[str], species: str
) -> Iterator[DraftItem]:
    rng = variant.random("static", kind, group)
    for gold, value in enumerate(values):
        scene = random_scene(rng, captioned=0.0, with_object=1.0)
        scene = replace(scene, species=species)
        if kind == "mood":
            scene = replace(scene, action=rng.choice(FACE_ACTIONS))
        if kind != "caption" and rng.random() < 0.5:
            scene = scene.with_caption(random_caption(rng))
        scene = _scene(kind, value, scene)
        scene = replace(scene, caption_style=rng.choice(caption_styles([scene.action])))
        moments = play(rng, [scene], (5, 7))
        scenes = [m.scene for m in moments]
        names = NAMES.get(kind)
        options = [names[v] if names else ASPECTS["caption"].name(v) for v in values]
        if answer(kind, scenes) != options[gold]:
            raise ValueError(f"static {kind} {group}: not {options[gold]}")
        name, whole = f"static-{first + gold:03d}", span(moments, 0, len(moments) - 1)
        yield DraftItem(
            Item(
                id=name,
                media=f"media/{name}.gif",
                kind=KINDS.get(kind, f"static_{kind}"),
                question=Text(en=q.wording(kind, "en", scene), zh=q.wording(kind, "zh", scene)),
                options=texts(options),
                gold=gold,
                caption=scene.caption,
                control=True,
                decisive=whole,
                suggests=(Suggestion(start_ms=0, end_ms=whole.end_ms, option=gold),),
            ),
            tuple(moments),
        )


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("static"), variant.groups(PLAN, dict.fromkeys(PLAN, 4))
    decks = {kind: Deck(rng, list(names)) for kind, names in NAMES.items()}
    words = [Deck(rng, captions(lang)) for lang in ("en", "zh")]
    species = Deck(rng, list(SPECIES))
    drafts: list[DraftItem] = []
    for kind, groups in plan.items():
        for group in range(groups):
            deck = words[group % 2] if kind == "caption" else decks[kind]
            first, values, who = len(drafts) + 1, deck.deal(4), species.deal(1)[0]
            drafts += _quartet(variant, kind, group, first, values, who)
    return SetDraft(ABOUT, drafts)

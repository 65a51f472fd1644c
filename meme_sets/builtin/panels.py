"""The set ``panels``: four panels in one still, asked about one of them.

Quartets with one prompt. The four values of what is asked about stand in the four panels, in a
different order in each picture, so each option is right once, and what the first panel shows is
the wrong answer (the lure) unless it is asked for itself.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from meme_sets.aspects import ASPECTS, FACE_ACTIONS, caption_styles
from meme_sets.draft import Deck, SetDraft, Still, texts, turned
from meme_sets.format import Item
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world.crowd import panels_picture
from meme_sets.world.story import random_scene
from meme_sets.world.vocabulary import ACTIONS, MOODS, SPECIES, captions
from meme_sets.world.wording import ORDINALS, PANELS, WORDINGS, ask

ABOUT: dict[str, object] = {
    "name": "panels",
    "title": {"en": "Four panels", "zh": "四格漫画"},
    "description": {
        "en": "Stills of two by two panels, read by rows, with questions about one of the panels. "
        "Drawn by the project's own renderer.",
        "zh": "两行两列的四格图（从左到右、从上到下），问题只问其中一格。由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = {"panel_action": 4, "panel_mood": 2, "caption_panel": 4, "panel_where": 2}
"""Kind and number of quartets; the panel asked about goes round."""


def _order(gold: int, panel: int, group: int) -> tuple[int, ...]:
    """Which value each panel shows: the gold one in ``panel``, the lure in the first."""
    if panel == 0:
        return tuple((gold + i) % 4 for i in range(4))
    lure = turned(gold, group)
    rest = [v for v in range(4) if v not in (gold, lure)]
    return tuple(lure if i == 0 else gold if i == panel else rest.pop(0) for i in range(4))


def _quartet(
    variant: Variant, kind: str, group: int, first: int, species: str, values: list[str]
) -> Iterator[Still]:
    rng = variant.random("panels", kind, group)
    aspect = {"panel_mood": "mood", "caption_panel": "caption"}.get(kind, "action")
    panel = group % 4
    named = values[group % 4]
    for gold in range(4):
        scene = random_scene(rng, captioned=0.0, with_object=1.0)
        style = caption_styles([scene.action])[0]
        scene = replace(scene, species=species, caption_style=style)
        if aspect == "mood":
            scene = replace(scene, action=rng.choice(FACE_ACTIONS))
        if kind == "panel_where":  # the action asked for stands in panel ``gold``
            others = [v for v in values if v != named]
            rng.shuffle(others)
            shown = [named if i == gold else others.pop() for i in range(4)]
            options, lure = PANELS, None
        else:
            order = _order(gold, panel, group)
            shown = [values[v] for v in order]
            options = tuple(ASPECTS[aspect].name(v) for v in values)
            lure = order[0] if panel else None
        scenes = [ASPECTS[aspect].put(scene, v, rng) for v in shown]
        name = f"panels-{first + gold:03d}"
        yield Still(
            Item(
                id=name,
                media=f"media/{name}.png",
                kind=kind,
                question=ask(
                    WORDINGS[kind],
                    s=SPECIES[species],
                    p=ORDINALS[panel],
                    a=ACTIONS.get(named, ORDINALS[0]),
                ),
                options=texts(options),
                gold=gold,
                lure=lure,
                caption=None if kind == "caption_panel" else "",
                tags=(
                    f"panel:{(gold if kind == 'panel_where' else panel) + 1}",
                    *(f"shows:{v}" for v in shown),
                ),
            ),
            partial(panels_picture, tuple(scenes)),
        )


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("panels"), variant.groups(PLAN, dict.fromkeys(PLAN, 4))
    species, actions = Deck(rng, list(SPECIES)), Deck(rng, list(ACTIONS))
    moods = Deck(rng, list(MOODS))
    words = {lang: Deck(rng, captions(lang)) for lang in ("en", "zh")}
    drafts: list[Still] = []
    for kind, groups in plan.items():
        for group in range(groups):
            deck = {"panel_mood": moods, "caption_panel": words[("en", "zh")[group % 2]]}
            values = deck.get(kind, actions).deal(4)
            # Quartets of one kind with few groups still ask about different panels.
            turn = group + (1 if kind == "panel_mood" else 0)
            first, who = len(drafts) + 1, species.deal(1)[0]
            drafts += _quartet(variant, kind, turn, first, who, values)
    return SetDraft(ABOUT, drafts)

"""The set ``leading``: yes or no, asked plainly, asked for a yes, asked for a no.

Each question is asked of two pictures; the claim holds in one and not in the other. So whoever
always says yes, always says no, or always goes with the lead is right in exactly half. The lure
of an item is the answer that a lead asks for, where it is wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from meme_sets.aspects import ASPECTS, FACE_ACTIONS, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, texts
from meme_sets.format import Item
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world.scene import Scene
from meme_sets.world.story import Moment, random_scene
from meme_sets.world.vocabulary import (
    ACTIONS,
    BODY_ACTIONS,
    MOODS,
    OBJECTS,
    PLACES,
    SPECIES,
    Name,
    captions,
)
from meme_sets.world.wording import CLAIMS, LEADS, YES_NO, ask

ABOUT: dict[str, object] = {
    "name": "leading",
    "title": {"en": "Isn't it?", "zh": "对吧？"},
    "description": {
        "en": "Yes-no questions that lead to a yes, to a no, or nowhere, each about two pictures: "
        "one where it is so, one where it is not. Drawn by the project's own renderer.",
        "zh": "是非题：有的引导回答“是”，有的引导回答“不是”，有的不引导；每题问两张图，"
        "一张说法成立，一张不成立。由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

ABOUTS = ("object", "action", "object", "mood", "caption", "action", "place", "caption")
"""What the pairs of each lead are about, by turns."""
PLAN = dict.fromkeys(LEADS, len(ABOUTS))
"""Lead and number of pairs."""
LED_TO = {"neutral": None, "yes": 0, "no": 1}
"""Index into ``YES_NO`` of the answer that a lead asks for."""

Put = Callable[[Scene, str], Scene]
PUT: dict[str, tuple[Callable[[str], Name], Put]] = {
    "object": (lambda v: OBJECTS[v], lambda s, v: replace(s, object=v)),
    "action": (lambda v: ACTIONS[v], lambda s, v: replace(s, action=v)),
    "mood": (lambda v: MOODS[v], lambda s, v: replace(s, mood=v)),
    "place": (lambda v: PLACES[v], lambda s, v: replace(s, place=v)),
    "caption": (ASPECTS["caption"].name, lambda s, v: s.with_caption(v)),
}
"""What a claim is about -> a value's name, and the scene with the value."""


def _pair(
    variant: Variant,
    lead: str,
    about: str,
    number: int,
    first: int,
    species: str,
    values: list[str],
) -> Iterator[DraftItem]:
    """A claim about the first value, on a picture that shows it and on one that shows the other."""
    rng = variant.random("leading", number)
    name_of, put = PUT[about]
    claim = ask(CLAIMS[about], s=SPECIES[species], v=name_of(values[0]))
    question = ask(LEADS[lead], c=Name(claim.en, claim.zh))
    # 'yes' stands first in every second pair.
    options = YES_NO if number % 2 else YES_NO[::-1]
    for i, value in enumerate(values):
        scene = random_scene(rng, captioned=0.0, with_object=1.0)
        scene = replace(scene, species=species)
        if about in ("mood", "object"):
            scene = replace(scene, action=rng.choice(FACE_ACTIONS[:4]))
        scene = put(scene, value)
        scene = replace(scene, caption_style=rng.choice(caption_styles([scene.action])))
        right, led = YES_NO[i], LED_TO[lead]
        lure = None if led is None or led == i else options.index(YES_NO[led])
        name = f"leading-{first + i:03d}"
        yield DraftItem(
            Item(
                id=name,
                media=f"media/{name}.png",
                kind=f"leading_{lead}",
                question=question,
                options=texts(options),
                gold=options.index(right),
                lure=lure,
                control=lure is None,
                caption=scene.caption,
                tags=(f"about:{about}",),
            ),
            (Moment(scene, 0),),
        )


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("leading"), variant.groups(PLAN, dict.fromkeys(PLAN, 2))
    species = Deck(rng, list(SPECIES))
    decks = {
        "object": Deck(rng, list(OBJECTS)),
        "action": Deck(rng, list(BODY_ACTIONS)),
        "mood": Deck(rng, list(MOODS)),
        "place": Deck(rng, list(PLACES)),
    }
    words = [Deck(rng, captions(lang)) for lang in ("en", "zh")]
    drafts: list[DraftItem] = []
    number = 0
    for lead, pairs in plan.items():
        for i in range(pairs):
            about = ABOUTS[i % len(ABOUTS)]
            deck = words[number % 2] if about == "caption" else decks[about]
            first, who = len(drafts) + 1, species.deal(1)[0]
            drafts += _pair(variant, lead, about, number, first, who, deck.deal(2))
            number += 1
    return SetDraft(ABOUT, drafts)

"""The set ``counting``: how many things, how many characters, how many times.

Quartets with one question and the options 1 to 4 in one order; each number is right once. Clips
are equally long, however often the thing counted happens, and stills show as many other things
as fill them up, so that neither length nor fullness gives the number away.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from meme_sets.draft import Deck, DraftItem, Made, SetDraft, Still, texts
from meme_sets.format import Item, Text
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world.crowd import characters, crowd_picture, objects
from meme_sets.world.story import DELAYS_MS, Moment, random_scene
from meme_sets.world.vocabulary import MOODS, OBJECTS, PLACES, SPECIES, Name
from meme_sets.world.wording import COUNTED, REPEATED, WORDINGS, ask, times

ABOUT: dict[str, object] = {
    "name": "counting",
    "title": {"en": "How many", "zh": "数一数"},
    "description": {
        "en": "Pictures in which things or characters are to be counted among others, and clips in "
        "which something happens one to four times. Drawn by the project's own renderer.",
        "zh": "在图片里数东西或角色，在动图里数一件事发生了几次（一到四次）。"
        "由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = {"count_objects": 4, "count_characters": 4, "count_times": 4}
"""Kind and number of quartets."""
NUMBERS = ("1", "2", "3", "4")
FRAMES = 18
"""Frames of each clip: up to four times two of the action, the others at rest."""
ALL_OBJECTS, ALL_CHARACTERS = 8, 5
"""How many stand in each still."""


def _item(
    number: int, kind: str, question: Text, order: tuple[str, ...], right: str, media: str
) -> Item:
    name = f"counting-{number:03d}"
    return Item(
        id=name,
        media=f"media/{name}.{media}",
        kind=kind,
        question=question,
        options=texts([Name(n, n) for n in order]),
        gold=order.index(right),
        caption="",
    )


def _stills(variant: Variant, kind: str, group: int, first: int, deck: Deck) -> Iterator[Still]:
    """Four pictures with 1 to 4 of the thing asked about, and others beside it."""
    rng = variant.random("counting", kind, group)
    (asked,) = deck.deal(1)
    order = tuple(rng.sample(NUMBERS, 4))
    everything = list(OBJECTS if kind == "count_objects" else SPECIES)
    everything.remove(asked)
    question = ask(WORDINGS[kind], n=COUNTED[asked])
    for i, right in enumerate(NUMBERS):
        n = int(right)
        total = ALL_OBJECTS if kind == "count_objects" else ALL_CHARACTERS
        others = [rng.choice(everything) for _ in range(total - n)]
        names, place = [asked] * n + others, rng.choice(list(PLACES))
        if kind == "count_objects":
            crowd = objects(rng, place, names)
        else:
            crowd = characters(rng, place, names, [rng.choice(list(MOODS)) for _ in names])
        yield Still(
            _item(first + i, kind, question, order, right, "png"), partial(crowd_picture, crowd)
        )


def _clips(
    variant: Variant, group: int, first: int, deck: Deck, species: str
) -> Iterator[DraftItem]:
    """Four clips in which the action asked about happens 1 to 4 times."""
    rng = variant.random("counting", "times", group)
    (action,) = deck.deal(1)
    order = tuple(rng.sample(NUMBERS, 4))
    question = ask(WORDINGS["count_times"], s=SPECIES[species], n=REPEATED[action])
    for i, right in enumerate(NUMBERS):
        scene = replace(random_scene(rng, captioned=0.0), species=species, action="stands")
        n = int(right)
        # Slots of four frames; the action takes the middle two of the slots drawn.
        slots = set(rng.sample(range(4), n))
        moments = []
        for k in range(FRAMES):
            slot, step = divmod(k - 1, 4)
            acts = slot in slots and step in (1, 2) and k > 0
            shown = replace(scene, action=action if acts else "stands", bob=(0, 2, 4, 2)[k % 4])
            moments.append(Moment(shown, rng.choice(DELAYS_MS)))
        if times([m.scene for m in moments], action) != n:
            raise ValueError(f"counting quartet {group}: not {n} times")
        yield DraftItem(
            _item(first + i, "count_times", question, order, right, "gif"), tuple(moments)
        )


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("counting"), variant.groups(PLAN, dict.fromkeys(PLAN, 4))
    decks = {
        "count_objects": Deck(rng, list(OBJECTS)),
        "count_characters": Deck(rng, list(SPECIES)),
    }
    repeated, species = Deck(rng, list(REPEATED)), Deck(rng, list(SPECIES))
    drafts: list[Made] = []
    for kind, deck in decks.items():
        for group in range(plan[kind]):
            drafts += _stills(variant, kind, group, len(drafts) + 1, deck)
    for group in range(plan["count_times"]):
        drafts += _clips(variant, group, len(drafts) + 1, repeated, species.deal(1)[0])
    return SetDraft(ABOUT, drafts)

"""The set ``emotion``: the face says one thing, the caption another.

Stills in quartets with one prompt; each option is right once and suggested wrongly once. Of
``face_mood`` the face decides and the caption misleads, of ``caption_mood`` it is the other way
round; there the item names a caption that would change the answer. In controls both agree.
"""

from collections.abc import Iterator
from dataclasses import replace

from meme_sets.aspects import FACE_ACTIONS, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, texts, turned
from meme_sets.format import Counterfactual, Item
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world.story import Moment, random_scene
from meme_sets.world.vocabulary import MOODS, SPECIES, TOPIC_OF
from meme_sets.world.wording import SURPRISE, WORDINGS, ask

ABOUT: dict[str, object] = {
    "name": "emotion",
    "title": {"en": "Face against caption", "zh": "表情与配文不符"},
    "description": {
        "en": "Pictures in which a character's face shows one feeling and the caption expresses "
        "another, asked about either; in some both agree. Drawn by the project's own renderer.",
        "zh": "角色的表情是一种心情，配文却是另一种，问题问其中之一；也有两者一致的图。"
        "由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

FEELINGS = {"happy": "joy", "sad": "sorrow", "angry": "anger", "surprised": "surprise"}
"""Mood of a face -> topic of a caption with the same feeling."""

PLAN = {
    ("face_mood", False): 5,
    ("caption_mood", False): 5,
    ("face_mood", True): 1,
    ("caption_mood", True): 1,
}
"""Kind, and whether face and caption agree: number of quartets."""


def _words(lang: str, mood: str) -> list[str]:
    """Captions that express a mood."""
    if mood == "surprised":
        return list(SURPRISE[lang])
    return [c for c, topic in TOPIC_OF[lang].items() if topic == FEELINGS[mood]]


def _quartet(
    variant: Variant,
    kind: str,
    agree: bool,
    group: int,
    first: int,
    species: str,
    words: dict[str, Deck],
) -> Iterator[DraftItem]:
    """One picture for each mood that is right."""
    rng = variant.random("emotion", kind, group)
    lang = ("en", "zh")[group % 2]
    moods = rng.sample(list(FEELINGS), 4)
    for gold in range(4):
        other = gold if agree else turned(gold, group)
        face, said = (gold, other) if kind == "face_mood" else (other, gold)
        (caption,) = words[lang].deal(1, _words(lang, moods[said]))
        scene = random_scene(rng, captioned=0.0, with_object=1.0)
        scene = replace(
            scene,
            species=species,
            mood=moods[face],
            caption=caption,
            action=rng.choice(FACE_ACTIONS),
        )
        scene = replace(scene, caption_style=rng.choice(caption_styles([scene.action])))
        name = f"emotion-{first + gold:03d}"
        # As another caption: one that expresses yet another mood.
        third = (other + 1) % 4 if (other + 1) % 4 != gold else (other + 2) % 4
        change = None
        if kind == "caption_mood":
            (text,) = words[lang].deal(1, _words(lang, moods[third]))
            change = Counterfactual(caption=text, gold=third)
        yield DraftItem(
            Item(
                id=name,
                media=f"media/{name}.png",
                kind=kind,
                question=ask(WORDINGS[kind], s=SPECIES[species]),
                options=texts([MOODS[m] for m in moods]),
                gold=gold,
                lure=None if agree else other,
                control=agree,
                caption=caption,
                counterfactual=change,
                tags=(
                    f"caption:{lang}",
                    f"style:{scene.caption_style}",
                    f"face:{moods[face]}",
                    f"words:{moods[said]}",
                ),
            ),
            (Moment(scene, 0),),
        )


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("emotion"), variant.groups(PLAN, dict.fromkeys(PLAN, 4))
    species = Deck(rng, list(SPECIES))
    words = {
        lang: Deck(rng, [c for m in FEELINGS for c in _words(lang, m)]) for lang in ("en", "zh")
    }
    drafts: list[DraftItem] = []
    group = 0
    for (kind, agree), groups in plan.items():
        for _ in range(groups):
            first, who = len(drafts) + 1, species.deal(1)[0]
            drafts += _quartet(variant, kind, agree, group, first, who, words)
            group += 1
    return SetDraft(ABOUT, drafts)

"""The set ``order``: questions that only the order of the frames answers.

Played backwards, each clip makes its lure right. In half of the items the first frame shows the
gold answer (``before``, half of ``which_first``), in half the last one does, so a model that
answers from either end is right in half of them at most.
"""

from collections.abc import Iterator

from meme_sets.aspects import answer, caption_styles
from meme_sets.draft import Deck, DraftItem, SetDraft, span, texts, turned
from meme_sets.format import Item, Suggestion, Text
from meme_sets.variant import SHIPPED, Variant
from meme_sets.world import questions as q
from meme_sets.world.scene import Scene
from meme_sets.world.story import play, random_scene
from meme_sets.world.vocabulary import ACTIONS, SPECIES
from meme_sets.world.wording import WORDINGS, ask, before

ABOUT: dict[str, object] = {
    "name": "order",
    "title": {"en": "What comes when", "zh": "先后顺序"},
    "description": {
        "en": "Short clips of two or three actions with questions about what comes before, after "
        "or first; the same frames in reverse order have another answer. Drawn by the project's "
        "own renderer.",
        "zh": "由两三个动作组成的短动图，问题涉及之前、之后或最先发生的事；"
        "同样的帧倒放，答案就变了。由本项目的渲染器绘制。",
    },
    "licence": "Apache-2.0",
    "languages": ["en", "zh"],
}

PLAN = {"after": 4, "before": 4, "which_first": 8}
"""Kind and number of groups."""
SIZES = {"after": 4, "before": 4, "which_first": 2}
"""Clips of a group."""


def _clip(
    variant: Variant, number: int, kind: str, species: str, actions: list[str], turn: int
) -> DraftItem:
    """A clip of these actions as a draft; the caller puts the item in."""
    rng = variant.random("order", kind, number, turn)
    scene = random_scene(rng, captioned=0.25, with_object=1.0)
    base = Scene(
        species,
        scene.place,
        actions[0],
        scene.mood,
        scene.object,
        scene.caption,
        rng.choice(caption_styles(actions)),
        scene.x,
    )
    stages = [
        Scene(
            species, base.place, a, base.mood, base.object, base.caption, base.caption_style, base.x
        )
        for a in actions
    ]
    moments = play(rng, stages, (3, 4))
    name = f"order-{number:03d}"
    item = Item(id=name, media=f"media/{name}.gif", kind=kind, tags=(f"stages:{len(actions)}",))
    return DraftItem(item, tuple(moments))


def _finished(
    draft: DraftItem,
    question: Text,
    values: list[str],
    actions: list[str],
    gold: int,
    lure: int,
    telling: int,
) -> DraftItem:
    """The draft with its question; ``telling`` is the stage that shows the answer."""
    scenes = [m.scene for m in draft.moments]
    starts = [i for i, s in enumerate(scenes) if i == 0 or s.action != scenes[i - 1].action]
    ends = [*[i - 1 for i in starts[1:]], len(scenes) - 1]
    stretches = [span(draft.moments, a, b) for a, b in zip(starts, ends, strict=True)]
    suggests = tuple(
        Suggestion(start_ms=s.start_ms, end_ms=s.end_ms, option=values.index(a))
        for s, a in zip(stretches, actions, strict=True)
        if a in values
    )
    item = draft.item.model_copy(
        update={
            "question": question,
            "options": texts([ACTIONS[v] for v in values]),
            "gold": gold,
            "lure": lure,
            "order": True,
            "decisive": stretches[telling],
            "suggests": suggests,
            "caption": scenes[0].caption,
        }
    )
    return DraftItem(Item.model_validate(item.model_dump()), draft.moments)


def _three(
    variant: Variant, kind: str, group: int, first: int, deck: Deck, species: str
) -> Iterator[DraftItem]:
    """Four clips A, B, C with one question about what comes before or after B."""
    *values, named = deck.deal(5)
    names = {"s": SPECIES[species], "a": ACTIONS[named]}
    question = ask(q.AFTER if kind == "after" else WORDINGS["before"], **names)
    for gold in range(4):
        lure = turned(gold, group)
        ends = [values[lure], values[gold]] if kind == "after" else [values[gold], values[lure]]
        actions = [ends[0], named, ends[1]]
        draft = _clip(variant, first + gold, kind, species, actions, gold)
        scenes = [m.scene for m in draft.moments]
        for shown, option in ((scenes, gold), (scenes[::-1], lure)):
            right = (
                answer("after", shown, ACTIONS[named])
                if kind == "after"
                else before(shown, ACTIONS[named])
            )
            if right != ACTIONS[values[option]]:
                raise ValueError(f"{draft.item.id}: {right} is right, not {values[option]}")
        yield _finished(draft, question, values, actions, gold, lure, 2 if kind == "after" else 0)


def _two(variant: Variant, first: int, deck: Deck, species: str) -> Iterator[DraftItem]:
    """Two clips of the same two actions, one in each order."""
    values = deck.deal(2)
    question = ask(WORDINGS["which_first"], s=SPECIES[species])
    for gold in range(2):
        actions = [values[gold], values[1 - gold]]
        draft = _clip(variant, first + gold, "which_first", species, actions, gold)
        yield _finished(draft, question, values, actions, gold, 1 - gold, 0)


def make(variant: Variant = SHIPPED) -> SetDraft:
    """The whole set."""
    rng, plan = variant.random("order"), variant.groups(PLAN, SIZES)
    deck, species = Deck(rng, list(ACTIONS)), Deck(rng, list(SPECIES))
    drafts: list[DraftItem] = []
    for kind, groups in plan.items():
        for group in range(groups):
            who, first = species.deal(1)[0], len(drafts) + 1
            drafts += (
                _two(variant, first, deck, who)
                if kind == "which_first"
                else _three(variant, kind, group, first, deck, who)
            )
    return SetDraft(ABOUT, drafts)

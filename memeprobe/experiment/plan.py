"""What a specification means for one set and one model: items, conditions, delivery, size.

Resolved and checked once, from the labels alone: no file is opened and no weights are loaded, so
that pages can tell the cost of a run before its model is there.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from meme_sets import Item, MemeSet
from memeprobe.conditions.table import Condition, choose
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.store.rows import ItemLabels
from vlm import RECIPES, Model, recipes_for


@dataclass(frozen=True)
class ModelFacts:
    """What a plan needs to know of a model; known before it is loaded."""

    name: str
    deliveries: tuple[str, ...]
    """Its best first."""
    translated: bool = False
    """Whether translators stand around it."""

    @classmethod
    def of(cls, model: Model) -> "ModelFacts":
        """The facts of a loaded model."""
        return cls(model.name, tuple(model.deliveries), plain(model) is not model)


@dataclass(frozen=True)
class RunSize:
    """How much a run asks at most: what fits no clip drops out once it is opened."""

    items: int
    trials: int
    calls: int
    """Calls of the model if no answer is known yet; ``vote`` asks once a frame."""


@dataclass(frozen=True)
class Plan:
    """The items and conditions of a run, in the order of asking."""

    spec: RunSpec
    delivery: str
    items: tuple[Item, ...]
    conditions: tuple[Condition, ...]

    @classmethod
    def of(cls, spec: RunSpec, meme_set: MemeSet, model: ModelFacts) -> "Plan":
        """Resolve and check. Raises SpecError: set, language, delivery or conditions do not go
        together, or there is nothing to ask."""
        _same_set(spec, meme_set)
        language_of(meme_set, spec.language)
        delivery = spec.delivery or model.deliveries[0]
        taken = (*model.deliveries, *recipes_for(model.deliveries))
        if delivery not in taken:
            raise SpecError(
                f"{model.name} does not support the delivery {delivery!r}; "
                f"it supports {', '.join(taken)}"
            )
        items = meme_set.items[: spec.limit]
        if spec.sample is not None and spec.sample < len(items):
            items = sampled(items, spec.sample, spec.seed)
        plan = cls(spec, delivery, items, _allowed(spec, meme_set, model, delivery))
        if not any(plan.asked_of(item) for item in items):
            raise SpecError(
                f"set {meme_set.name!r} has nothing to ask: no item has a question with a gold "
                "answer, options and a decisive span, and none has a known caption"
            )
        return plan

    def asked_of(self, item: Item) -> list[Condition]:
        """The conditions that an item has the labels for."""
        return [c for c in self.conditions if c.applies(item)]

    @property
    def own_items(self) -> tuple[Item, ...]:
        """The items of this shard; all where there are none.

        Clusters go round in turn, so that clips of one family stay together and shards are of
        like size.
        """
        if self.spec.shard is None:
            return self.items
        part, parts = self.spec.shard
        turn = {name: i for i, name in enumerate(dict.fromkeys(i.cluster for i in self.items))}
        return tuple(item for item in self.items if turn[item.cluster] % parts == part - 1)

    @property
    def size(self) -> RunSize:
        """How much there is to ask, of this shard."""
        return self._size_of(self.own_items)

    @property
    def whole_size(self) -> RunSize:
        """How much there is to ask in all shards together."""
        return self._size_of(self.items)

    def _size_of(self, chosen: Sequence[Item]) -> RunSize:
        trials = calls = items = 0
        for item in chosen:
            wanted = self.asked_of(item)
            items += bool(wanted)
            trials += len(wanted)
            each_frame = self.delivery == "vote"
            calls += sum(self.spec.k if each_frame and not shows_one(c.name) else 1 for c in wanted)
        return RunSize(items, trials, calls)

    def labels(self) -> dict[str, ItemLabels]:
        """Item id -> what the store keeps of it, in the order of asking."""
        return {item.id: labels_of(item, self.spec.language) for item in self.items}


def plain(model: Model) -> Model:
    """The model without translators around it."""
    inner: Model = getattr(model, "inner", model)
    return inner


def language_of(meme_set: MemeSet, language: str) -> str:
    """The language, if the set has questions in it. Raises SpecError: it has none."""
    if language not in meme_set.languages:
        raise SpecError(
            f"set {meme_set.name!r} has no questions in {language!r}; "
            f"it has {', '.join(meme_set.languages)}"
        )
    return language


def _same_set(spec: RunSpec, meme_set: MemeSet) -> None:
    """Raise SpecError if the specification names another set than the one it is run on."""
    if spec.set_name == meme_set.name:
        return
    if Path(spec.set_name).expanduser().resolve() != meme_set.folder.resolve():
        raise SpecError(
            f"the specification names the set {spec.set_name!r}, but it is to be run on "
            f"{meme_set.name!r} ({meme_set.folder}); make the two agree"
        )


def in_one_picture(delivery: str) -> bool:
    """Whether a delivery pastes frames into one picture."""
    return delivery == "grid" or (delivery in RECIPES and RECIPES[delivery].form == "sheet")


def _allowed(
    spec: RunSpec, meme_set: MemeSet, model: ModelFacts, delivery: str
) -> tuple[Condition, ...]:
    """The conditions that set and model allow. Raises SpecError for one named that they do not."""
    named = set(spec.conditions or ())
    found = []
    for name, row in choose(spec.conditions, spec.k).items():
        problem = None
        if row.language is not None and row.language not in meme_set.languages:
            problem = f"set {meme_set.name!r} has no questions in {row.language!r}"
        elif row.sandwich and not model.translated:
            problem = f"{model.name} has no translators around it; give them with --translator"
        elif row.said == "sheet" and not in_one_picture(delivery):
            problem = f"the delivery {delivery!r} does not paste frames into one picture"
        if problem is None:
            found.append(row)
        elif name in named:
            raise SpecError(f"condition {name!r} cannot be asked: {problem}")
    return tuple(found)


def shows_one(condition: str) -> bool:
    """Whether a condition shows at most one picture, so that every delivery can carry it."""
    singles = ("blind", "picture", "first", "middle", "last", "decisive", "told_blind")
    return condition in singles or condition.startswith("single@")


def labels_of(item: Item, language: str) -> ItemLabels:
    """What reports need of an item."""
    question = item.question.in_language(language) if item.question is not None else None
    other = item.counterfactual
    timed = "\n".join(dict.fromkeys(c.text for c in item.captions)) or None
    return ItemLabels(
        cluster=item.cluster,
        kind=item.kind,
        media=item.media,
        question=question,
        options=tuple(o.in_language(language) for o in item.options),
        item_gold=item.gold,
        lure=item.lure,
        order=item.order,
        control=item.control,
        caption=timed if item.caption is None else item.caption,
        counterfactual=other.caption if other else None,
        other_gold=other.gold if other else None,
        tags=tuple(item.tags),
    )


def sampled(items: Sequence[Item], count: int, seed: int) -> tuple[Item, ...]:
    """At most ``count`` items, whole clusters drawn by ``seed``, in the order given."""
    clusters: dict[str, int] = {}
    for item in items:
        clusters[item.cluster] = clusters.get(item.cluster, 0) + 1
    names = list(clusters)
    random.Random(seed).shuffle(names)
    kept, size = set(), 0
    for name in names:
        if size + clusters[name] <= count:
            kept.add(name)
            size += clusters[name]
    return tuple(i for i in items if i.cluster in kept)

"""What to run: the specification, its checks, its size, and what makes two runs the same."""

import random
from dataclasses import dataclass, field

from frames import DEFAULT_POLICY, KEYFRAME_POLICIES, Limits
from meme_sets import Item, MemeSet
from memeprobe.conditions.table import PROTOCOL, Condition, choose
from memeprobe.store.rows import ItemLabels
from vlm import Model

SCORING = ("auto", "listed", "free")
"""How an option is chosen. auto: by log-probability where the model gives it, else as listed.
listed: options listed in the prompt in every rotation, and the majority. free: the model's own
words, options never shown."""


class SpecError(ValueError):
    """A run that cannot be: the message says what was asked for and what there is."""


@dataclass(frozen=True)
class RunSpec:
    """What to run. The same spec on the same set and model goes on with the same run."""

    set_name: str
    model: str
    """Model spec as the user gave it; the run's identity holds the loaded model's own name."""
    delivery: str | None = None
    """How frames reach the model; None = the model's best."""
    k: int = 4
    """Keyframes."""
    policy: str = DEFAULT_POLICY
    language: str = "en"
    limit: int | None = None
    """Only the first so many items; None = all."""
    conditions: tuple[str, ...] | None = None
    """Names of conditions or probes; None = all that set and model allow."""
    engine: str = "rapidocr"
    """OCR engine for caption edits and their check."""
    seed: int = 0
    """For the shuffled condition and the sample."""
    limits: Limits = field(default_factory=Limits)
    """What is accepted of a media file; no part of a run's identity."""
    sample: int | None = None
    """At most so many items, drawn by the seed, whole clusters; None = all."""
    scoring: str = "auto"
    """One of ``SCORING``."""

    def __post_init__(self) -> None:
        if not 1 <= self.k <= 64:
            raise SpecError(f"the number of keyframes must be 1 to 64, got {self.k}")
        for name in ("limit", "sample"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SpecError(f"{name} must be at least 1 item, got {value}")
        if self.policy not in KEYFRAME_POLICIES:
            known = ", ".join(KEYFRAME_POLICIES)
            raise SpecError(f"unknown keyframe policy {self.policy!r}; known: {known}")
        if self.scoring not in SCORING:
            raise SpecError(f"unknown scoring {self.scoring!r}; known: {', '.join(SCORING)}")
        try:
            choose(self.conditions, self.k)
        except ValueError as error:
            raise SpecError(str(error)) from None


@dataclass(frozen=True)
class RunSize:
    """What a run will ask at most (stills drop out of the frames probe once they are opened)."""

    items: int
    trials: int
    calls: int
    """Calls of the model if no answer is known yet; ``vote`` asks once a frame."""


def plain(model: Model) -> Model:
    """The model without translators around it."""
    inner: Model = getattr(model, "inner", model)
    return inner


def rows_of(spec: RunSpec, meme_set: MemeSet, model: Model) -> dict[str, Condition]:
    """The conditions that set and model allow. Raises SpecError for one named that they do not."""
    named = set(spec.conditions or ())
    found = {}
    for name, row in choose(spec.conditions, spec.k).items():
        problem = None
        if row.language is not None and row.language not in meme_set.languages:
            problem = f"set {meme_set.name!r} has no questions in {row.language!r}"
        elif row.sandwich and plain(model) is model:
            problem = f"{model.name} has no translators around it; give them with --translator"
        if problem is None:
            found[name] = row
        elif name in named:
            raise SpecError(f"condition {name!r} cannot be asked: {problem}")
    return found


def check(spec: RunSpec, meme_set: MemeSet, model: Model) -> str:
    """The delivery of the run. Raises SpecError if set, language or delivery do not go together."""
    if spec.language not in meme_set.languages:
        raise SpecError(
            f"set {meme_set.name!r} has no questions in {spec.language!r}; "
            f"it has {', '.join(meme_set.languages)}"
        )
    delivery = spec.delivery or model.deliveries[0]
    if delivery not in model.deliveries:
        raise SpecError(
            f"{model.name} does not support the delivery {delivery!r}; "
            f"it supports {', '.join(model.deliveries)}"
        )
    rows = rows_of(spec, meme_set, model).values()
    if not any(c.applies(i) for c in rows for i in items_of(spec, meme_set)):
        raise SpecError(
            f"set {meme_set.name!r} has nothing to ask: no item has a question with a gold answer, "
            "options and a decisive span, and none has a known caption"
        )
    return delivery


def plan(spec: RunSpec, meme_set: MemeSet, model: Model, each: int = 1) -> RunSize:
    """How much there is to ask, from the labels alone; no file is opened.

    ``each``: calls for one question with options, where they are listed in rotated order.
    """
    delivery = check(spec, meme_set, model)
    rows = rows_of(spec, meme_set, model).values()
    trials = calls = items = 0
    for item in items_of(spec, meme_set):
        wanted = [c for c in rows if c.applies(item)]
        items += bool(wanted)
        trials += len(wanted)
        for row in wanted:
            frames = spec.k if delivery == "vote" and not shows_one(row.name) else 1
            calls += frames * (each if row.asks == "question" else 1)
    return RunSize(items, trials, calls)


def shows_one(condition: str) -> bool:
    """Whether a condition shows at most one picture, so that every delivery can carry it."""
    singles = ("blind", "first", "middle", "last", "decisive", "told_blind")
    return condition in singles or condition.startswith("single@")


def identity(spec: RunSpec, meme_set: MemeSet, model: Model) -> dict[str, object]:
    """What makes two runs the same run."""
    return {
        "protocol": PROTOCOL,
        "set": meme_set.name,
        "content": meme_set.content_sha256(),
        "model": model.name,
        "revision": model.revision,
        "delivery": check(spec, meme_set, model),
        "k": spec.k,
        "policy": spec.policy,
        "language": spec.language,
        "limit": spec.limit,
        "sample": spec.sample,
        "conditions": list(rows_of(spec, meme_set, model)),
        "engine": spec.engine,
        "scoring": spec.scoring,
        "seed": spec.seed,
    }


def describe(item: Item, language: str) -> ItemLabels:
    """What reports need of an item."""
    question = item.question.in_language(language) if item.question is not None else None
    other = item.counterfactual
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
        caption=item.caption,
        counterfactual=other.caption if other else None,
        other_gold=other.gold if other else None,
    )


def items_of(spec: RunSpec, meme_set: MemeSet) -> tuple[Item, ...]:
    """The items that the run is about, in the set's order."""
    items = meme_set.items[: spec.limit]
    if spec.sample is None or spec.sample >= len(items):
        return items
    return sampled(items, spec.sample, spec.seed)


def sampled(items: tuple[Item, ...], count: int, seed: int) -> tuple[Item, ...]:
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

"""What to run: the specification, its checks, its size, and what makes two runs the same."""

from dataclasses import dataclass, field

from frames import DEFAULT_POLICY, KEYFRAME_POLICIES, Limits
from meme_sets import Item, MemeSet
from probes.conditions import PROTOCOL, choose
from vlm import Model


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
    """Names of conditions or probes; None = all."""
    engine: str = "rapidocr"
    """OCR engine for caption edits and their check."""
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    """What is accepted of a media file; no part of a run's identity."""

    def __post_init__(self) -> None:
        if not 1 <= self.k <= 64:
            raise SpecError(f"the number of keyframes must be 1 to 64, got {self.k}")
        if self.limit is not None and self.limit < 1:
            raise SpecError(f"limit must be at least 1 item, got {self.limit}")
        if self.policy not in KEYFRAME_POLICIES:
            known = ", ".join(KEYFRAME_POLICIES)
            raise SpecError(f"unknown keyframe policy {self.policy!r}; known: {known}")
        try:
            choose(self.conditions, self.k)
        except ValueError as error:
            raise SpecError(str(error)) from None


@dataclass(frozen=True)
class Plan:
    """What a run will ask at most (stills drop out of the frames probe once they are opened)."""

    items: int
    trials: int
    calls: int
    """Calls of the model if no answer is known yet; ``vote`` asks once a frame."""


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
    if not any(c.applies(i) for c in choose(spec.conditions, spec.k).values()
               for i in items_of(spec, meme_set)):  # fmt: skip
        raise SpecError(
            f"set {meme_set.name!r} has nothing to ask: no item has a question with a gold answer, "
            "options and a decisive span, and none has a known caption"
        )
    return delivery


def plan(spec: RunSpec, meme_set: MemeSet, model: Model) -> Plan:
    """How much there is to ask, from the labels alone; no file is opened."""
    delivery = check(spec, meme_set, model)
    rows = choose(spec.conditions, spec.k).values()
    single = ("blind", "first", "last", "decisive")
    trials = calls = items = 0
    for item in items_of(spec, meme_set):
        wanted = [c for c in rows if c.applies(item)]
        items += bool(wanted)
        trials += len(wanted)
        calls += sum(spec.k if delivery == "vote" and c.name not in single else 1 for c in wanted)
    return Plan(items, trials, calls)


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
        "conditions": list(choose(spec.conditions, spec.k)),
        "engine": spec.engine,
        "seed": spec.seed,
    }


def describe(item: Item, language: str) -> dict[str, object]:
    """What reports need of an item, as plain values."""
    question = item.question.in_language(language) if item.question is not None else None
    return {
        "cluster": item.cluster,
        "kind": item.kind,
        "media": item.media,
        "question": question,
        "options": [o.in_language(language) for o in item.options],
        "item_gold": item.gold,
        "lure": item.lure,
        "order": item.order,
        "control": item.control,
        "caption": item.caption,
        "counterfactual": item.counterfactual.caption if item.counterfactual else None,
    }


def items_of(spec: RunSpec, meme_set: MemeSet) -> tuple[Item, ...]:
    """The items that the run is about, in the set's order."""
    return meme_set.items[: spec.limit]

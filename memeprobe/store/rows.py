"""What the store gives back: one frozen, typed row a trial, and one record a run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any

from vlm import LoadOptions, Receipt


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemLabels:
    """What is known of one item in the run's language: kept with the run, so that reports need
    no set."""

    cluster: str = ""
    """Items of one clip or one family share it; intervals are clustered by it."""
    kind: str | None = None
    media: str | None = None
    """Path of the media file, relative to the set's folder."""
    question: str | None = None
    options: tuple[str, ...] = ()
    item_gold: int | None = None
    """Index of the option that is right for the file as it is."""
    lure: int | None = None
    """Index of the option that the first frame alone suggests."""
    order: bool = False
    """Whether the right answer depends on the order of the frames."""
    control: bool = False
    caption: str | None = None
    """None = unknown, '' = known to have none."""
    counterfactual: str | None = None
    """A caption that changes the answer."""
    other_gold: int | None = None
    """The right option under ``counterfactual``."""
    tags: tuple[str, ...] = ()
    """The set's own marks, such as where the caption stands."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "ItemLabels":
        """From the values that the store keeps as JSON; unknown names are left out."""
        return cls(**_known(ItemLabels, stored))

    def plain(self) -> dict[str, Any]:
        """Its values by name, as they are."""
        return {name: getattr(self, name) for name in _names(ItemLabels)}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialRow(ItemLabels):
    """One trial joined with its answer and its item's labels: what measures and reports read."""

    item: str
    condition: str
    outcome: str
    """'right', 'wrong', 'unparsed', 'failed' or 'unreadable'."""
    chosen: int | None = None
    """Index of the option that was chosen."""
    gold: int | None = None
    """Index of the option that is right for what the condition shows."""
    answer: str | None = None
    """Key of the answer in the store."""
    intended: int = 0
    """Pictures that the condition means to show."""
    shown: int | None = None
    """Pictures that the receipt says were seen."""
    testable: bool | None = None
    """Whether the receipt shows every intended picture; None if nothing was asked."""
    problem: str | None = None
    text: str | None = None
    """The free answer."""
    logprobs: tuple[float, ...] | None = None
    """Log-probability of each option, summed over its tokens."""
    tokens: tuple[int, ...] | None = None
    """Tokens of each option."""
    receipt: Receipt | None = None
    keyframes: tuple[int, ...] = ()
    """Frame numbers of the keyframes in the clip."""
    decisive_hit: bool | None = None
    """Whether a keyframe shows the decisive span."""
    shown_caption: str | None = None
    """The caption that the pictures of a transcription show."""
    edit_read: str | None = None
    """What OCR read after a caption edit that failed."""
    rotations: tuple[int | None, ...] | None = None
    """With listed options: the option chosen under each rotation; None where a call named none,
    or failed."""
    failed_calls: int = 0
    """How many of the rotations failed."""
    judge: str | None = None
    """The judge's outcome."""

    @property
    def truncated(self) -> bool:
        """Whether the answer in words stopped at its bound of tokens, as far as is known."""
        seen = self.receipt.seen if self.receipt is not None else None
        return seen is not None and seen.truncated

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "TrialRow":
        """From plain values as the store keeps them; lists become tuples, unknown names go."""
        return cls(**_known(TrialRow, values))


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    names = _names(kind)
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in names
    }


@cache
def _names(kind: type) -> frozenset[str]:
    """Worked out once: a run has thousands of rows."""
    return frozenset(f.name for f in fields(kind))


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What made a run: enough to load the same model and set again, and to say with what."""

    model_spec: str
    """The model as it was asked for: a name, a folder, a hub id, a server's address."""
    load_options: Mapping[str, Any] = field(default_factory=dict)
    """Device, dtype, quantisation and translators that were asked for."""
    set_spec: str = ""
    """The set as it was asked for: a built-in name or a folder."""
    set_folder: str | None = None
    """Where its media lie; None for a built-in set, which lies in the package."""
    device: str = ""
    """Where the model ran."""
    command: str = ""
    """The command that repeats the run."""
    memeprobe: str = ""
    """Version of memeprobe."""
    libraries: Mapping[str, str] = field(default_factory=dict)
    """Versions of the libraries that answers depend on."""
    platform: str = ""
    """Python and operating system."""
    judge_spec: str | None = None
    """The judge model as it was asked for; None if there was none."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Provenance":
        """From plain values as the store keeps them."""
        return cls(**_known(Provenance, values))

    def options(self) -> LoadOptions:
        """The load options as ``vlm.load_model`` takes them."""
        pair = self.load_options.get("translators")
        named = {f.name for f in fields(LoadOptions)} & self.load_options.keys()
        kept = {name: self.load_options[name] for name in named}
        return LoadOptions(**{**kept, "translators": tuple(pair) if pair else None})

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run: what identifies it, what made it, and how far it is."""

    run: str
    set: str = ""
    model: str = ""
    revision: str = ""
    delivery: str = ""
    k: int = 4
    """Keyframes."""
    policy: str = ""
    language: str = "en"
    content: str = ""
    """SHA-256 of the set's items and media."""
    protocol: int = 0
    limit: int | None = None
    sample: int | None = None
    conditions: tuple[str, ...] = ()
    engine: str = "rapidocr"
    scoring: str = "auto"
    seed: int = 0
    judge: tuple[str, ...] | None = None
    """(name, revision) of the judge model."""
    provenance: Provenance | None = None
    """None for a run of a store from before version 0.2."""
    name: str = ""
    """What people call it; no part of what identifies it."""
    note: str = ""
    """What they say of it."""
    created: float = 0.0
    """Seconds of the epoch."""
    updated: float = 0.0
    planned: int = 0
    """Trials planned."""
    done: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Outcome -> trials."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "RunRecord":
        """From plain values as the store keeps them."""
        return cls(**_known(RunRecord, values))

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

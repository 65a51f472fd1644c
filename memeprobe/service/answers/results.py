"""What is sent of a run's trials and its result, field by field (see ``described``)."""

from typing import Annotated, Any, get_type_hints

from pydantic import Field, create_model

from memeprobe.api.table import COLUMNS
from memeprobe.messages.labels import CONDITIONS, SLOTS
from memeprobe.service.answers.described import As, Told
from memeprobe.service.answers.figures import (
    BiasIndex,
    Influence,
    Interval,
    Letter,
    Measures,
    Shape,
    Slot,
    Tally,
)
from memeprobe.store.rows import Provenance, RunRecord, TrialRow
from memeprobe.verdicts.run_result import Batching, Note

NAMES = {**{k: v[0] for k, v in CONDITIONS.items()}, **{f"{k}@N": v[0] for k, v in SLOTS.items()}}
SHOWN = "; ".join(f"``{name}``: {what.format('N')}" for name, what in NAMES.items())


_TYPES = {**get_type_hints(RunRecord), **get_type_hints(TrialRow)}
_FIELDS: dict[str, Any] = {
    name: (_TYPES[name], Field(description=what)) for name, (_, what) in COLUMNS.items()
}
Trial = create_model("Trial", __base__=Told, __doc__="One item under one condition.", **_FIELDS)


class Verdict(Told):
    """A conclusion, in both languages."""

    key: str
    """For programs; ``not_asked`` where the run did not ask it."""
    text: str
    """In English."""
    text_zh: str
    """In Chinese."""
    numbers: dict[str, float | str | list[Any] | dict[str, Any] | None]
    """What it rests on, by names that differ by verdict and key; empty if it was not asked. Most
    are an estimate with ``value``, ``low``, ``high`` (95 % interval, or 90 % where the name ends
    in ``_90``), ``n`` (items) and at times ``p``; ``needed`` is a number of items, ``remarks`` a
    list of keys."""


class Verdicts(Told):
    """What the run shows."""

    first_frame: Verdict
    """Which frames count."""
    order: Verdict
    """Whether the order of the frames counts."""
    caption: Verdict
    """Whether captions are read and used."""
    language: Verdict
    """Whether English or Chinese questions are answered better."""
    picture: Verdict
    """Whether stills are looked at, where the set has any."""


class Summary(Told):
    """One sentence over all verdicts."""

    text: str
    """In English."""
    text_zh: str
    """In Chinese."""


class TrialProblem(Told):
    """Why trials have no answer, or had to be asked another way."""

    problem: str
    """What was wrong."""
    trials: int
    """How many trials it concerns."""


class RunFacts(Told):
    """What was run."""

    run: str
    """Its id."""
    model: str
    """Name of the model."""
    delivery: str
    """How frames reached the model."""
    k: int
    """Keyframes."""
    policy: str
    """How keyframes were chosen."""
    language: str
    """Of the questions: en or zh."""


class Result(RunFacts):
    """Everything that follows from the answers of a run."""

    set: str
    """Name of the set."""
    items: int
    """Items with at least one trial."""
    conditions: Annotated[
        dict[str, Tally], Field(description=f"What was shown and said ({SHOWN}) -> its counts.")
    ]
    measures: Annotated[dict[str, Any], As(Measures)]
    """Those that the answers allow."""
    curve: list[Slot]
    """Accuracy by the place of the decisive frame; empty where no item names one."""
    shape: Shape | None
    """Of the curve; null where there is none."""
    bias_index: list[BiasIndex]
    """How much the first, last or a middle place counts more, by every estimator allowed."""
    letters: list[Letter]
    """How often each letter of listed options is named; empty if none was listed."""
    influence: list[Influence]
    """How much each keyframe moves the answer; empty where the model gives no probabilities."""
    best_single: str | None
    """The condition of the single frame that is answered best."""
    kinds: dict[str, dict[str, Interval]]
    """Kind of question -> condition -> accuracy, 0 to 1."""
    verdicts: Verdicts
    """What the run shows."""
    summary: Summary
    """One sentence over all verdicts."""
    notes: list[Note]
    """What a reader must know beside the numbers."""
    scoring: str
    """How options were scored: auto, listed or free."""
    seed: int
    """Of everything that is drawn."""
    engine: str
    """OCR engine that read captions."""
    protocol: int
    """Version of what the conditions show and ask; figures of two versions do not compare."""
    revision: str
    """Which weights and settings of the model."""
    content: str
    """SHA-256 of the set's items and media."""
    created: float
    """When the run began, in seconds since 1970 (UTC)."""
    provenance: Provenance | None
    """What made the run; null for one from before version 0.2."""
    judge: str | None
    """Name of the judge model; null if there was none."""
    batching: Batching | None
    """Whether answers given in batches were given again alone; null if none was asked again."""
    problems: list[TrialProblem]
    """The most frequent ones."""
    truncated: int
    """Answers that stopped at their bound of tokens, as far as is known."""


class Difference(Told):
    """Two runs under one condition, over the items answered in both."""

    first: Interval
    """Accuracy of the first run, 0 to 1."""
    second: Interval
    """Accuracy of the second run, 0 to 1."""
    difference: Interval
    """Second minus first, -1 to 1."""
    p: float | None
    """Two-sided p-value that there is no difference."""
    mcnemar_p: float | None
    """That of McNemar's exact test."""
    gained: list[str]
    """Ids of the items that only the second run answered rightly."""
    lost: list[str]
    """Ids of the items that only the first run answered rightly."""
    items_needed: int
    """Items that would show a difference of this size; 100000: as many or more."""
    p_holm: float | None
    """p adjusted (Holm) for the number of conditions."""


class Pair(Told):
    """One run against the first one."""

    first: str
    """Id of the first run."""
    second: str
    """Id of the other one."""
    conditions: Annotated[
        dict[str, Difference], Field(description="Condition -> difference; as in a result.")
    ]
    summary: str
    """Under which conditions the second is surely better or worse, a sentence in English."""


class Comparison(Told):
    """Runs on the same items, each against the first one."""

    set: str
    """Name of the set."""
    language: str
    """Of the questions: en or zh."""
    runs: list[RunFacts]
    """The runs, in the order asked for."""
    comparisons: list[Pair]
    """Every other run against the first one."""

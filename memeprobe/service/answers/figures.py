"""The figures of a run, as they are sent with its result (see ``described``)."""

from typing import Any, Literal

from pydantic import Field, create_model

from memeprobe.messages.measures import MEASURES, is_difference
from memeprobe.service.answers.described import Sometimes, Told


class Limits(Told):
    """The 95 % interval of an estimate, and what it rests on."""

    low: float | None
    """Lower limit; null if n is 0."""
    high: float | None
    """Upper limit; null if n is 0."""
    n: int
    """Items behind the estimate."""


class Interval(Limits):
    """An estimate with its 95 % interval: a share (0 to 1), or a difference of shares (-1 to 1)."""

    value: float | None
    """The estimate; null if n is 0."""
    p: Sometimes[float | None]
    """Two-sided p-value against 0, where there is a test."""


class Measure(Interval):
    """A measure: a share (0 to 1), or a difference of shares (-1 to 1), with its 95 % interval."""

    p_holm: Sometimes[float | None]
    """p adjusted (Holm) for the number of tests of its probe."""


_FIELDS: dict[str, Any] = {
    name: (
        Sometimes[Measure],
        Field(
            description=f"{label}: {meaning}. "
            + ("A difference, -1 to 1." if is_difference(name) else "A share, 0 to 1.")
        ),
    )
    for name, ((label, _), (meaning, _)) in MEASURES.items()
}
Measures = create_model(
    "Measures", __base__=Told, __doc__="Every measure that the answers allow.", **_FIELDS
)


class Tally(Limits):
    """Counts and accuracy of one condition; n: the trials that were answered."""

    right: int
    """Trials answered rightly."""
    wrong: int
    """Trials answered wrongly."""
    unparsed: int
    """Trials whose answer names no option."""
    failed: int
    """Trials that the model failed to answer."""
    unreadable: int
    """Trials that could not be shown: a caption edit failed, or a file is damaged."""
    not_testable: int
    """Trials whose pictures did not all reach the model."""
    accuracy: float | None
    """Right answers among those given, 0 to 1; null if n is 0."""
    accuracy_sum: Sometimes[Interval]
    """Accuracy if the option with the highest whole log-probability counted."""
    judge: Sometimes[dict[Literal["right", "wrong", "unparsed", "failed"], int]]
    """What the judge model said -> answers."""
    accuracy_per_call: Sometimes[Interval]
    """Accuracy of single calls, where the options were listed in every rotation."""


class Slot(Limits):
    """A point of the position curve."""

    slot: int
    """Place of the decisive frame, from 1."""
    accuracy: float | None
    """Right answers among those given, 0 to 1."""


class Shape(Told):
    """The published measures of the position curve (Video-LevelGauge), in percent of the accuracy
    of the decisive frame alone."""

    p_ran: float | None
    """Range of the curve."""
    p_var: float | None
    """Variance of the curve."""
    p_mean: float | None
    """Mean of the curve."""
    shape: str
    """stable, head, neighbor, u_shaped or volatile."""


class BiasIndex(Interval):
    """How much one place counts more than the others: 0 no more, 1 alone."""

    estimator: Literal["grey", "other_clips", "own_lures", "swap", "replacement"]
    """How it was estimated (docs/method.md)."""
    place: Literal["first", "last", "middle"]
    """Whose weight it is."""
    low_90: float | None
    """Lower 90 % limit."""
    high_90: float | None
    """Upper 90 % limit."""


class Letter(Interval):
    """How often one letter of listed options is named, 0 to 1 of the calls."""

    letter: str
    """The letter, from A."""


class Influence(Told):
    """How much one keyframe moves the answer."""

    slot: int
    """Place of the keyframe, from 1."""
    change: Interval
    """Natural-log probability of the right option with the frame minus without it."""
    share: Interval
    """Its part of all change, 0 to 1."""

"""What follows from the answers of a run, typed. ``as_json`` is the object that --json prints."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from memeprobe import messages, stats
from memeprobe.measures import Estimate, Influence, LetterShare, Shape, Tally
from memeprobe.stats import Interval
from memeprobe.store.rows import RunRecord
from memeprobe.verdicts.common import Verdict


@dataclass(frozen=True)
class Measured(Interval):
    """A measure: its value with the 95 % interval, n, and p where it is tested."""

    p_holm: float | None = None
    """p adjusted for the number of tests of its probe."""

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        adjusted = {} if self.p_holm is None else {"p_holm": stats.number(self.p_holm, 6)}
        return {**super().as_json(), **adjusted}


@dataclass(frozen=True)
class SlotAccuracy:
    """A point of the position curve: accuracy with the decisive frame in a slot."""

    slot: int
    """From 1."""
    accuracy: Interval

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        plain = self.accuracy.as_json()
        return {"slot": self.slot, "accuracy": plain.pop("value"), **plain}


@dataclass(frozen=True)
class Note:
    """What a reader must know beside the numbers."""

    key: str
    """For programs."""
    text: str
    """In English."""
    text_zh: str
    """In Chinese."""


@dataclass(frozen=True)
class Problem:
    """Why trials have no answer, or had to be asked another way, and how many."""

    problem: str
    trials: int


@dataclass(frozen=True)
class Batching:
    """Whether answers that were given in batches were given again alone."""

    asked_again: int
    """Answers."""
    same: int
    """Of those, answers that stayed what they were."""
    largest_difference: float | None
    """Of a log-probability; None where the model gives none."""


@dataclass(frozen=True)
class RunResult:
    """Verdicts and their grounds, with the record of the run."""

    record: RunRecord
    items: int
    """Items with at least one trial."""
    conditions: Mapping[str, Tally]
    """In the order of asking."""
    measures: Mapping[str, Measured]
    curve: tuple[SlotAccuracy, ...]
    """Empty where no item has a decisive span."""
    shape: Shape | None
    bias_index: tuple[Estimate, ...]
    letters: tuple[LetterShare, ...]
    """How often each letter of listed options is named; empty if none was listed."""
    influence: tuple[Influence, ...]
    best_single: str | None
    """The condition of the single frame that is answered best."""
    kinds: Mapping[str, Mapping[str, Interval]]
    """Kind of question -> condition -> accuracy."""
    verdicts: Mapping[str, Verdict]
    notes: tuple[Note, ...]
    batching: Batching | None = None
    """None if no answer was asked again."""
    problems: tuple[Problem, ...] = ()
    """The most frequent ones."""
    truncated: int = 0
    """Answers that stopped at their bound of tokens, as far as is known."""

    @property
    def reached(self) -> dict[str, Verdict]:
        """The verdicts of the probes that were asked."""
        return {name: v for name, v in self.verdicts.items() if v.key != "not_asked"}

    @property
    def summary(self) -> tuple[str, str]:
        """One sentence over all verdicts, in English and Chinese."""
        return messages.summary({name: v.key for name, v in self.verdicts.items()})

    def as_json(self) -> dict[str, Any]:
        """Plain values, rounded; None where there is no number."""
        run = self.record
        about = ("run", "set", "model", "delivery", "k", "policy", "language")
        more = ("scoring", "seed", "engine", "protocol", "revision", "content", "created")
        return {
            **{name: getattr(run, name) for name in about},
            "items": self.items,
            "conditions": {name: tally.as_json() for name, tally in self.conditions.items()},
            "measures": {name: value.as_json() for name, value in self.measures.items()},
            "curve": [point.as_json() for point in self.curve],
            "shape": None if self.shape is None else self.shape.as_json(),
            "bias_index": [estimate.as_json() for estimate in self.bias_index],
            "letters": [letter.as_json() for letter in self.letters],
            "influence": [slot.as_json() for slot in self.influence],
            "best_single": self.best_single,
            "kinds": {
                kind: {name: share.as_json() for name, share in shares.items()}
                for kind, shares in self.kinds.items()
            },
            "verdicts": {name: verdict.as_json() for name, verdict in self.verdicts.items()},
            "summary": dict(zip(("text", "text_zh"), self.summary, strict=True)),
            "notes": [asdict(note) for note in self.notes],
            **{name: getattr(run, name) for name in more},
            "provenance": None if run.provenance is None else run.provenance.as_json(),
            "judge": run.judge[0] if run.judge else None,
            "batching": None if self.batching is None else asdict(self.batching),
            "problems": [asdict(problem) for problem in self.problems],
            "truncated": self.truncated,
        }

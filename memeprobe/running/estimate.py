"""Beforehand: how many model calls a run will make, and roughly how long that takes."""

from dataclasses import dataclass

from meme_sets import MemeSet
from memeprobe.experiment.spec import RunSize, RunSpec, check, plan
from memeprobe.running.runner import pace_of, run
from memeprobe.store.store import Store
from vlm import Model


@dataclass(frozen=True)
class Estimate:
    """The size of a run."""

    plan: RunSize
    seconds: float | None
    """Roughly how long all of it takes; None if no trial could be asked yet."""
    measured: bool
    """Whether the pace was measured just now, and is not remembered from earlier runs."""

    @property
    def text(self) -> str:
        """'132 items, 1,400 trials, at most 1,400 model calls, about 4 min (measured on ...)'."""
        p = self.plan
        size = f"{p.items:,} items, {p.trials:,} trials, at most {p.calls:,} model calls"
        if self.seconds is None:
            return size
        how = "measured on the first few" if self.measured else "as fast as in earlier runs"
        return f"{size}, about {duration(self.seconds)} ({how})"


def estimate(
    spec: RunSpec, meme_set: MemeSet, model: Model, store: Store, judge: Model | None = None
) -> Estimate:
    """The size of the run; asks its first few trials where this model's pace is not known yet.

    What is asked stays in the run, nothing is asked twice. Raises SpecError.
    """
    size = plan(spec, meme_set, model)
    key = pace_of(model, check(spec, meme_set, model), meme_set.name)
    pace, measured = store.pace(*key), False
    if pace is None:
        run(spec, meme_set, model, store, judge=judge, rehearse=True)
        pace, measured = store.pace(*key), True
    return Estimate(size, None if pace is None else pace * size.trials, measured)


def duration(seconds: float) -> str:
    """'40 s', '12 min', '3 h'."""
    for limit, unit, divisor in ((90, "s", 1), (5400, "min", 60)):
        if seconds < limit:
            return f"{max(1, round(seconds / divisor))} {unit}"
    return f"{round(seconds / 3600)} h"

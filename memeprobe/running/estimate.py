"""Beforehand: how many model calls a run will make, and roughly how long that takes."""

from dataclasses import dataclass

from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import RunSize
from memeprobe.running.asker import pace_key
from memeprobe.running.runner import run
from memeprobe.store.schema import identified
from memeprobe.store.store import Store


@dataclass(frozen=True)
class Estimate:
    """The size of a run."""

    size: RunSize
    seconds: float | None
    """Roughly how long all of it takes; None if no trial could be asked yet."""
    measured: bool
    """Whether the pace was measured just now, and is not remembered from earlier runs."""
    settled: int = 0
    """Trials that were asked before: the run was begun already."""
    failed: int = 0
    """Trials that failed before and are asked again."""

    @property
    def text(self) -> str:
        """'132 items, 1,400 trials, at most 1,400 model calls, about 4 min (measured on ...)'."""
        n = self.size
        size = f"{n.items:,} items, {n.trials:,} trials, at most {n.calls:,} model calls"
        found = [f"answered already: {self.settled:,}"] if self.settled else []
        found += [f"failed and asked again: {self.failed:,}"] if self.failed else []
        size = "; ".join([size, *found])
        if self.seconds is None or self.settled >= n.trials:
            return size
        how = "measured on the first few" if self.measured else "as fast as in earlier runs"
        rest = " for the rest" if found else ""
        return f"{size}, about {duration(self.seconds)}{rest} ({how})"


def estimate(experiment: Experiment, store: Store) -> Estimate:
    """The size of the run and what of it is there already; asks its first few trials where this
    model's pace is not known yet.

    What is asked stays in the run, nothing is asked twice. Raises SpecError.
    """
    size, key = experiment.plan.size, pace_key(experiment)
    own = {item.id for item in experiment.plan.own_items}
    settled, failed = store.found(identified(experiment.identity)[0], own)
    pace, measured = store.pace(*key), False
    if pace is None:
        run(experiment, store, rehearse=True)
        pace, measured = store.pace(*key), True
    left = max(0, size.trials - settled)
    return Estimate(size, None if pace is None else pace * left, measured, settled, failed)


def duration(seconds: float) -> str:
    """'40 s', '12 min', '3 h'."""
    for limit, unit, divisor in ((90, "s", 1), (5400, "min", 60)):
        if seconds < limit:
            return f"{max(1, round(seconds / divisor))} {unit}"
    return f"{round(seconds / 3600)} h"

"""The rows of a run by condition and item; accuracy and paired differences.

A row is one trial as ``Store.outcomes`` gives it. Accuracy counts right answers among those that
were given (right, wrong, unparsed); failed and unreadable trials are left out and counted apart.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memeprobe import stats
from memeprobe.scoring.answers import FAILED, RIGHT, UNPARSED, WRONG, likeliest
from memeprobe.stats import Interval
from memeprobe.store.rows import TrialRow

ANSWERED = (RIGHT, WRONG, UNPARSED)
COUNTED = (RIGHT, WRONG, UNPARSED, FAILED, "unreadable")


@dataclass(frozen=True)
class Table:
    """The rows of a run by condition and item; order of items as in the set."""

    rows: dict[str, dict[str, TrialRow]]

    @classmethod
    def of(cls, rows: Iterable[TrialRow]) -> "Table":
        """Sort rows into a table."""
        found: dict[str, dict[str, TrialRow]] = {}
        for row in rows:
            found.setdefault(row.condition, {})[row.item] = row
        return cls(found)

    def answered(
        self, condition: str, keep: Callable[[TrialRow], bool] = lambda row: True
    ) -> list[TrialRow]:
        """The answered rows of a condition whose item ``keep`` takes."""
        return [
            r for r in self.rows.get(condition, {}).values() if r.outcome in ANSWERED and keep(r)
        ]

    def together(
        self, conditions: Sequence[str], keep: Callable[[TrialRow], bool] = lambda row: True
    ) -> list[tuple[TrialRow, ...]]:
        """The rows of the items answered under every one of the conditions."""
        per = [{r.item: r for r in self.answered(c, keep)} for c in conditions]
        if not per:
            return []
        common = set(per[0]).intersection(*per[1:])
        return [tuple(p[i] for p in per) for i in per[0] if i in common]


def right(row: TrialRow) -> bool:
    """Whether the trial was answered rightly."""
    return bool(row.outcome == RIGHT)


def clusters(rows: Sequence[TrialRow]) -> list[Hashable]:
    """The cluster of each row."""
    return [r.cluster for r in rows]


def accuracy(
    table: Table, condition: str, keep: Callable[[TrialRow], bool] = lambda row: True
) -> Interval:
    """Share of right answers among the answered trials of a condition."""
    rows = table.answered(condition, keep)
    return stats.share([right(r) for r in rows], clusters(rows))


@dataclass(frozen=True)
class Tally:
    """Counts and accuracy of one condition."""

    accuracy: Interval
    counts: Mapping[str, int]
    """Outcome (right, wrong, unparsed, failed, unreadable) -> trials."""
    not_testable: int
    """Trials whose pictures did not all reach the model."""
    by_sum: Interval | None
    """Accuracy by whole log-probabilities; None where there are none."""
    judged: Mapping[str, int] | None
    """What the judge model said -> answers; None if none was asked."""
    per_call: Interval | None = None
    """Accuracy of single calls; None where one call made the answer."""

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        found = self.accuracy.as_json()
        return {
            "n": found["n"],
            **self.counts,
            "not_testable": self.not_testable,
            "accuracy": found["value"],
            "low": found["low"],
            "high": found["high"],
            **({} if self.by_sum is None else {"accuracy_sum": self.by_sum.as_json()}),
            **({} if self.judged is None else {"judge": dict(self.judged)}),
            **({} if self.per_call is None else {"accuracy_per_call": self.per_call.as_json()}),
        }


def tally(table: Table, condition: str) -> Tally:
    """Counts and accuracy of one condition."""
    rows = list(table.rows.get(condition, {}).values())
    judged = [r.judge for r in rows if r.judge is not None]
    return Tally(
        accuracy(table, condition),
        {outcome: sum(r.outcome == outcome for r in rows) for outcome in COUNTED},
        sum(r.testable is False for r in rows),
        by_sum(table, condition) if any(r.logprobs for r in rows) else None,
        {o: judged.count(o) for o in (RIGHT, WRONG, UNPARSED, FAILED)} if judged else None,
    )


def by_sum(table: Table, condition: str) -> Interval:
    """Accuracy if the option with the highest whole log-probability counted, not the highest per
    token: the other usual rule, which favours short options."""
    rows = [r for r in table.answered(condition) if r.logprobs]
    flags = [likeliest(r.logprobs or ()) == r.gold for r in rows]
    return stats.share(flags, clusters(rows))


def paired(
    table: Table, after: str, before: str, keep: Callable[[TrialRow], bool] = lambda row: True
) -> tuple[list[int], list[Hashable]]:
    """Right under ``after`` minus right under ``before`` (-1, 0, 1) per item answered under both,
    and the clusters of these items."""
    pairs = table.together((after, before), keep)
    return [right(a) - right(b) for a, b in pairs], clusters([a for a, _ in pairs])


def gain(
    table: Table, after: str, before: str, keep: Callable[[TrialRow], bool] = lambda row: True
) -> Interval:
    """Accuracy under ``after`` minus accuracy under ``before``, over items answered under both."""
    return stats.tested(*paired(table, after, before, keep))


def chance(rows: Iterable[TrialRow], power: int = 1) -> float:
    """What a blind guess gets right: mean of (1 / options) ** power; NaN without rows."""
    shares = [(1 / len(r.options)) ** power for r in rows if r.options]
    return float(np.mean(shares)) if shares else stats.NAN

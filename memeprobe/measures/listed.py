"""Options that were listed in every rotation: single calls beside the majority, and the pull of a
letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from memeprobe import stats
from memeprobe.measures.table import ANSWERED, Table
from memeprobe.stats import NOTHING, Interval
from memeprobe.store.rows import TrialRow


def listed(table: Table, condition: str | None = None) -> list[TrialRow]:
    """The answered rows whose options were listed, of one condition or of all."""
    chosen = table.rows if condition is None else {condition: table.rows.get(condition, {})}
    return [
        r
        for rows in chosen.values()
        for r in rows.values()
        if r.rotations and r.outcome in ANSWERED
    ]


def per_call(table: Table, condition: str) -> Interval:
    """Share of right answers among single calls, as a user would make one; mean over items.

    The majority over the rotations of an item is right oftener than one call is.
    """
    rows = listed(table, condition)
    values = [
        sum(vote == r.gold for vote in r.rotations or ())
        / max(1, len(r.rotations or ()) - r.failed_calls)
        for r in rows
    ]
    return stats.mean(values, [r.cluster for r in rows], bounds=(0.0, 1.0))


def letters(row: TrialRow) -> list[int]:
    """The places in the list, from 0, that the calls of a trial named.

    ``rotations[by]`` is the option chosen from the list that began with option ``by``.
    """
    count = len(row.rotations or ())
    return [(v - by) % count for by, v in enumerate(row.rotations or ()) if v is not None]


@dataclass(frozen=True)
class LetterShare:
    """How often one letter is named."""

    letter: str
    share: Interval

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"letter": self.letter, **self.share.as_json()}


def letter_shares(table: Table) -> list[LetterShare]:
    """How often each letter is named, over all calls that named an option; [] if none was listed.

    Over the rotations every option stands once at every letter, so a model that answers by the
    options' meaning names all letters alike, whatever it answers.
    """
    rows = [r for r in listed(table) if letters(r)]
    most = max((len(r.rotations or ()) for r in rows), default=0)
    found = []
    for letter in range(most):
        names, values = _excess(rows, letter, expected=False)
        share = stats.mean(values, names, bounds=(0.0, 1.0))
        found.append(LetterShare(chr(ord("A") + letter), share))
    return found


def letter_bias(table: Table) -> Interval:
    """How much oftener the letter that is named most is named than 1 / options; 0 = no bias.

    Picked after the fact; the p-value is Bonferroni's over the letters.
    """
    rows = [r for r in listed(table) if letters(r)]
    if not rows:
        return NOTHING
    most = max(len(r.rotations or ()) for r in rows)
    each = [_excess(rows, letter, expected=True) for letter in range(most)]
    names, values = max(each, key=lambda one: float(np.mean(one[1])))
    found = stats.tested(values, names)
    return Interval(found.value, found.low, found.high, found.n, min(1.0, (found.p or 0) * most))


def _excess(rows: Iterable[TrialRow], letter: int, expected: bool) -> tuple[list[str], list[float]]:
    """Clusters, and per item the share of its calls that named a letter, minus what is expected."""
    named: dict[str, list[float]] = {}
    clusters: dict[str, str] = {}
    for row in rows:
        count = len(row.rotations or ())
        if letter < count:
            fair = 1 / count if expected else 0.0
            named.setdefault(row.item, []).extend((p == letter) - fair for p in letters(row))
            clusters[row.item] = row.cluster
    return [clusters[i] for i in named], [float(np.mean(v)) for v in named.values()]

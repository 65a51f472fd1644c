"""The bias index: how much one place in the sequence decides, by several estimators side by side.

0 = the place counts as much as every other, 1 = it alone decides, below 0 = it counts less. Each
estimator rests on other pictures, because each can be fooled in its own way: among grey frames a
model that skips pictures which show nothing looks fair; among the clip's own misleading frames one
that rightly answers by the end leans to the last slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memeprobe import stats
from memeprobe.measures.curve import slots_of
from memeprobe.measures.frames import misled
from memeprobe.measures.table import Table, chance, right
from memeprobe.stats import Interval
from memeprobe.store.rows import TrialRow

CURVES = {"grey": "position@", "other_clips": "among@", "own_lures": "lures@"}
"""Estimators from a curve, and the beginning of its conditions' names."""


@dataclass(frozen=True)
class Estimate:
    """One estimator's index of one place."""

    estimator: str
    """'grey', 'other_clips', 'own_lures' or 'swap'."""
    place: str
    """'first', 'last' or 'middle'."""
    index: Interval
    """With its 95 % limits and the p-value of the sign-flip test that it is 0."""
    narrow: Interval
    """With its 90 % limits: two one-sided tests at 5 % each."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "estimator": self.estimator,
            "place": self.place,
            **self.index.as_json(),
            "low_90": stats.number(self.narrow.low),
            "high_90": stats.number(self.narrow.high),
        }


def estimates(table: Table) -> list[Estimate]:
    """Every estimator that the rows allow.

    grey, other_clips: right with the decisive frame in the slot minus the mean of the other slots,
    in shares of (decisive frame alone minus no picture), so that a model's noise does not shrink
    it. own_lures: the same, in shares of that difference over what it would be for a sure model,
    because the clip's own frames call for another answer. swap: over items that begin misleadingly,
    in order and reversed, answers that follow what comes first minus those that follow what comes
    last, likewise. For own_lures and swap only the first place is judged: that the last one counts
    more is right where the question is about the end.
    """
    base = _scale(table)
    if base is None:
        return []
    found: list[Estimate] = []
    for name, stem in CURVES.items():
        slots = slots_of(table, stem)
        rows = table.together(slots) if len(slots) > 1 else []
        if not rows:
            continue
        values = np.array([[right(r) for r in several] for several in rows], float)
        sure = 1 - chance(several[0] for several in rows) if name == "own_lures" else 1.0
        for place, contrast in _contrasts(values).items():
            if name != "own_lures" or place == "first":
                found.append(_estimate(name, place, contrast, [s[0] for s in rows], base, sure))
    both = table.together(("keyframes", "reversed"), misled(table))
    if both:
        pull = np.array([_pull(forth, back) for forth, back in both], float)
        sure = 1 - chance(forth for forth, _ in both)
        found.append(_estimate("swap", "first", pull, [f for f, _ in both], base, sure))
    return found


def _contrasts(values: np.ndarray) -> dict[str, np.ndarray]:
    """Per item: each place minus the mean of the other slots; values (items, slots)."""
    count = values.shape[1]
    total = values.sum(axis=1)
    found = {
        "first": values[:, 0] - (total - values[:, 0]) / (count - 1),
        "last": values[:, -1] - (total - values[:, -1]) / (count - 1),
    }
    if count > 2:
        found["middle"] = values[:, 1:-1].mean(axis=1) - values[:, [0, -1]].mean(axis=1)
    return found


def _pull(forth: TrialRow, back: TrialRow) -> float:
    """Follows what was shown first minus what was shown last, mean over both directions."""
    first = (forth.chosen == forth.lure) + (back.chosen == back.gold)
    last = (forth.chosen == forth.gold) + (back.chosen == back.lure)
    return (first - last) / 2


def _scale(table: Table) -> tuple[np.ndarray, list[str], list[TrialRow]] | None:
    """Per item: right with the decisive frame alone minus right with no picture."""
    rows = table.together(("decisive", "blind"))
    values = np.array([right(a) - right(b) for a, b in rows], float)
    if len(values) < 2 or values.mean() <= 0.05:
        return None
    return values, [a.item for a, _ in rows], [a for a, _ in rows]


def _estimate(
    name: str,
    place: str,
    contrast: np.ndarray,
    rows: Sequence[TrialRow],
    base: tuple[np.ndarray, list[str], list[TrialRow]],
    sure: float,
) -> Estimate:
    """Contrast over scale with the linearised error of a ratio (Cochran 1977, section 6.4)."""
    scale, items, told = base[0] / sure, base[1], base[2]
    ratio = float(contrast.mean() / scale.mean())
    clusters = {r.item: r.cluster for r in [*rows, *told]}
    names = list(clusters)
    place_of = {item: i for i, item in enumerate(names)}
    error = np.zeros(len(names))
    error[[place_of[r.item] for r in rows]] += (contrast - contrast.mean()) * len(names) / len(rows)
    weight = min(abs(ratio), 2.0) * np.sign(ratio) * len(names) / len(items)
    error[[place_of[i] for i in items]] -= weight * (scale - scale.mean())
    error /= scale.mean()
    reach = max(1.0, 1 / float(scale.mean()))
    p = stats.sign_flip(contrast, [r.cluster for r in rows])

    def at(level: float) -> Interval:
        groups = list(clusters.values())
        around = stats.mean(error, groups, level, (-reach, reach))
        half = max(around.high - around.value, around.value - around.low)
        return Interval(ratio, ratio - half, ratio + half, len(rows), p)

    return Estimate(name, place, at(0.95), at(0.90))


def widest_pair(table: Table) -> Interval | None:
    """The largest difference of two slots among grey or other clips' frames, 90 % limits."""
    found: list[Interval] = []
    for name in ("grey", "other_clips"):
        slots = slots_of(table, CURVES[name])
        rows = table.together(slots) if 1 < len(slots) <= 8 else []
        if not rows:
            continue
        values = np.array([[right(r) for r in several] for several in rows], float)
        names = [several[0].cluster for several in rows]
        means = values.mean(axis=0)
        best, worst = int(means.argmax()), int(means.argmin())
        if best != worst:
            found.append(stats.mean(values[:, best] - values[:, worst], names, 0.90))
    return max(found, key=lambda i: i.high, default=None)

"""The position curve, the published measures of its shape, and the influence of each frame."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from memeprobe import stats
from memeprobe.measures.table import Table, clusters, right
from memeprobe.stats import Interval
from memeprobe.store.rows import TrialRow

STRAIGHT, STEEP, BENT = 3.0, 0.5, 2.0
"""Thresholds of the published shape rule, in points and points per slot: mean squared error of a
straight line, its slope, mean squared error of a parabola."""


@dataclass(frozen=True)
class Curve:
    """The position curve: right or not, per item (rows) and slot (columns)."""

    right: np.ndarray
    clusters: list[Hashable]

    def accuracies(self) -> list[Interval]:
        """Accuracy of every slot."""
        return [stats.share(list(column), self.clusters) for column in self.right.T]

    def contrasts(self, slot: int) -> np.ndarray:
        """Per item: right in ``slot`` (from 0) minus its mean over the other slots."""
        others = np.delete(self.right, slot, axis=1).mean(axis=1)
        return np.asarray(self.right[:, slot] - others)

    def contrast(self, slot: int) -> Interval:
        """How much better a slot is than the mean of the others; 95 % interval and p-value."""
        p = stats.exchanged(self.right, [slot], self.clusters)
        return replace(stats.mean(self.contrasts(slot), self.clusters), p=p)


def curve(table: Table) -> Curve | None:
    """The position curve over the items answered in every slot; None without two slots."""
    slots = slots_of(table, "position@")
    together = table.together(slots)
    if len(slots) < 2 or not together:
        return None
    values = np.array([[right(r) for r in rows] for rows in together], float)
    return Curve(values, clusters([rows[0] for rows in together]))


def slots_of(table: Table, stem: str) -> list[str]:
    """The conditions 'stem@1', 'stem@2', ... that were asked, in the order of their slots."""
    found = (c for c in table.rows if c.startswith(stem))
    return sorted(found, key=lambda c: int(c.split("@")[1]))


@dataclass(frozen=True)
class Shape:
    """The published measures of a position curve; see ``shape``."""

    p_ran: float
    p_var: float
    p_mean: float
    name: str
    """'stable', 'head', 'neighbor', 'u_shaped' or 'volatile'."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        numbers = ((n, stats.number(getattr(self, n))) for n in ("p_ran", "p_var", "p_mean"))
        return {**dict(numbers), "shape": self.name}


def shape(accuracies: Sequence[float], alone: float) -> Shape | None:
    """P_ran, P_var, P_mean and the shape of a position curve (Video-LevelGauge, ICLR 2026).

    RS(p) = accuracy at slot p / accuracy of the decisive frame alone x 100; P_ran their range,
    P_var their population variance, P_mean their mean. Shape: if a straight line over the slot
    numbers fits with mean squared error <= 3, 'stable' for |slope| <= 0.5, 'head' preference
    below, 'neighbor' preference above; else 'u_shaped' if a parabola fits with error <= 2 (so an
    arch is one too), else 'volatile'. The rule has no test of significance and calls the noise of
    few items a shape; the verdict does not rest on it. None if nothing is right alone.
    """
    if not alone > 0 or len(accuracies) < 2:
        return None
    scores = np.asarray(accuracies, float) / alone * 100
    return Shape(
        float(np.ptp(scores)), float(scores.var()), float(scores.mean()), shape_name(scores)
    )


def shape_name(scores: Sequence[float] | np.ndarray) -> str:
    """The published rule on relative scores in percent, one per slot; see ``shape``."""
    values = np.asarray(scores, float)
    places = np.arange(len(values))
    line = np.polyfit(places, values, 1)
    # Sums that are equal on paper differ in the last digits; the thresholds are inclusive.
    slack = 1e-9
    if np.mean(np.square(values - np.polyval(line, places))) <= STRAIGHT + slack:
        if abs(line[0]) <= STEEP + slack:
            return "stable"
        return "head" if line[0] < 0 else "neighbor"
    parabola = np.polyfit(places, values, 2)
    error = np.mean(np.square(values - np.polyval(parabola, places)))
    return "u_shaped" if error <= BENT + slack else "volatile"


@dataclass(frozen=True)
class Influence:
    """How much one keyframe moves the gold option's log-probability; see ``influence``."""

    slot: int
    """From 1."""
    change: Interval
    share: Interval

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "slot": self.slot,
            "change": self.change.as_json(),
            "share": self.share.as_json(),
        }


def influence(table: Table) -> list[Influence]:
    """How much each keyframe moves the gold option's log-probability; [] without those.

    Per item and slot: log-probability of the gold option (all its tokens, natural log) under
    ``keyframes`` minus under ``ablate@slot``. 'change': its mean, above 0 where the frame speaks
    for the right answer. 'share': mean over items of |change| / sum of |changes| over the slots;
    the shares of the slots sum to 1. Items that no frame moves have no share.
    """
    slots = slots_of(table, "ablate@")
    together = [
        rows
        for rows in table.together(["keyframes", *slots])
        if all(_gold_logprob(r) is not None for r in rows)
    ]
    if len(slots) < 2 or not together:
        return []
    held = np.array([[_gold_logprob(r) for r in rows] for rows in together], float)
    changes = held[:, :1] - held[:, 1:]
    names = clusters([rows[0] for rows in together])
    total = np.abs(changes).sum(axis=1)
    moved = total > 1e-9
    shares = np.abs(changes[moved]) / total[moved, None]
    kept = [n for n, m in zip(names, moved, strict=True) if m]
    return [
        Influence(
            slot + 1,
            stats.location(changes[:, slot], names),
            stats.mean(shares[:, slot], kept, bounds=(0.0, 1.0)),
        )
        for slot in range(len(slots))
    ]


def _gold_logprob(row: TrialRow) -> float | None:
    """Log-probability of the right option; None where the model gave none."""
    if not row.logprobs or row.gold is None:
        return None
    return float(row.logprobs[row.gold])

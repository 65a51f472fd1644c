"""The bias index: how much one place in the sequence decides, by several estimators side by side.

0 = the place counts as much as every other, 1 = it alone decides, below 0 = it counts less. Each
estimator rests on other pictures, because each can be fooled in its own way: among grey frames a
model that skips pictures which show nothing looks fair; among the clip's own misleading frames one
that rightly answers by the end leans to the last slot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memeprobe import stats
from memeprobe.measures.curve import slots_of
from memeprobe.measures.frames import misled
from memeprobe.measures.ratio import ratio
from memeprobe.measures.retest import FIRST_ALONE, KEYFRAMES, changed_beyond
from memeprobe.measures.table import Table, chance, right
from memeprobe.stats import Interval
from memeprobe.store.rows import TrialRow

CURVES = {"grey": "position@", "other_clips": "among@", "own_lures": "lures@"}
"""Estimators from a curve, and the beginning of its conditions' names."""


ENDS_OF = {"first": (0,), "last": (-1,), "middle": (0, -1)}
"""Place -> the slots that are set against the others."""


@dataclass(frozen=True)
class Estimate:
    """One estimator's index of one place."""

    estimator: str
    """'grey', 'other_clips', 'own_lures', 'swap' or 'replacement'."""
    place: str
    """'first', 'last' or 'middle'."""
    index: Interval
    """With its 95 % limits and the p-value of an exact permutation test that it is 0."""
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
    more is right where the question is about the end. replacement: share of settled answers to
    such items that stay when the later frames are replaced; a model that answers by a frame drawn
    at random has a high one too, so it stands beside the others and decides nothing alone.
    """
    base = _scale(table)
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
                first = [several[0] for several in rows]
                p = stats.exchanged(values, ENDS_OF[place], [r.cluster for r in first])
                found += _estimate(name, place, contrast, first, base, sure, p)
    both = table.together(("keyframes", "reversed"), misled(table))
    if both:
        pull = np.array([_pull(forth, back) for forth, back in both], float)
        sure = 1 - chance(forth for forth, _ in both)
        first = [forth for forth, _ in both]
        p = stats.sign_flip(pull, [r.cluster for r in first])
        found += _estimate("swap", "first", pull, first, base, sure, p)
    return [*found, *_replacement(table)]


def _replacement(table: Table) -> list[Estimate]:
    """1 - change beyond noise when the later frames are replaced, over items that mislead."""
    kept = misled(table)
    levels = [changed_beyond(table, KEYFRAMES, FIRST_ALONE, kept, level) for level in (0.95, 0.90)]
    if not levels[0].n:
        return []
    turned = [Interval(1 - i.value, 1 - i.high, 1 - i.low, i.n) for i in levels]
    return [Estimate("replacement", "first", *turned)]


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


def over_others(table: Table, estimator: str, place: str) -> Interval:
    """A place minus the best slot outside of it: 'first', 'last', 'middle' (mean of its slots) or
    'ends' (the worse of the two); with p-value. NOTHING for an estimator that has no curve."""
    slots = slots_of(table, CURVES[estimator]) if estimator in CURVES else []
    rows = table.together(slots) if len(slots) > 1 else []
    inside = {"first": [0], "last": [-1], "ends": [0, -1], "middle": [*range(1, len(slots) - 1)]}
    kept = [i % len(slots) for i in inside[place]] if rows else []
    others = [i for i in range(len(slots)) if i not in kept]
    if not kept or not others:
        return stats.NOTHING
    values = np.array([[right(r) for r in several] for several in rows], float)
    means = values.mean(axis=0)
    mine = values[:, kept].mean(axis=1)
    if place == "ends":
        mine = values[:, min(kept, key=lambda i: means[i])]
    best = max(others, key=lambda i: means[i])
    return stats.tested(mine - values[:, best], [several[0].cluster for several in rows])


def _pull(forth: TrialRow, back: TrialRow) -> float:
    """Follows what was shown first minus what was shown last, mean over both directions."""
    first = (forth.chosen == forth.lure) + (back.chosen == back.gold)
    last = (forth.chosen == forth.gold) + (back.chosen == back.lure)
    return (first - last) / 2


def _scale(table: Table) -> dict[str, tuple[float, TrialRow]]:
    """Item -> right with the decisive frame alone minus right with no picture, and its row.

    Where no decisive frame is known, all keyframes stand for it.
    """
    shown = "decisive" if table.answered("decisive") else "keyframes"
    return {a.item: (right(a) - right(b), a) for a, b in table.together((shown, "blind"))}


def _estimate(
    name: str,
    place: str,
    contrast: np.ndarray,
    rows: Sequence[TrialRow],
    base: Mapping[str, tuple[float, TrialRow]],
    sure: float,
    p: float,
) -> list[Estimate]:
    """Contrast over scale; nothing where the model shows nothing on the decisive frame alone."""
    top = {r.item: float(v) for r, v in zip(rows, contrast, strict=True)}
    bottom = {item: value / sure for item, (value, _) in base.items()}
    names = {**{item: row.cluster for item, (_, row) in base.items()}}
    names.update({r.item: r.cluster for r in rows})
    at = [ratio(top, bottom, names, level, p) for level in (0.95, 0.90)]
    return [Estimate(name, place, *at)] if at[0].n else []


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

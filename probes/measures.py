"""From outcome rows to measures: accuracy, differences, curve, reading. Numbers, no judgement.

A row is one trial as ``Store.outcomes`` gives it. Accuracy counts right answers among those that
were given (right, wrong, unparsed); failed and unreadable trials are left out and counted apart.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probes import stats
from probes.scoring import FAILED, RIGHT, UNPARSED, WRONG, transcription
from probes.stats import NOTHING, Interval

Row = Mapping[str, Any]
ANSWERED = (RIGHT, WRONG, UNPARSED)
COUNTED = (RIGHT, WRONG, UNPARSED, FAILED, "unreadable")


@dataclass(frozen=True)
class Table:
    """The rows of a run by condition and item; order of items as in the set."""

    rows: dict[str, dict[str, Row]]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Table":
        """Sort rows into a table."""
        found: dict[str, dict[str, Row]] = {}
        for row in rows:
            found.setdefault(row["condition"], {})[row["item"]] = row
        return cls(found)

    def answered(self, condition: str, keep: Callable[[Row], bool] = lambda row: True) -> list[Row]:
        """The answered rows of a condition whose item ``keep`` takes."""
        return [
            r for r in self.rows.get(condition, {}).values()
            if r["outcome"] in ANSWERED and keep(r)
        ]  # fmt: skip

    def together(
        self, conditions: Sequence[str], keep: Callable[[Row], bool] = lambda row: True
    ) -> list[tuple[Row, ...]]:
        """The rows of the items answered under every one of the conditions."""
        per = [{r["item"]: r for r in self.answered(c, keep)} for c in conditions]
        if not per:
            return []
        return [tuple(p[i] for p in per) for i in per[0] if all(i in p for p in per)]


def right(row: Row) -> bool:
    """Whether the trial was answered rightly."""
    return bool(row["outcome"] == RIGHT)


def clusters(rows: Sequence[Row]) -> list[Hashable]:
    """The cluster of each row."""
    return [r["cluster"] for r in rows]


def accuracy(table: Table, condition: str) -> Interval:
    """Share of right answers among the answered trials of a condition."""
    rows = table.answered(condition)
    return stats.share([right(r) for r in rows], clusters(rows))


def tally(table: Table, condition: str) -> dict[str, Any]:
    """Counts and accuracy of one condition, as the result object has them."""
    rows = list(table.rows.get(condition, {}).values())
    found = accuracy(table, condition).as_json()
    return {
        "n": found["n"],
        **{outcome: sum(r["outcome"] == outcome for r in rows) for outcome in COUNTED},
        "not_testable": sum(r["testable"] is False for r in rows),
        "accuracy": found["value"],
        "low": found["low"],
        "high": found["high"],
    }


def paired(
    table: Table, after: str, before: str, keep: Callable[[Row], bool] = lambda row: True
) -> tuple[list[int], list[Hashable]]:
    """Right under ``after`` minus right under ``before`` (-1, 0, 1) per item answered under both,
    and the clusters of these items."""
    pairs = table.together((after, before), keep)
    return [right(a) - right(b) for a, b in pairs], clusters([a for a, _ in pairs])


def gain(
    table: Table, after: str, before: str, keep: Callable[[Row], bool] = lambda row: True
) -> Interval:
    """Accuracy under ``after`` minus accuracy under ``before``, over items answered under both."""
    return stats.tested(*paired(table, after, before, keep))


def lure_rate(table: Table, condition: str = "keyframes") -> Interval:
    """Share of answers that follow the lure, among items that have one and are no control."""
    rows = table.answered(condition, lambda r: r["lure"] is not None and not r["control"])
    return stats.share([r["chosen"] == r["lure"] for r in rows], clusters(rows))


def changed(table: Table, one: str = "keyframes", other: str = "first_repeated") -> Interval:
    """Share of items that are no control whose chosen option differs between two conditions."""
    pairs = table.together((one, other), lambda r: not r["control"] and r["chosen"] is not None)
    first = [a for a, _ in pairs]
    return stats.share([a["chosen"] != b["chosen"] for a, b in pairs], clusters(first))


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
        return stats.tested(self.contrasts(slot), self.clusters)

    def flat_within(self, slot: int) -> Interval:
        """The same contrast with its 90 % interval, for two one-sided tests at 5 %."""
        return stats.mean(self.contrasts(slot), self.clusters, level=0.90)


def curve(table: Table) -> Curve | None:
    """The position curve over the items answered in every slot; None without two slots."""
    slots = sorted(
        (c for c in table.rows if c.startswith("position@")), key=lambda c: int(c.split("@")[1])
    )
    together = table.together(slots)
    if len(slots) < 2 or not together:
        return None
    values = np.array([[right(r) for r in rows] for rows in together], float)
    return Curve(values, clusters([rows[0] for rows in together]))


def shape(accuracies: Sequence[float], alone: float) -> dict[str, Any] | None:
    """P_ran, P_var, P_mean and the shape name of a position curve (Video-LevelGauge, ICLR 2026).

    RS(p) = accuracy at slot p / accuracy of the decisive frame alone x 100. Linear fit with mean
    squared error <= 3: stable if |slope| <= 0.5, head preference below, neighbour (tail)
    preference above; else U-shaped if a quadratic fits with error <= 2, else volatile. The paper
    has no test of significance; the verdict does not rest on this. None if nothing is right alone.
    """
    if not alone > 0 or len(accuracies) < 2:
        return None
    scores = np.asarray(accuracies) / alone * 100
    places = np.arange(len(scores))
    slope = float(np.polyfit(places, scores, 1)[0])
    errors = [
        float(np.mean((scores - np.polyval(np.polyfit(places, scores, d), places)) ** 2))
        for d in (1, 2) if len(scores) > d
    ]  # fmt: skip
    if errors[0] <= 3:
        name = "stable" if abs(slope) <= 0.5 else "head" if slope < 0 else "tail"
    else:
        name = "u_shaped" if len(errors) > 1 and errors[1] <= 2 else "volatile"
    return {
        "p_ran": stats.number(float(np.ptp(scores))),
        "p_var": stats.number(float(scores.var())),
        "p_mean": stats.number(float(scores.mean())),
        "shape": name,
    }


def pair_accuracy(table: Table) -> Interval:
    """Share of items right both as they are and with the counterfactual caption."""
    pairs = table.together(("as_is", "replaced"))
    first = [a for a, _ in pairs]
    return stats.share([right(a) and right(b) for a, b in pairs], clusters(first))


def chance(rows: Iterable[Row], power: int = 1) -> float:
    """What a blind guess gets right: mean of (1 / options) ** power; NaN without rows."""
    shares = [(1 / len(r["options"])) ** power for r in rows if r["options"]]
    return float(np.mean(shares)) if shares else stats.NAN


def reading(table: Table) -> dict[str, Interval]:
    """CER (at most 1 an item), ANLS and exact share of the transcriptions, and hallucination.

    CER and exact after one normalisation of case, space, punctuation and width. ANLS: mean of
    1 - normalised edit distance, 0 below 0.5 (Biten et al. 2019). Hallucination: share of
    captionless items where the answer gives a text; unparsed (empty) answers give none.
    """
    from ocr.accuracy import anls, cer, exact

    rows = table.answered("transcribe", lambda r: bool(r["caption"]))
    bare = table.answered("transcribe", lambda r: r["caption"] == "")
    texts = [(r["caption"], transcription(r["text"] or "")) for r in rows]
    names = clusters(rows)
    unit = (0.0, 1.0)
    return {
        "transcription_cer": stats.mean(
            [min(1.0, float(cer(c, t))) for c, t in texts], names, bounds=unit
        ),
        "transcription_anls": stats.mean(
            [float(anls([c], t)) for c, t in texts], names, bounds=unit
        ),
        "transcription_exact": stats.share([bool(exact(c, t)) for c, t in texts], names),
        "hallucination": stats.share(
            [bool(transcription(r["text"] or "")) for r in bare], clusters(bare)
        ),
    }


def all_measures(table: Table) -> dict[str, Interval]:
    """Every measure that the rows allow; those without a single item are left out."""
    bends = curve(table)
    found = {
        "multi_frame_gain": gain(table, "keyframes", "first"),
        "above_blind": gain(table, "decisive", "blind"),
        "lure_rate": lure_rate(table),
        "changed_by_later_frames": changed(table),
        "order_sensitivity": gain(table, "keyframes", "reversed", lambda r: bool(r["order"])),
        "first_slot": bends.contrast(0) if bends else NOTHING,
        "last_slot": bends.contrast(bends.right.shape[1] - 1) if bends else NOTHING,
        "reading_gain": gain(table, "as_is", "erased"),
        "pair_accuracy": pair_accuracy(table),
        "told_gain": gain(table, "told", "as_is"),
        **(reading(table) if table.answered("transcribe") else {}),
    }
    return {name: value for name, value in found.items() if value.n}

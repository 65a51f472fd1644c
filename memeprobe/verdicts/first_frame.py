"""The verdict on first-frame bias. The rules stand in the order in which they are tried."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from memeprobe import measures, messages, stats
from memeprobe.measures import Curve, Table, TrialRow
from memeprobe.messages import percent, points
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import (
    ALPHA,
    CHANGE_LIMIT,
    FLAT_MARGIN,
    NO_GAIN_MARGIN,
    Verdict,
    blocked,
    say,
    surely_small,
)
from memeprobe.verdicts.leaning import Leaning, leaning, surely_none

SEVERAL = ("keyframes", "reversed", "shuffled", "first_repeated")
"""Conditions that show all keyframes; with ``position@k`` and ``ablate@k`` those that a delivery
of single pictures cannot carry."""


LEANING_KEYS = {
    "first": "first_frame_leaning",
    "last": "last_frame_leaning",
    "ends": "ends_leaning",
    "middle": "middle_leaning",
}
"""Place -> key of the verdict that names it by the bias index."""


def first_frame(
    table: Table,
    found: Mapping[str, Interval],
    bends: Curve | None,
    adjusted: Mapping[str, float],
) -> Verdict:
    """First rule that holds: not testable, blind, first or last alone, a place that counts more
    among real frames, flat by every estimator, uneven, lost, not enough."""
    several = {c for c in table.rows if c in SEVERAL or c.startswith(("position@", "ablate@"))}
    undelivered = blocked(table, several)
    if undelivered:
        return _not_testable(table, found, undelivered)
    if bends is None or "above_blind" not in found or "changed_by_later_frames" not in found:
        return say(messages.FIRST_FRAME, "not_asked")
    above = found["above_blind"]
    first, last = found["first_slot"], found["last_slot"]
    others = found["changed_by_later_frames"], measures.changed(table, "keyframes", "last")
    equal = [bends.flat_within(s, FLAT_MARGIN) for s in range(bends.right.shape[1])]
    within = [e.interval for e in equal]
    widest = max(within, key=lambda i: abs(i.value))
    over_blind = _over_blind(table)
    numbers = {
        "first_slot": first.as_json(),
        "last_slot": last.as_json(),
        "above_blind": above.as_json(),
        "changed_by_later_frames": others[0].as_json(),
        "changed_by_earlier": others[1].as_json(),
        "slots_minus_others_90": [i.as_json() for i in within],
        "curve_minus_blind": over_blind.as_json(),
        "p_curve_holm": stats.number(adjusted["curve"]),
    }
    said: dict[str, Any] = {"above_blind": points(above)}
    if above.low <= 0 or adjusted.get("above_blind", 1.0) >= ALPHA:
        if surely_small(table, "decisive", "blind"):
            return say(messages.FIRST_FRAME, "blind", numbers, **said)
        return _too_few(bends, numbers, measures.paired(table, "decisive", "blind"))
    for key, slot, other in (
        ("first_frame_biased", first, others[0]),
        ("last_frame_biased", last, others[1]),
    ):
        if slot.low > 0 and slot.value >= FLAT_MARGIN and other.n > 0 and other.high < CHANGE_LIMIT:
            said = {"slot": points(slot), "changed": percent(other)}
            return say(messages.FIRST_FRAME, key, numbers, **said)
    found_by = measures.estimates(table)
    lean = leaning(found_by)
    if lean is not None:
        return _leans(lean, numbers)
    even = all(e.shown for e in equal)
    settled = surely_none(found_by) and adjusted["curve"] >= ALPHA
    if even and settled and over_blind.low > 0:
        return say(messages.FIRST_FRAME, "flat", numbers, widest=points(widest))
    if adjusted["curve"] < ALPHA:
        means = bends.right.mean(axis=0)
        return say(
            messages.FIRST_FRAME,
            "uneven",
            numbers,
            p=f"{adjusted['curve']:.2g}",
            best=int(means.argmax()) + 1,
            worst=int(means.argmin()) + 1,
        )
    if even and over_blind.high <= FLAT_MARGIN:
        return say(
            messages.FIRST_FRAME, "lost_among_frames", numbers, curve_gain=points(over_blind)
        )
    return _too_few(bends, numbers)


def _leans(lean: Leaning, numbers: dict[str, Any]) -> Verdict:
    """A bias that estimators among real frames show, with its size."""
    estimate = lean.estimate
    more = {"place": lean.place, "grade": lean.grade, "estimator": estimate.estimator}
    english, chinese = messages.GRADES[lean.grade]
    by_english, by_chinese = messages.ESTIMATORS[estimate.estimator]
    index = estimate.index
    size = f"{index.value:.2f} [{index.low:.2f}, {index.high:.2f}]"
    return say(
        messages.FIRST_FRAME,
        LEANING_KEYS[lean.place],
        {**numbers, **more, "bias_index": estimate.as_json()},
        grade=messages.Points(english, chinese),
        index=size,
        items=index.n,
        estimator=messages.Points(by_english, by_chinese),
    )


def _over_blind(table: Table) -> Interval:
    """Mean accuracy over the slots minus blind, over the items answered under all of them."""
    slots = [c for c in table.rows if c.startswith("position@")]
    rows = table.together([*slots, "blind"])
    values = [
        float(np.mean([measures.right(r) for r in each[:-1]])) - measures.right(each[-1])
        for each in rows
    ]
    return stats.mean(values, measures.clusters([each[0] for each in rows]))


def _not_testable(table: Table, found: Mapping[str, Interval], rows: list[TrialRow]) -> Verdict:
    lure, accuracy = found.get("lure_rate", NOTHING), measures.accuracy(table, "keyframes")
    worst = max(rows, key=lambda r: r.intended - (r.shown or 0))
    numbers = {
        "intended": worst.intended,
        "shown": worst.shown or 0,
        "trials": len(rows),
        "lure_rate": lure.as_json(),
        "keyframes": accuracy.as_json(),
    }
    return say(
        messages.FIRST_FRAME,
        "not_testable",
        numbers,
        shown=numbers["shown"],
        intended=numbers["intended"],
        lure=percent(lure),
        accuracy=percent(accuracy),
    )


def _too_few(
    bends: Curve,
    numbers: dict[str, Any],
    pairs: tuple[Sequence[float], Sequence[Hashable]] | None = None,
) -> Verdict:
    """Not enough items, with how many would settle what stayed open: ``pairs``, else the curve."""
    if pairs is not None:
        needed = stats.items_for_equivalence(pairs[0], NO_GAIN_MARGIN, pairs[1])
    else:
        needed = max(
            stats.items_for_equivalence(bends.contrasts(s), FLAT_MARGIN, bends.clusters)
            for s in range(bends.right.shape[1])
        )
    items = len(bends.right)
    numbers["needed"] = max(needed, items + 1)
    return say(
        messages.FIRST_FRAME, "not_enough_items", numbers, items=items, needed=numbers["needed"]
    )

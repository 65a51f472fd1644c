"""The verdict on order: whether it matters to the model in which order the frames come."""

from collections.abc import Mapping
from typing import Any

from memeprobe import measures, messages, stats
from memeprobe.measures import Table
from memeprobe.messages import percent, points
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import CHANGE_LIMIT, FLAT_MARGIN, SURE, Verdict, say

A_PLACE = (
    "first_frame_biased",
    "last_frame_biased",
    "first_frame_leaning",
    "last_frame_leaning",
    "ends_leaning",
    "middle_leaning",
)
"""Verdicts by which a place counts more than the others."""
TO_THE_END = ("last_frame_biased", "last_frame_leaning")


def order(
    table: Table, found: Mapping[str, Interval], adjusted: Mapping[str, float], frames: Verdict
) -> Verdict:
    """First rule that holds: not asked, a place decides, follows what happens or the end, matters,
    blind to order, better backwards.

    A model that answers from one place of the clip reacts to reversal like one that understands
    order; ``frames``, the verdict on the places, tells them apart. *Follows what happens* is said
    only where all keyframes are surely answered better than the first or the last alone. Where
    the last alone gives the same settled answers as all of them, a model may do no more than go by
    what it saw last, and nothing else is claimed.
    """
    if "order_sensitivity" not in found:
        return say(messages.ORDER, "not_asked")
    gain, back = found["order_sensitivity"], found["reversed_accuracy"]
    chance = measures.chance(table.answered("reversed", measures.ordered))
    values, names = measures.paired(table, "keyframes", "reversed", measures.ordered)
    equal = stats.equivalence(values, FLAT_MARGIN, names)
    end = _beyond_the_end(table)
    numbers: dict[str, Any] = {
        "order_sensitivity": gain.as_json(),
        "reversed_accuracy": back.as_json(),
        "shuffle_sensitivity": found.get("shuffle_sensitivity", NOTHING).as_json(),
        "gain_over_last": found.get("gain_over_last", NOTHING).as_json(),
        "changed_by_earlier": end.as_json(),
        "chance": stats.number(chance),
        "equivalence_90": equal.interval.as_json(),
    }
    said = {
        "end": percent(end),
        "gain": points(gain),
        "reversed": percent(back),
        "chance": f"{100 * chance:.0f} %",
        "items": gain.n,
    }
    if frames.key in A_PLACE and frames.numbers["grade"] != "slight":
        return say(messages.ORDER, "one_frame_decides", numbers, **said)
    if frames.key == "blind":
        return say(messages.ORDER, "not_answered", numbers, **said)
    if gain.low > 0 and adjusted.get("order_sensitivity", 1.0) < SURE:
        key = _reacts(table, back, chance, end)
        if key == "follows_end" and frames.key in A_PLACE and frames.key not in TO_THE_END:
            key = "order_matters"
        return say(messages.ORDER, key, numbers, **said)
    if equal.shown:
        key = "order_blind" if _answers(table) else "not_answered"
        return say(messages.ORDER, key, numbers, **said)
    if gain.high < 0 and adjusted.get("order_sensitivity", 1.0) < SURE:
        return say(messages.ORDER, "backwards", numbers, **said)
    needed = max(stats.items_for_equivalence(values, FLAT_MARGIN, names), gain.n + 1)
    numbers["needed"] = needed
    return say(messages.ORDER, "not_enough_items", numbers, items=gain.n, needed=needed)


def _reacts(table: Table, back: Interval, chance: float, end: Interval) -> str:
    """What a model does that answers clips worse when they run backwards."""
    singles = [c for c in ("first", "last", measures.best_single(table)) if c in table.rows]
    over = [measures.gain(table, "keyframes", str(c), measures.ordered) for c in singles]
    follows = bool(over) and all(g.low > 0 and (g.p or 0) < SURE for g in over)
    if follows and back.high < chance:
        return "uses_order"
    return "follows_end" if end.n and end.high < CHANGE_LIMIT else "order_matters"


def _beyond_the_end(table: Table) -> Interval:
    """How many settled answers the frames before the last one change."""
    beyond = measures.changed_beyond(
        table, measures.KEYFRAMES, measures.LAST, measures.ordered, level=0.90
    )
    if beyond.n:
        return measures.as_share(beyond)
    return measures.changed(table, "keyframes", "last", measures.ordered)


def _answers(table: Table) -> bool:
    """Whether all keyframes are surely answered better than no picture, where that was asked."""
    over = measures.gain(table, "keyframes", "blind")
    return not over.n or over.low > 0

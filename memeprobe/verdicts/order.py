"""The verdict on order: whether it matters to the model in which order the frames come."""

from collections.abc import Mapping

from memeprobe import measures, messages, stats
from memeprobe.measures import Table
from memeprobe.messages import percent, points
from memeprobe.stats import Interval
from memeprobe.verdicts.common import CHANGE_LIMIT, FLAT_MARGIN, Verdict, blocked, say


def order(table: Table, found: Mapping[str, Interval], first_frame: str) -> Verdict:
    """First rule that holds: not testable, not asked, one frame decides, follows the end,
    uses, ignores, backwards.

    A model that answers from one end of the clip alone reacts to reversal like one that
    understands order; ``first_frame`` is the key of the verdict that tells them apart. Where the
    last frame alone gives nearly the same answers as all of them, a model may do no more than go
    by what it saw last, and nothing else is claimed.
    """
    if blocked(table, {"keyframes", "reversed"}):
        return say(messages.ORDER, "not_testable")
    if "order_sensitivity" not in found:
        return say(messages.ORDER, "not_asked")
    gain, back = found["order_sensitivity"], found["reversed_accuracy"]
    rows = table.answered("reversed", measures.ordered)
    chance = measures.chance(rows)
    values, names = measures.paired(table, "keyframes", "reversed", measures.ordered)
    equal = stats.equivalence(values, FLAT_MARGIN, names)
    shuffled = found.get("shuffle_sensitivity", stats.NOTHING)
    numbers = {
        "order_sensitivity": gain.as_json(),
        "reversed_accuracy": back.as_json(),
        "shuffle_sensitivity": shuffled.as_json(),
        "chance": stats.number(chance),
        "equivalence_90": equal.interval.as_json(),
    }
    end = measures.changed(table, "keyframes", "last", measures.ordered)
    numbers["changed_by_earlier"] = end.as_json()
    said = {
        "end": percent(end),
        "gain": points(gain),
        "reversed": percent(back),
        "chance": f"{100 * chance:.0f} %",
    }
    if first_frame in ("first_frame_biased", "last_frame_biased"):
        return say(messages.ORDER, "one_frame_decides", numbers, **said)
    if gain.low > 0:
        key = "uses_order" if back.high < chance else "order_matters"
        if end.n and end.high < CHANGE_LIMIT:
            key = "follows_end"
        return say(messages.ORDER, key, numbers, **said)
    if equal.shown:
        return say(messages.ORDER, "order_blind", numbers, **said)
    if gain.high < 0:
        return say(messages.ORDER, "backwards", numbers, **said)
    needed = max(stats.items_for_equivalence(values, FLAT_MARGIN, names), gain.n + 1)
    numbers["needed"] = needed
    return say(messages.ORDER, "not_enough_items", numbers, items=gain.n, needed=needed)

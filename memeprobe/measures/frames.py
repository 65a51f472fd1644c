"""Measures of the frames probe: gains, lures, what later frames change, what order changes."""

from collections.abc import Callable

from memeprobe import stats
from memeprobe.measures.curve import slots_of
from memeprobe.measures.retest import (
    FIRST_ALONE,
    KEYFRAMES,
    as_share,
    changed_beyond,
    inconsistency,
)
from memeprobe.measures.table import Table, accuracy, clusters, gain
from memeprobe.stats import NOTHING, Interval
from memeprobe.store.rows import TrialRow


def lure_rate(table: Table, condition: str = "keyframes") -> Interval:
    """Share of answers that follow the lure, among items that have one and are no control."""
    rows = table.answered(condition, lambda r: r.lure is not None and not r.control)
    return stats.share([r.chosen == r.lure for r in rows], clusters(rows))


def changed(
    table: Table,
    one: str = "keyframes",
    other: str = "first_repeated",
    keep: Callable[[TrialRow], bool] = lambda row: True,
) -> Interval:
    """Share of items that are no control whose chosen option differs between two conditions."""
    pairs = table.together(
        (one, other), lambda r: not r.control and r.chosen is not None and keep(r)
    )
    first = [a for a, _ in pairs]
    return stats.share([a.chosen != b.chosen for a, b in pairs], clusters(first))


def misled(table: Table) -> Callable[[TrialRow], bool]:
    """Which rows are of items whose first frame suggests a wrong answer.

    The conditions ``lures@k`` were asked of just these; where they were not asked, all items with
    a lure that are no control and depend on order count.
    """
    asked = {i for c in slots_of(table, "lures@") for i in table.rows[c]}
    if asked:
        return lambda r: r.item in asked
    return lambda r: r.lure is not None and not r.control


def ordered(row: TrialRow) -> bool:
    """Whether the answer of the row's item depends on the order of the frames."""
    return bool(row.order)


def best_single(table: Table) -> str | None:
    """The picture that is answered best alone: 'single@3', 'last'; None if none was asked alone.

    Picked after the fact, it flatters single frames a little, so that the gain over it is a
    cautious one.
    """
    alone = ("first", "middle", "last", *slots_of(table, "single@"))
    asked = [s for s in alone if accuracy(table, s).n]
    return max(asked, key=lambda s: accuracy(table, s).value, default=None)


def frame_measures(table: Table) -> dict[str, Interval]:
    """Every measure of the probe but those of the curve; empty ones included."""
    best = best_single(table)
    keep: Callable[[TrialRow], bool] = ordered
    return {
        "multi_frame_gain": gain(table, "keyframes", "first"),
        "gain_over_best_single": gain(table, "keyframes", best) if best else NOTHING,
        "above_blind": gain(table, "decisive", "blind"),
        "lure_rate": lure_rate(table),
        "changed_by_later_frames": changed(table),
        "changed_by_other_frames": changed(table, other="first_then_other"),
        "inconsistency": inconsistency(table),
        "changed_beyond_noise": as_share(changed_beyond(table, KEYFRAMES, FIRST_ALONE)),
        "gain_over_last": gain(table, "keyframes", "last", keep),
        "order_sensitivity": gain(table, "keyframes", "reversed", keep),
        "shuffle_sensitivity": gain(table, "keyframes", "shuffled", keep),
        "reversed_accuracy": accuracy(table, "reversed", keep),
        "order_said_gain": gain(table, "keyframes_ordered", "keyframes"),
        "times_said_gain": gain(table, "keyframes_timed", "keyframes"),
        "reading_said_gain": gain(table, "keyframes_read", "keyframes"),
        "clip_said_gain": gain(table, "clip_said", "clip"),
    }

"""From outcome rows to measures: numbers, no judgement.

A row is one trial as ``Store.outcomes`` gives it. Accuracy counts right answers among those that
were given (right, wrong, unparsed); failed and unreadable trials are left out and counted apart.
"""

from memeprobe.measures.bias import CURVES, Estimate, estimates, over_others, widest_pair
from memeprobe.measures.caption import (
    caption_measures,
    copying,
    errors,
    free_measures,
    led,
    pair_accuracy,
    reading,
    told_cost,
)
from memeprobe.measures.curve import Curve, Influence, Shape, curve, influence, shape, shape_name
from memeprobe.measures.frames import (
    best_single,
    changed,
    frame_measures,
    lure_rate,
    misled,
    ordered,
)
from memeprobe.measures.letters import Group, groups, read_beyond_chance, widest_gap, word_rows
from memeprobe.measures.listed import LetterShare, letter_bias, letter_shares, per_call
from memeprobe.measures.retest import (
    FIRST_ALONE,
    KEYFRAMES,
    LAST,
    as_share,
    changed_beyond,
    inconsistency,
)
from memeprobe.measures.table import (
    Table,
    Tally,
    accuracy,
    chance,
    clusters,
    gain,
    paired,
    right,
    tally,
)
from memeprobe.stats import NOTHING, Interval
from memeprobe.store.rows import TrialRow

__all__ = [
    "CURVES",
    "FIRST_ALONE",
    "KEYFRAMES",
    "LAST",
    "Curve",
    "Estimate",
    "Group",
    "Influence",
    "LetterShare",
    "Shape",
    "Table",
    "Tally",
    "TrialRow",
    "accuracy",
    "all_measures",
    "as_share",
    "best_single",
    "chance",
    "changed",
    "changed_beyond",
    "clusters",
    "copying",
    "curve",
    "errors",
    "estimates",
    "every_measure",
    "gain",
    "groups",
    "inconsistency",
    "influence",
    "led",
    "letter_bias",
    "letter_shares",
    "lure_rate",
    "misled",
    "ordered",
    "over_others",
    "pair_accuracy",
    "paired",
    "per_call",
    "read_beyond_chance",
    "reading",
    "right",
    "shape",
    "shape_name",
    "tally",
    "told_cost",
    "widest_gap",
    "widest_pair",
    "word_rows",
]


def all_measures(table: Table, words: bool = True) -> dict[str, Interval]:
    """Every measure that the rows allow; those without a single item are left out.

    ``words`` False leaves out what is said of the model's own words.
    """
    return {name: value for name, value in every_measure(table, words).items() if value.n}


def every_measure(table: Table, words: bool = True) -> dict[str, Interval]:
    """As ``all_measures``, with those that have no item; transcriptions only if any was asked."""
    bends = curve(table)
    slots = 0 if bends is None else bends.right.shape[1]
    return {
        **frame_measures(table),
        "first_slot": NOTHING if bends is None else bends.contrast(0),
        "last_slot": NOTHING if bends is None else bends.contrast(slots - 1),
        **caption_measures(table),
        "language_gap": gain(table, "asked_en", "asked_zh"),
        "sandwich_gain": gain(table, "sandwich", "asked_zh"),
        "letter_bias": letter_bias(table),
        **(free_measures(table) if words else {}),
    }

"""What the receipts say before any verdict: frames that did not arrive prove nothing."""

from collections.abc import Mapping

from memeprobe import measures, messages
from memeprobe.measures import Table, TrialRow
from memeprobe.messages import percent
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import Verdict, say

MOSTLY = 0.5
"""From this share of trials that arrived short on, a delivery is not testable at all; below it the
short ones are left out, and a note tells how many."""


def delivered(table: Table) -> Table:
    """The table without the trials whose receipt shows fewer pictures than were meant."""
    return Table(
        {
            condition: {i: r for i, r in rows.items() if r.testable is not False}
            for condition, rows in table.rows.items()
        }
    )


def mostly_short(table: Table, probe: str = "frames") -> bool:
    """Whether a delivery fails the several pictures of a probe's trials more often than not."""
    rows = _several(table, probe)
    return bool(rows) and sum(r.testable is False for r in rows) >= MOSTLY * len(rows)


def _several(table: Table, probe: str) -> list[TrialRow]:
    """Trials that reached the model and mean to show several pictures."""
    captions = ("as_is", "erased", "replaced", "nonword", "told", "transcribe")
    return [
        r
        for condition, rows in table.rows.items()
        if condition.startswith(captions) is (probe == "caption")
        for r in rows.values()
        if r.testable is not None and (r.intended > 1 or r.testable is False)
    ]


def not_testable(table: Table, found: Mapping[str, Interval]) -> Verdict:
    """The verdict on frames where they did not arrive."""
    rows = _several(table, "frames")
    short = [r for r in rows if r.testable is False]
    worst = max(short, key=lambda r: r.intended - (r.shown or 0))
    lure, accuracy = found.get("lure_rate", NOTHING), measures.accuracy(table, "keyframes")
    numbers = {
        "intended": worst.intended,
        "shown": worst.shown or 0,
        "trials": len(short),
        "of": len(rows),
        "lure_rate": lure.as_json(),
        "keyframes": accuracy.as_json(),
    }
    return say(
        messages.FIRST_FRAME,
        "not_testable",
        numbers,
        shown=numbers["shown"],
        intended=numbers["intended"],
        share=f"{100 * len(short) / len(rows):.0f} %",
        lure=percent(lure),
        accuracy=percent(accuracy),
    )

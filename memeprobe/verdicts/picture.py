"""The verdict on the use of the pictures: what can be said where no item names a decisive span.

Public sets say which option is right and seldom when it is to be seen. Then no position curve can
be asked, but whether the pictures count at all, and whether more of a clip than its first frame.
"""

from typing import Any

from memeprobe import measures, messages, stats
from memeprobe.measures import Table, TrialRow
from memeprobe.messages import percent, points
from memeprobe.stats import Interval
from memeprobe.verdicts.common import ALPHA, CHANGE_LIMIT, NO_GAIN_MARGIN, Verdict, say

SEEN = ("picture", "keyframes")
"""Conditions that show all of an item: a still, a clip."""


def picture(table: Table) -> Verdict:
    """First rule that holds: not asked, not testable, unused, used (and of clips: more than the
    first frame, or hardly more), not enough items."""
    pairs = [pair for seen in SEEN for pair in table.together((seen, "blind"))]
    spanned = any(c == "decisive" or c.startswith("position@") for c in table.rows)
    if spanned or not pairs:
        return say(messages.PICTURE, "not_asked")
    if any(seen.testable is False for seen, _ in pairs):
        return say(messages.PICTURE, "not_testable")
    names = [seen.cluster for seen, _ in pairs]
    values = [measures.right(seen) - measures.right(blind) for seen, blind in pairs]
    gain, later = stats.tested(values, names), _later(table)
    seen, blind = (_share([pair[i] for pair in pairs]) for i in (0, 1))
    numbers: dict[str, Any] = {
        "picture_gain": gain.as_json(),
        "seen": seen.as_json(),
        "blind": blind.as_json(),
        "changed_beyond_words": later.as_json(),
    }
    said = {
        "seen": percent(seen),
        "blind": percent(blind),
        "gain": points(gain),
        "items": gain.n,
        "later": points(later),
    }
    if gain.low > 0 and (gain.p or 0.0) < ALPHA:
        return say(messages.PICTURE, _used(later), numbers, **said)
    if gain.low <= 0 and stats.mean(values, names, level=0.90).high < NO_GAIN_MARGIN:
        return say(messages.PICTURE, "unused", numbers, **said)
    needed = max(stats.items_for_equivalence(values, NO_GAIN_MARGIN, names), gain.n + 1)
    numbers["needed"] = needed
    return say(messages.PICTURE, "not_enough_items", numbers, items=gain.n, needed=needed)


def _used(later: Interval) -> str:
    if not later.n:
        return "used"
    if later.low > 0:
        return "used_later_count"
    return "used_first_enough" if later.high < CHANGE_LIMIT else "used"


def _later(table: Table) -> Interval:
    """How much oftener answers to clips change with the first frame repeated than in other words.

    Over clips answered under all three conditions; NOTHING without a repeat.
    """
    rows = table.together(
        ("keyframes", "first_repeated", "keyframes_again"), lambda r: r.chosen is not None
    )
    values = [int(a.chosen != b.chosen) - int(a.chosen != c.chosen) for a, b, c in rows]
    return stats.mean(values, [a.cluster for a, _, _ in rows])


def _share(rows: list[TrialRow]) -> Interval:
    return stats.share([measures.right(r) for r in rows], [r.cluster for r in rows])

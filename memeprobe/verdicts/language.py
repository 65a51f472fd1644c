"""The verdict on language: the same question in English, in Chinese, and through translators."""

from collections.abc import Mapping
from typing import Any

from memeprobe import measures, messages, stats
from memeprobe.measures import Table
from memeprobe.messages import percent, points
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import FLAT_MARGIN, Verdict, say


def language(table: Table, found: Mapping[str, Interval]) -> Verdict:
    """First rule that holds: not asked, neither above chance, alike, better in one, not enough."""
    if "language_gap" not in found:
        return say(messages.LANGUAGE, "not_asked")
    gap, sandwich = found["language_gap"], found.get("sandwich_gain", NOTHING)
    english, chinese = (measures.accuracy(table, c) for c in ("asked_en", "asked_zh"))
    values, names = measures.paired(table, "asked_en", "asked_zh")
    equal = stats.equivalence(values, FLAT_MARGIN, names)
    numbers: dict[str, Any] = {
        "language_gap": gap.as_json(),
        "english": english.as_json(),
        "chinese": chinese.as_json(),
        "sandwich_gain": sandwich.as_json(),
        "equivalence_90": equal.interval.as_json(),
    }
    chance = measures.chance(table.answered("asked_en"))
    said = {
        "gap": points(gap),
        "english": percent(english),
        "chinese": percent(chinese),
        "chance": f"{100 * chance:.0f} %",
        "items": gap.n,
    }
    numbers["chance"] = stats.number(chance)
    if equal.shown and max(english.low, chinese.low) <= chance:
        verdict = say(messages.LANGUAGE, "neither", numbers, **said)
    elif equal.shown:
        verdict = say(messages.LANGUAGE, "alike", numbers, **said)
    elif gap.low > 0 or gap.high < 0:
        key = "better_in_english" if gap.low > 0 else "better_in_chinese"
        verdict = say(messages.LANGUAGE, key, numbers, **said)
    else:
        needed = max(stats.items_for_equivalence(values, FLAT_MARGIN, names), gap.n + 1)
        numbers["needed"] = needed
        verdict = say(messages.LANGUAGE, "not_enough_items", numbers, items=gap.n, needed=needed)
    if not sandwich.n:
        return verdict
    better = "helps" if sandwich.low > 0 else "hurts" if sandwich.high < 0 else "open"
    more = say(messages.SANDWICH, better, sandwich=points(sandwich))
    return Verdict(
        verdict.key,
        f"{verdict.text} {more.text}",
        verdict.text_zh + more.text_zh,
        {**numbers, "sandwich": better},
    )

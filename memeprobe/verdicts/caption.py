"""The verdict on caption reading. The rules stand in the order in which they are tried."""

from collections.abc import Mapping

from memeprobe import measures, messages, stats
from memeprobe.measures import Table
from memeprobe.messages import percent, points
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import (
    ALPHA,
    CER_LIMIT,
    FLAT_MARGIN,
    NO_GAIN_MARGIN,
    Verdict,
    say,
    surely_small,
)

COPY_LIMIT = 0.5
"""A model that follows a wrong caption in the prompt surely more often than this copies it."""


def caption(table: Table, adjusted: Mapping[str, float]) -> Verdict:
    """First rule that holds: uses, told only, cannot read, reads but does not use, not enough."""
    if any(r.testable is False for r in table.answered("as_is")):
        table = Table(
            {
                c: {i: r for i, r in rows.items() if r.testable is not False}
                for c, rows in table.rows.items()
            }
        )
        if not table.answered("as_is"):
            return say(messages.CAPTION, "not_testable")
    gain = measures.gain(table, "as_is", "erased")
    if not gain.n:
        return say(messages.CAPTION, "not_asked")
    pairs = measures.pair_accuracy(table)
    told = measures.gain(table, "told", "as_is")
    cer = NOTHING
    if table.answered("transcribe"):
        cer = measures.reading(table)["transcription_cer"]
    both = measures.chance(table.answered("replaced"), power=2)
    copied = measures.copying(table)
    numbers = {
        "reading_gain": gain.as_json(),
        "pair_accuracy": pairs.as_json(),
        "pair_chance": stats.number(both),
        "told_gain": told.as_json(),
        "transcription_cer": cer.as_json(),
        "prompt_copying": copied.as_json(),
    }
    said = {
        "gain": points(gain),
        "pairs": percent(pairs),
        "told": points(told),
        "cer": percent(cer),
        "copied": percent(copied),
    }
    gained = adjusted.get("reading_gain", 1.0) < ALPHA and gain.value >= FLAT_MARGIN
    helped = adjusted.get("told_gain", 1.0) < ALPHA and told.value >= FLAT_MARGIN
    key = _caption_key(table, gained and gain.low > 0, pairs, both, helped and told.low > 0, cer)
    if key.startswith("uses_caption") and copied.n and copied.low > COPY_LIMIT:
        key = "copies_prompt"
    if key == "not_enough_items":
        values, names = measures.paired(table, "as_is", "erased")
        needed = max(stats.items_for_equivalence(values, NO_GAIN_MARGIN, names), gain.n + 1)
        numbers["needed"] = needed
        return say(messages.CAPTION, key, numbers, items=gain.n, needed=needed)
    found = say(messages.CAPTION, key, numbers, **said)
    return Verdict(key.removesuffix("_unpaired"), found.text, found.text_zh, numbers)


def _caption_key(
    table: Table, gained: bool, pairs: Interval, chance: float, helped: bool, cer: Interval
) -> str:
    if gained:
        if not pairs.n:
            return "uses_caption_unpaired"
        if pairs.low > chance:
            return "uses_caption"
        return "mixed" if pairs.high < 2 * chance + FLAT_MARGIN else "not_enough_items"
    if surely_small(table, "as_is", "erased"):
        if helped:
            return "told_only"
        if cer.n and cer.low > CER_LIMIT:
            return "cannot_read"
        if cer.n and cer.high < CER_LIMIT:
            return "reads_not_uses"
    return "not_enough_items"

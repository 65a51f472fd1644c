"""The verdict on caption reading: the weakest part named, and the number of every part."""

from collections.abc import Mapping
from typing import Any

from memeprobe import measures, messages, stats
from memeprobe.measures import Table
from memeprobe.messages import Points, percent, points
from memeprobe.stats import Interval
from memeprobe.verdicts.caption_parts import FEWEST, Parts, as_json, parts_of
from memeprobe.verdicts.common import (
    CER_LIMIT,
    FLAT_MARGIN,
    NO_GAIN_MARGIN,
    SURE,
    Verdict,
    say,
    surely_small,
    with_remarks,
)

HARDLY = 0.10
"""Surely fewer captions than this share read without an error: cannot read."""
LITTLE = 0.02
"""Surely more captions than this share read: what is weak about the rest can be said."""
MOSTLY = 0.40
"""Surely more pairs than this share right both ways: the caption is read and used."""
BANDS = ((0.9, "nearly_all"), (0.6, "most"), (0.4, "half"), (0.1, "some"), (0.0, "hardly_any"))
"""From which share of the captions on they are said to be read so widely."""


def caption(table: Table, adjusted: Mapping[str, float]) -> Verdict:
    """Not asked; cannot read, or uses only what it is told; else the part that is surely weakest;
    else reads and uses the caption, where that is sure; else not enough items."""
    gain = measures.gain(table, "as_is", "erased")
    if not gain.n:
        return say(messages.CAPTION, "not_asked")
    parts = parts_of(table)
    weak = parts.weak()
    chance = measures.chance(table.answered("replaced"), power=2)
    gained = adjusted.get("reading_gain", 1.0) < SURE and gain.value >= FLAT_MARGIN and gain.low > 0
    # The two must not be confused with chance: damage to the picture lowers accuracy as well.
    follows = gained and (not parts.used.n or parts.used.low > chance)
    numbers: dict[str, Any] = {
        "reading_gain": gain.as_json(),
        "pair_accuracy": parts.used.as_json(),
        "pair_chance": stats.number(chance),
        "told_gain": measures.gain(table, "told", "as_is").as_json(),
        "transcription_cer": parts.cer.as_json(),
        "prompt_copying": parts.copied.as_json(),
        "parts": as_json(parts, weak),
    }
    key = _key(table, parts, weak, gained, follows)
    if key == "not_enough_items":
        values, names = measures.paired(table, "as_is", "erased")
        needed = max(stats.items_for_equivalence(values, NO_GAIN_MARGIN, names), gain.n + 1)
        numbers["needed"] = needed
        open_yet = say(messages.CAPTION, key, numbers, items=gain.n, needed=needed)
        return with_remarks(open_yet, _sentences(table, parts, gain))
    found = say(messages.CAPTION, key, numbers, **_said(parts))
    told = with_remarks(found, _sentences(table, parts, gain, weak[1:] if weak else ()))
    return Verdict(key.removesuffix("_unpaired"), told.text, told.text_zh, told.numbers)


def _key(table: Table, parts: Parts, weak: list[str], gained: bool, follows: bool) -> str:
    none = surely_small(table, "as_is", "erased")
    unread = parts.cer.n >= FEWEST and parts.cer.low > CER_LIMIT and parts.read.high < HARDLY
    if unread and not gained:
        told = measures.gain(table, "told", "as_is")
        helped = told.low > 0 and told.value >= FLAT_MARGIN and (told.p or 0.0) < SURE
        return "told_only" if helped else "cannot_read"
    if weak and weak[0] == "reads_not_uses" and (none or gained):
        return "reads_not_uses" if none else "uses_part" if follows else "mixed"
    if weak and (follows or parts.read.low > LITTLE):
        return weak[0]
    if gained and parts.used.n and not follows:
        return "mixed" if parts.used.high < 0.5 else "not_enough_items"
    if follows and parts.sound():
        if not parts.used.n:
            return "uses_caption_unpaired"
        if parts.used.low > MOSTLY:
            return "uses_caption"
    return "not_enough_items"


def _said(parts: Parts) -> dict[str, Any]:
    """What the headlines are filled with."""
    faults = parts.faults()
    gap = parts.gap
    read = 1 - faults["reads_part"].value if faults["reads_part"].n else 0.0
    band = next(name for least, name in BANDS if read >= least)
    said: dict[str, Any] = {
        "band": Points(*messages.BANDS[band]),
        "cer": percent(parts.cer),
        "exact": percent(parts.exact),
        "nonwords": percent(parts.nonwords),
        "pairs": percent(parts.used),
        "unused": points(parts.unused),
        "copied": percent(parts.copied),
        "cost": points(parts.cost),
        "invented": percent(parts.invented),
        "items": max(parts.cer.n, parts.used.n, parts.copied.n),
    }
    if gap is not None:
        for rank, group in (("worse", gap[0]), ("better", gap[1])):
            said[rank] = Points(*messages.GROUPS[group.split, group.name])
            said[f"{rank}_cer"] = percent(group.cer)
    return said


def _sentences(
    table: Table, parts: Parts, gain: Interval, also: list[str] | tuple[str, ...] = ()
) -> list[Verdict]:
    """One sentence for each part that was asked; parts that are weak too are named as such."""
    said = {
        **_said(parts),
        "gain": points(gain),
        "told": points(measures.gain(table, "told", "as_is")),
    }
    asked = {
        "letters": parts.cer.n,
        "nonwords": parts.nonwords.n,
        "use": parts.used.n,
        "gain": not parts.used.n,
        "told_true": parts.cost.n,
        "told_wrong": parts.copied.n,
        "invented": parts.invented.n,
    }
    sentences = [say(messages.CAPTION_PARTS, key, **said) for key, n in asked.items() if n]
    weak = [say(messages.ALSO_WEAK, key, **said) for key in also]
    return [*weak, *sentences]

"""From measures to verdicts in words, and the result object that reports and JSON show.

The rules stand in two functions, ``first_frame`` and ``caption``, in the order in which they are
tried; each verdict carries the numbers that it rests on.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from probes import measures, stats, wording
from probes.measures import Curve, Row, Table
from probes.stats import NOTHING, Interval
from probes.wording import percent, points

FLAT_MARGIN = 0.10
"""Slots that differ by less are called equal; a bias must be at least as large."""
CHANGE_LIMIT = 0.15
"""At most this share of answers may change when the other frames are replaced."""
NO_GAIN_MARGIN = 0.20
"""A gain whose upper bound (one-sided, 95 %) is below this, and that may be 0, is called none."""
CER_LIMIT = 0.5
"""Reads: character error rate surely below; cannot read: surely above."""
ALPHA = 0.05

ONE_PICTURE = ("blind", "first", "last", "decisive")
"""Frames-probe conditions that show at most one picture: every delivery can carry them."""


@dataclass(frozen=True)
class Verdict:
    """A conclusion in both languages with the numbers behind it."""

    key: str
    text: str
    text_zh: str
    numbers: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the result object has it."""
        return {"key": self.key, "text": self.text, "text_zh": self.text_zh,
                "numbers": self.numbers}  # fmt: skip


def analyse(rows: Iterable[Row], info: Mapping[str, Any]) -> dict[str, Any]:
    """The result object of a run from its outcome rows (``Store.outcomes``) and ``Store.run``."""
    rows = list(rows)
    table = Table.of(rows)
    found = measures.all_measures(table)
    bends = measures.curve(table)
    adjusted = holm_family(found, bends)
    return {
        **{name: info.get(name) for name in
           ("run", "set", "model", "delivery", "k", "policy", "language")},
        "items": len({r["item"] for r in rows}),
        "conditions": {
            name: measures.tally(table, name)
            for name in sorted(table.rows, key=_place(info.get("conditions")))
        },
        "measures": {
            name: {**value.as_json(), **({"p_holm": stats.number(adjusted[name], 6)}
                                         if name in adjusted else {})}
            for name, value in found.items()
        },
        "curve": _curve_json(bends),
        "shape": _shape(table, bends),
        "verdicts": {
            "first_frame": first_frame(table, found, bends, adjusted).as_json(),
            "caption": caption(table).as_json(),
        },
        "notes": _notes(rows, info),
    }  # fmt: skip


def _place(order: Sequence[str] | None) -> Callable[[str], int]:
    """Conditions as the run lists them; others behind."""
    known = list(order or ())
    return lambda name: known.index(name) if name in known else len(known)


def holm_family(found: Mapping[str, Interval], bends: Curve | None) -> dict[str, float]:
    """Holm-adjusted p-values of the run's tests, with that of the curve (Cochran's Q) as 'curve'.

    One family per probe: conclusions on frames and on captions are drawn apart.
    """
    frames = {n: found[n].p for n in
              ("multi_frame_gain", "above_blind", "order_sensitivity", "first_slot", "last_slot")
              if n in found}  # fmt: skip
    if bends is not None:
        frames["curve"] = stats.cochran(bends.right, bends.clusters)[1]
    captions = {n: found[n].p for n in ("reading_gain", "told_gain") if n in found}
    adjusted: dict[str, float] = {}
    for family in (frames, captions):
        values = [1.0 if p is None else p for p in family.values()]
        adjusted.update(zip(family, stats.holm(values), strict=True))
    return adjusted


def first_frame(
    table: Table,
    found: Mapping[str, Interval],
    bends: Curve | None,
    adjusted: Mapping[str, float],
) -> Verdict:
    """First rule that holds: not testable, blind, first, last, lost, flat, uneven, not enough."""
    blocked = [r for c, rows in table.rows.items() if c not in ONE_PICTURE and _is_frames(c)
               for r in rows.values() if r["testable"] is False]  # fmt: skip
    if blocked:
        return _not_testable(table, found, blocked)
    if bends is None or "above_blind" not in found or "changed_by_later_frames" not in found:
        return _say(wording.FIRST_FRAME, "not_asked")
    above = found["above_blind"]
    first, last = found["first_slot"], found["last_slot"]
    others = found["changed_by_later_frames"], measures.changed(table, "keyframes", "last")
    within = [bends.flat_within(s) for s in range(bends.right.shape[1])]
    widest = max(within, key=lambda i: abs(i.value))
    over_blind = _over_blind(table)
    numbers = {
        "first_slot": first.as_json(), "last_slot": last.as_json(), "above_blind": above.as_json(),
        "changed_by_later_frames": others[0].as_json(), "changed_by_earlier": others[1].as_json(),
        "slots_minus_others_90": [i.as_json() for i in within],
        "curve_minus_blind": over_blind.as_json(), "p_curve_holm": stats.number(adjusted["curve"]),
    }  # fmt: skip
    said: dict[str, Any] = {"above_blind": points(above)}
    if above.low <= 0:
        if _none(table, "decisive", "blind"):
            return _say(wording.FIRST_FRAME, "blind", numbers, **said)
        return _too_few(bends, numbers, measures.paired(table, "decisive", "blind"))
    for key, slot, other in (("first_frame_biased", first, others[0]),
                             ("last_frame_biased", last, others[1])):  # fmt: skip
        if slot.low > 0 and slot.value >= FLAT_MARGIN and other.n > 0 and other.high < CHANGE_LIMIT:
            said = {"slot": points(slot), "changed": percent(other)}
            return _say(wording.FIRST_FRAME, key, numbers, **said)
    even = all(i.low > -FLAT_MARGIN and i.high < FLAT_MARGIN for i in within)
    if even and over_blind.low > 0:
        return _say(wording.FIRST_FRAME, "flat", numbers, widest=points(widest))
    if adjusted["curve"] < ALPHA:
        means = bends.right.mean(axis=0)
        return _say(wording.FIRST_FRAME, "uneven", numbers, p=f"{adjusted['curve']:.2g}",
                    best=int(means.argmax()) + 1, worst=int(means.argmin()) + 1)  # fmt: skip
    if even:
        return _say(wording.FIRST_FRAME, "lost_among_frames", numbers,
                    curve_gain=points(over_blind))  # fmt: skip
    return _too_few(bends, numbers)


def caption(table: Table) -> Verdict:
    """First rule that holds: uses, told only, cannot read, reads but does not use, not enough."""
    if any(r["testable"] is False for r in table.answered("as_is")):
        table = Table({c: {i: r for i, r in rows.items() if r["testable"] is not False}
                       for c, rows in table.rows.items()})  # fmt: skip
        if not table.answered("as_is"):
            return _say(wording.CAPTION, "not_testable")
    gain = measures.gain(table, "as_is", "erased")
    if not gain.n:
        return _say(wording.CAPTION, "not_asked")
    pairs = measures.pair_accuracy(table)
    told = measures.gain(table, "told", "as_is")
    cer = NOTHING
    if table.answered("transcribe"):
        cer = measures.reading(table)["transcription_cer"]
    both = measures.chance(table.answered("replaced"), power=2)
    numbers = {"reading_gain": gain.as_json(), "pair_accuracy": pairs.as_json(),
               "pair_chance": stats.number(both), "told_gain": told.as_json(),
               "transcription_cer": cer.as_json()}  # fmt: skip
    said = {"gain": points(gain), "pairs": percent(pairs), "told": points(told),
            "cer": percent(cer)}  # fmt: skip
    key = _caption_key(table, gain, pairs, both, told, cer)
    if key == "not_enough_items":
        values, names = measures.paired(table, "as_is", "erased")
        needed = max(stats.items_for_equivalence(values, NO_GAIN_MARGIN, names), gain.n + 1)
        numbers["needed"] = needed
        return _say(wording.CAPTION, key, numbers, items=gain.n, needed=needed)
    found = _say(wording.CAPTION, key, numbers, **said)
    return Verdict(key.removesuffix("_unpaired"), found.text, found.text_zh, numbers)


def _caption_key(
    table: Table, gain: Interval, pairs: Interval, chance: float, told: Interval, cer: Interval
) -> str:
    if gain.low > 0:
        if not pairs.n:
            return "uses_caption_unpaired"
        if pairs.low > chance:
            return "uses_caption"
        return "mixed" if pairs.high < 2 * chance + FLAT_MARGIN else "not_enough_items"
    if _none(table, "as_is", "erased"):
        if told.n and told.low > 0:
            return "told_only"
        if cer.n and cer.low > CER_LIMIT:
            return "cannot_read"
        if cer.n and cer.high < CER_LIMIT:
            return "reads_not_uses"
    return "not_enough_items"


def _none(table: Table, after: str, before: str) -> bool:
    """Whether a gain that may be 0 is surely small: upper bound of its 90 % interval."""
    return stats.mean(*measures.paired(table, after, before), level=0.90).high < NO_GAIN_MARGIN


def _over_blind(table: Table) -> Interval:
    """Mean accuracy over the slots minus blind, over the items answered under all of them."""
    slots = [c for c in table.rows if c.startswith("position@")]
    rows = table.together([*slots, "blind"])
    values = [float(np.mean([measures.right(r) for r in each[:-1]])) - measures.right(each[-1])
              for each in rows]  # fmt: skip
    return stats.mean(values, measures.clusters([each[0] for each in rows]))


def _not_testable(table: Table, found: Mapping[str, Interval], blocked: list[Row]) -> Verdict:
    lure, accuracy = found.get("lure_rate", NOTHING), measures.accuracy(table, "keyframes")
    worst = max(blocked, key=lambda r: r["intended"] - (r["shown"] or 0))
    numbers = {"intended": worst["intended"], "shown": worst["shown"] or 0,
               "trials": len(blocked), "lure_rate": lure.as_json(),
               "keyframes": accuracy.as_json()}  # fmt: skip
    return _say(wording.FIRST_FRAME, "not_testable", numbers, shown=numbers["shown"],
                intended=numbers["intended"], lure=percent(lure),
                accuracy=percent(accuracy))  # fmt: skip


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
    return _say(wording.FIRST_FRAME, "not_enough_items", numbers, items=items,
                needed=numbers["needed"])  # fmt: skip


def _say(
    texts: Mapping[str, tuple[str, str]], key: str, numbers: dict[str, Any] | None = None,
    **said: Any,
) -> Verdict:  # fmt: skip
    english, chinese = texts[key]
    return Verdict(key, english.format(**said), chinese.format(**said), numbers or {})


def _is_frames(condition: str) -> bool:
    return condition.startswith("position@") or condition in (
        "keyframes", "reversed", "first_repeated",
    )  # fmt: skip


def _curve_json(bends: Curve | None) -> list[dict[str, Any]]:
    if bends is None:
        return []
    found = []
    for slot, interval in enumerate(bends.accuracies(), 1):
        plain = interval.as_json()
        found.append({"slot": slot, "accuracy": plain.pop("value"), **plain})
    return found


def _shape(table: Table, bends: Curve | None) -> dict[str, Any] | None:
    if bends is None:
        return None
    alone = measures.accuracy(table, "decisive")
    return measures.shape(list(bends.right.mean(axis=0)), alone.value)


def _notes(rows: list[Row], info: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a reader must know beside the numbers, in both languages."""
    counts = {name: sum(r["outcome"] == name for r in rows)
              for name in ("failed", "unreadable", "unparsed")}  # fmt: skip
    counts["missed"] = len({r["item"] for r in rows if r.get("decisive_hit") is False})
    counts[str(info.get("delivery"))] = 1
    return [
        {"key": key, "text": en.format(n=counts[key]), "text_zh": zh.format(n=counts[key])}
        for key, (en, zh) in wording.NOTES.items() if counts.get(key)
    ]  # fmt: skip

"""The result object that reports and JSON show: conditions, measures, curve, verdicts, notes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memeprobe import measures, messages, stats
from memeprobe.measures import Curve, Table, TrialRow
from memeprobe.stats import Interval
from memeprobe.store.rows import RunRecord
from memeprobe.verdicts.caption import caption
from memeprobe.verdicts.common import Verdict, say
from memeprobe.verdicts.delivery import delivered, mostly_short, not_testable
from memeprobe.verdicts.first_frame import first_frame
from memeprobe.verdicts.language import language
from memeprobe.verdicts.notes import notes
from memeprobe.verdicts.order import order
from memeprobe.verdicts.picture import picture

FRAMES_TESTS = (
    "multi_frame_gain",
    "gain_over_best_single",
    "above_blind",
    "order_sensitivity",
    "shuffle_sensitivity",
    "first_slot",
    "last_slot",
)
CAPTION_TESTS = ("reading_gain", "word_gain", "told_gain")
LANGUAGE_TESTS = ("language_gap", "sandwich_gain")
DELIVERY_TESTS = ("order_said_gain", "times_said_gain", "reading_said_gain", "clip_said_gain")
"""The families of tests, by probe; the test of the curve joins the first one."""


@dataclass(frozen=True)
class Judgement:
    """A run's measures and what follows from them."""

    whole: Table
    """Every row."""
    table: Table
    """The rows that the verdicts rest on: without trials that did not arrive whole."""
    found: dict[str, Interval]
    bends: Curve | None
    adjusted: dict[str, float]
    verdicts: dict[str, Verdict]


def judge(rows: Iterable[TrialRow], words: bool = True) -> Judgement:
    """Measures and verdicts of a run's rows; ``words`` as ``measures.all_measures`` has it."""
    whole = Table.of(rows)
    short = mostly_short(whole)
    # Of a delivery that mostly fails the rows stay as they are: its verdict says what they are.
    table = whole if short else delivered(whole)
    found, bends = measures.all_measures(table, words), measures.curve(table)
    adjusted = holm_family(found, bends)
    return Judgement(
        whole, table, found, bends, adjusted, _verdicts(whole, table, found, bends, adjusted)
    )


def analyse(rows: Iterable[TrialRow], info: RunRecord) -> dict[str, Any]:
    """The result object of a run from its outcome rows (``Store.outcomes``) and ``Store.run``."""
    rows = list(rows)
    judged = judge(rows)
    whole, table, found, bends = judged.whole, judged.table, judged.found, judged.bends
    return {
        **{
            name: getattr(info, name)
            for name in ("run", "set", "model", "delivery", "k", "policy", "language")
        },
        "items": len({r.item for r in rows}),
        "conditions": {
            name: {**measures.tally(whole, name), **_calls(whole, name)}
            for name in sorted(whole.rows, key=_place(info.conditions))
        },
        "measures": {
            name: {
                **value.as_json(),
                **(
                    {"p_holm": stats.number(judged.adjusted[name], 6)}
                    if name in judged.adjusted
                    else {}
                ),
            }
            for name, value in found.items()
        },
        "curve": _curve_json(bends),
        "shape": _shape(table, bends),
        "bias_index": [e.as_json() for e in measures.estimates(table)],
        "letters": measures.letter_shares(table),
        "influence": measures.influence(table),
        "best_single": measures.best_single(table),
        "kinds": _kinds(table),
        "verdicts": {name: verdict.as_json() for name, verdict in judged.verdicts.items()},
        "summary": _summary(judged.verdicts),
        "notes": notes(rows, info, found),
    }


def _summary(found: Mapping[str, Verdict]) -> dict[str, str]:
    """One sentence over all verdicts, in both languages."""
    english, chinese = messages.summary({name: v.key for name, v in found.items()})
    return {"text": english, "text_zh": chinese}


def _place(order: Sequence[str] | None) -> Callable[[str], int]:
    """Conditions as the run lists them; others behind."""
    known = list(order or ())
    return lambda name: known.index(name) if name in known else len(known)


def _verdicts(
    whole: Table,
    table: Table,
    found: Mapping[str, Interval],
    bends: Curve | None,
    adjusted: Mapping[str, float],
) -> dict[str, Verdict]:
    """The verdict of every probe."""
    if mostly_short(whole):
        frames = not_testable(whole, found)
        in_order = say(messages.ORDER, "not_testable")
    else:
        frames = first_frame(table, found, bends, adjusted)
        in_order = order(table, found, adjusted, frames)
    unseen = mostly_short(whole, "caption")
    return {
        "first_frame": frames,
        "order": in_order,
        "caption": say(messages.CAPTION, "not_testable") if unseen else caption(table, adjusted),
        "language": language(table, found),
        "picture": picture(table),
    }


def holm_family(found: Mapping[str, Interval], bends: Curve | None) -> dict[str, float]:
    """Holm-adjusted p-values of the run's tests, with that of the curve (Cochran's Q) as 'curve'.

    One family per probe: conclusions on frames and on captions are drawn apart.
    """
    frames = {n: found[n].p for n in FRAMES_TESTS if n in found}
    if bends is not None:
        frames["curve"] = stats.cochran(bends.right, bends.clusters)[1]
    captions = {n: found[n].p for n in CAPTION_TESTS if n in found}
    languages = {n: found[n].p for n in LANGUAGE_TESTS if n in found}
    told = {n: found[n].p for n in DELIVERY_TESTS if n in found}
    adjusted: dict[str, float] = {}
    for family in (frames, captions, languages, told):
        values = [1.0 if p is None else p for p in family.values()]
        adjusted.update(zip(family, stats.holm(values), strict=True))
    return adjusted


def _curve_json(bends: Curve | None) -> list[dict[str, Any]]:
    if bends is None:
        return []
    found = []
    for slot, interval in enumerate(bends.accuracies(), 1):
        plain = interval.as_json()
        found.append({"slot": slot, "accuracy": plain.pop("value"), **plain})
    return found


def _calls(table: Table, condition: str) -> dict[str, Any]:
    """Accuracy of single calls, where options were listed and the majority counted."""
    found = measures.per_call(table, condition)
    return {"accuracy_per_call": found.as_json()} if found.n else {}


def _kinds(table: Table) -> dict[str, dict[str, Any]]:
    """Accuracy per kind of item under the main conditions."""
    found: dict[str, dict[str, Any]] = {}
    for condition in ("keyframes", "as_is"):
        rows = table.rows.get(condition, {}).values()
        for kind in dict.fromkeys(r.kind for r in rows if r.kind):
            alike = Table({condition: {r.item: r for r in rows if r.kind == kind}})
            found.setdefault(kind, {})[condition] = measures.accuracy(alike, condition).as_json()
    return found


def _shape(table: Table, bends: Curve | None) -> dict[str, Any] | None:
    if bends is None:
        return None
    alone = measures.accuracy(table, "decisive")
    return measures.shape(list(bends.right.mean(axis=0)), alone.value)

"""From the rows of a run to its result: conditions, measures, curve, verdicts, notes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from memeprobe import measures, messages, stats
from memeprobe.measures import Curve, Table, TrialRow
from memeprobe.stats import Interval
from memeprobe.store.rows import RunRecord
from memeprobe.verdicts.caption import caption
from memeprobe.verdicts.common import Verdict, say
from memeprobe.verdicts.delivery import delivered, mostly_short, not_testable
from memeprobe.verdicts.evidence import Evidence
from memeprobe.verdicts.first_frame import first_frame
from memeprobe.verdicts.language import language
from memeprobe.verdicts.notes import notes
from memeprobe.verdicts.order import order
from memeprobe.verdicts.picture import picture
from memeprobe.verdicts.run_result import Measured, RunResult, SlotAccuracy

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
    known: Evidence
    """Of the rows that the verdicts rest on: without trials that did not arrive whole."""
    verdicts: dict[str, Verdict]


def judge(rows: Iterable[TrialRow], words: bool = True) -> Judgement:
    """Measures and verdicts of a run's rows; ``words`` as ``measures.all_measures`` has it."""
    whole = Table.of(rows)
    short = mostly_short(whole)
    # Of a delivery that mostly fails the rows stay as they are: its verdict says what they are.
    table = whole if short else delivered(whole)
    found, bends = measures.all_measures(table, words), measures.curve(table)
    adjusted = holm_family(found, bends)
    known = Evidence(table, found, bends, adjusted)
    return Judgement(whole, known, _verdicts(whole, known))


def analyse(rows: Iterable[TrialRow], record: RunRecord) -> RunResult:
    """The result of a run from its outcome rows (``Store.outcomes``) and ``Store.run``."""
    rows = list(rows)
    judged = judge(rows)
    whole, known = judged.whole, judged.known
    table, bends = known.table, known.bends
    return RunResult(
        record=record,
        items=len({r.item for r in rows}),
        conditions={
            name: _tally(whole, name) for name in sorted(whole.rows, key=_place(record.conditions))
        },
        measures={
            name: Measured(**vars(value), p_holm=known.adjusted.get(name))
            for name, value in known.found.items()
        },
        curve=tuple(SlotAccuracy(*one) for one in enumerate(bends.accuracies(), 1))
        if bends is not None
        else (),
        shape=_shape(table, bends),
        bias_index=tuple(known.estimates),
        letters=tuple(measures.letter_shares(table)),
        influence=tuple(measures.influence(table)),
        best_single=measures.best_single(table),
        kinds=_kinds(table),
        verdicts=judged.verdicts,
        notes=notes(rows, record, known.found),
    )


def _place(order: Sequence[str] | None) -> Callable[[str], int]:
    """Conditions as the run lists them; others behind."""
    known = list(order or ())
    return lambda name: known.index(name) if name in known else len(known)


def _verdicts(whole: Table, known: Evidence) -> dict[str, Verdict]:
    """The verdict of every probe."""
    table, found, adjusted = known.table, known.found, known.adjusted
    if mostly_short(whole):
        frames = not_testable(whole, found)
        in_order = say(messages.ORDER, "not_testable")
    else:
        frames = first_frame(known)
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
    deliveries = {n: found[n].p for n in DELIVERY_TESTS if n in found}
    adjusted: dict[str, float] = {}
    for family in (frames, captions, languages, deliveries):
        values = [1.0 if p is None else p for p in family.values()]
        adjusted.update(zip(family, stats.holm(values), strict=True))
    return adjusted


def _tally(table: Table, condition: str) -> measures.Tally:
    """With the accuracy of single calls, where options were listed and the majority counted."""
    calls = measures.per_call(table, condition)
    return replace(measures.tally(table, condition), per_call=calls if calls.n else None)


def _kinds(table: Table) -> dict[str, dict[str, Interval]]:
    """Accuracy per kind of item under the main conditions."""
    found: dict[str, dict[str, Interval]] = {}
    for condition in ("keyframes", "as_is"):
        rows = table.rows.get(condition, {}).values()
        for kind in dict.fromkeys(r.kind for r in rows if r.kind):
            alike = Table({condition: {r.item: r for r in rows if r.kind == kind}})
            found.setdefault(kind, {})[condition] = measures.accuracy(alike, condition)
    return found


def _shape(table: Table, bends: Curve | None) -> measures.Shape | None:
    if bends is None:
        return None
    alone = measures.accuracy(table, "decisive")
    return measures.shape(list(bends.right.mean(axis=0)), alone.value)

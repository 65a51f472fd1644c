"""Parity: the same checkpoint behind two stacks. Do its answers agree, and is it as often right?

Two runs that ask the same questions of one model through transformers, vLLM, llama.cpp, or in
batches and alone. "No difference found" is no proof that there is none, so equality is tested the
other way round: two one-sided tests (Schuirmann 1987) that the difference lies within a margin.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from memeprobe import stats
from memeprobe.comparison.pairing import Rights, paired
from memeprobe.comparison.runs import CompareError, one_way, same_items
from memeprobe.measures import Table, right
from memeprobe.messages import parity as messages
from memeprobe.scoring.words import normalise
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.store.store import Store

MARGIN = 0.05
"""Share of right answers by which two stacks may differ and still be called equivalent."""
SAME = ("delivery", "k", "policy", "engine", "protocol", "seed")
"""What two runs must have in common to ask the same questions."""

Pair = tuple[TrialRow, TrialRow]


def parity(store: Store, runs: Sequence[str], margin: float = MARGIN) -> dict[str, Any]:
    """How far the second run's answers are those of the first, over the trials answered in both.

    ``equal``: share of trials with the same answer (the same option; where none was chosen, the
    same words up to case, spaces and punctuation). ``difference``: second minus first, right
    answers, over trials, with McNemar's exact test for each condition (over all conditions trials
    of one item stand together: sign flips of clusters). ``equivalence``: two one-sided tests within
    ``margin``, with the 90 % interval that is the same decision. ``differing``: the trials with
    other answers, with both.

    Raises CompareError: not two runs, or they do not ask the same questions, or options were scored
    in two ways, or no trial was answered in both. StoreError: there is no such run.
    """
    if not 0 < margin < 1:
        raise CompareError(f"the margin must lie between 0 and 1, got {margin}")
    found = same_items([store.run(name) for name in runs])
    if len(found) != 2:
        raise CompareError(f"parity is between two runs, got {len(found)}")
    first, second = found
    for field in SAME:
        ours, theirs = getattr(first, field), getattr(second, field)
        if ours != theirs:
            raise CompareError(
                f"runs {first.run} and {second.run} differ in {field} ({ours} and {theirs}); "
                "parity is of two stacks that are asked the same questions"
            )
    outcomes = [store.outcomes(f.run) for f in found]
    one_way(found, outcomes)
    listed = [any(r.rotations is not None for r in rows) for rows in outcomes]
    if listed[0] != listed[1]:
        raise CompareError(
            f"only one of the runs {first.run} and {second.run} had its options listed in the "
            "prompt; run both with --scoring listed"
        )
    return {"set": first.set, **between(found, outcomes, margin)}


def between(
    found: Sequence[RunRecord], outcomes: Sequence[Sequence[TrialRow]], margin: float = MARGIN
) -> dict[str, Any]:
    """The same of two runs whose trials are at hand. Raises CompareError: none is in both."""
    tables = [Table.of(rows) for rows in outcomes]
    pairs = _pairs(*tables)
    if not any(pairs.values()):
        raise CompareError(f"runs {found[0].run} and {found[1].run} share no answered trial")
    tests = paired(*map(_rights, tables))
    every = [pair for several in pairs.values() for pair in several]
    whole = _figures(every, margin)
    english, chinese = messages.verdict(whole, margin)
    return {
        "runs": [
            {k: getattr(f, k) for k in ("run", "model", "revision", "delivery", "language")}
            for f in found
        ],
        "margin": margin,
        "only_first": _alone(tables[0], tables[1]),
        "only_second": _alone(tables[1], tables[0]),
        **whole,
        "text": english,
        "text_zh": chinese,
        "conditions": {
            condition: {
                **_figures(several, margin),
                "mcnemar_p": tests[condition]["mcnemar_p"],
                "gained": tests[condition]["gained"],
                "lost": tests[condition]["lost"],
            }
            for condition, several in pairs.items()
            if several
        },
        "differing": [_both(one, other) for one, other in every if not same_answer(one, other)],
    }


def same_answer(one: TrialRow, other: TrialRow) -> bool:
    """Whether two trials of one question have the same answer: the option chosen; the words, up to
    case, spaces and punctuation, where no option was chosen in either."""
    if one.chosen is not None or other.chosen is not None:
        return one.chosen == other.chosen
    return normalise(one.text or "") == normalise(other.text or "")


def _rights(table: Table) -> Rights:
    return {(r.item, c): (right(r), r.cluster) for c in table.rows for r in table.answered(c)}


def _pairs(first: Table, second: Table) -> dict[str, list[Pair]]:
    """Condition -> the trials of it that were answered in both, in the set's order."""
    found = {}
    for condition in first.rows:
        theirs = {r.item: r for r in second.answered(condition)}
        found[condition] = [
            (r, theirs[r.item]) for r in first.answered(condition) if r.item in theirs
        ]
    return found


def _alone(table: Table, other: Table) -> int:
    """Trials that were answered in one run only."""
    theirs = {(c, r.item) for c in other.rows for r in other.answered(c)}
    return sum((c, r.item) not in theirs for c in table.rows for r in table.answered(c))


def _figures(pairs: Sequence[Pair], margin: float) -> dict[str, Any]:
    clusters = [one.cluster for one, _ in pairs]
    changes = [int(right(other)) - int(right(one)) for one, other in pairs]
    within = stats.equivalence(changes, margin, clusters)
    gaps = [gap for one, other in pairs if (gap := _gap(one, other)) is not None]
    words = [(one.text == other.text) for one, other in pairs]
    return {
        "trials": len(pairs),
        "items": len({one.item for one, _ in pairs}),
        "equal": stats.share([same_answer(*pair) for pair in pairs], clusters).as_json(),
        "same_words": stats.share(words, clusters).as_json(),
        "first": stats.share([right(one) for one, _ in pairs], clusters).as_json(),
        "second": stats.share([right(other) for _, other in pairs], clusters).as_json(),
        "difference": stats.tested(changes, clusters).as_json(),
        "equivalence": {
            "shown": within.shown,
            "low": stats.number(within.interval.low),
            "high": stats.number(within.interval.high),
            "p": stats.number(within.p, 6),
        },
        "largest_logprob_gap": stats.number(max(gaps), 6) if gaps else None,
    }


def _gap(one: TrialRow, other: TrialRow) -> float | None:
    """Largest difference of an option's log-probability between two trials; None: there is none."""
    if one.logprobs is None or other.logprobs is None or len(one.logprobs) != len(other.logprobs):
        return None
    gaps = (abs(a - b) for a, b in zip(one.logprobs, other.logprobs, strict=True))
    return max(gaps, default=None)


def _both(one: TrialRow, other: TrialRow) -> Mapping[str, Any]:
    return {
        "item": one.item,
        "condition": one.condition,
        **{
            name: {"answer": answer_of(row), "text": row.text, "outcome": row.outcome}
            for name, row in (("first", one), ("second", other))
        },
    }


def answer_of(row: TrialRow) -> str | None:
    """The option that was chosen, in words; else the model's own words."""
    if row.chosen is not None and row.chosen < len(row.options):
        return row.options[row.chosen]
    return row.text

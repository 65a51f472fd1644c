"""Two runs on the same items: differences with intervals, tests, and the items that flip."""

from collections.abc import Mapping, Sequence
from typing import Any

from memeprobe.comparison.pairing import Rights, paired
from memeprobe.measures import Table, right
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.store.store import Store

ALPHA = 0.05


class CompareError(ValueError):
    """The runs cannot be compared; the message says why."""


def compare(store: Store, runs: Sequence[str]) -> dict[str, Any]:
    """Every run against the first, condition by condition, over the items answered in both.

    Raises CompareError: fewer than two runs, or not the same set in the same language. StoreError:
    there is no such run.
    """
    found = same_items([store.run(name) for name in runs])
    outcomes = [store.outcomes(f.run) for f in found]
    one_way(found, outcomes)
    tables = [_rights(Table.of(rows)) for rows in outcomes]
    return {
        "set": found[0].set,
        "language": found[0].language,
        "runs": [_named(f) for f in found],
        "comparisons": [
            {"first": found[0].run, "second": other.run, **_pair(tables[0], table)}
            for other, table in zip(found[1:], tables[1:], strict=True)
        ],
    }


def one_way(found: Sequence[RunRecord], outcomes: Sequence[Sequence[TrialRow]]) -> None:
    """Raise CompareError where whole answers were scored in one run and letters of a list in
    another: the second is the chance to be chosen, not to be said."""
    ways = [
        {r.receipt.seen.scoring for r in rows if r.receipt is not None and r.receipt.seen}
        & {"options", "letters"}
        for rows in outcomes
    ]
    for other, way in zip(found[1:], ways[1:], strict=True):
        if len(ways[0] | way) > 1:
            raise CompareError(
                f"runs {found[0].run} and {other.run} score options in two ways (whole answers and "
                "letters of a list); run both with --scoring listed to compare them"
            )


def same_items(found: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs, each once. Raises CompareError: fewer than two, or not on the same items."""
    runs = list({info.run: info for info in found}.values())
    if len(runs) < 2:
        raise CompareError("give at least two different runs to compare")
    for other in runs[1:]:
        for field in ("set", "content", "language"):
            if getattr(other, field) != getattr(runs[0], field):
                ours, theirs = getattr(runs[0], field), getattr(other, field)
                raise CompareError(
                    f"runs {runs[0].run} and {other.run} differ in {field} "
                    f"({ours!s:.40} and {theirs!s:.40}); only runs on the same items can be paired"
                )
    return runs


def _rights(table: Table) -> Rights:
    return {(r.item, c): (right(r), r.cluster) for c in table.rows for r in table.answered(c)}


def _named(info: RunRecord) -> dict[str, Any]:
    return {k: getattr(info, k) for k in ("run", "model", "delivery", "k", "policy", "language")}


def _pair(first: Rights, second: Rights) -> dict[str, Any]:
    rows = paired(first, second)
    return {"conditions": rows, "summary": _summary(rows)}


def _summary(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """In one sentence: under which conditions the second model is surely better or worse."""
    better = [c for c, r in rows.items() if r["p_holm"] < ALPHA and r["difference"]["value"] > 0]
    worse = [c for c, r in rows.items() if r["p_holm"] < ALPHA and r["difference"]["value"] < 0]
    if not rows:
        return "The runs share no answered condition."
    parts = [
        f"{word} under {', '.join(names)}"
        for word, names in (("better", better), ("worse", worse))
        if names
    ]
    if not parts:
        return f"No condition of {len(rows)} shows a difference (Holm-adjusted, 5 %)."
    return f"The second is {' and '.join(parts)} (Holm-adjusted, 5 %)."

"""Which recipe serves a model best: one run a recipe, on the same items, set beside each other."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any

from memeprobe import stats
from memeprobe.comparison.runs import ALPHA, CompareError
from memeprobe.measures import Table, accuracy, lure_rate, right
from memeprobe.messages import recipes as messages
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.store.store import Store

APART = ("keyframes", "keyframes_ordered", "keyframes_timed")
"""What is asked with the model's own best delivery, which the recipes are measured against."""
PACKED = ("clip", "clip_said")
"""What is asked with a recipe: the whole clip, silently and with the sentence that fits."""


def serve(store: Store, runs: Sequence[str]) -> dict[str, Any]:
    """The rows of every run under ``APART`` or ``PACKED``, the best of them, and what it says.

    A row is a delivery with what the prompt said. ``p_holm``: exact test of its difference from the
    best one, Holm-adjusted over all pairs of rows, because the best one was picked by its result.
    Raises CompareError: the runs are not of one model, set and language, or nothing was answered.
    """
    found = [store.run(name) for name in runs]
    _check(found)
    rows = [
        _row(info, condition, list(table.rows[condition].values()))
        for info in found
        for table in (Table.of(store.outcomes(info.run)),)
        for condition in (*APART, *PACKED)
        if table.answered(condition)
    ]
    if not rows:
        raise CompareError("no trial of these runs was answered; see the problems of each run")
    best = max(rows, key=lambda r: (r["accuracy"]["value"], -(r["prompt_tokens"] or 0)))
    _test(rows, best)
    english, chinese = _verdict(rows, best)
    return {
        "set": found[0].set,
        "model": found[0].model,
        "language": found[0].language,
        "best": best["name"],
        "text": english,
        "text_zh": chinese,
        "rows": [{k: v for k, v in row.items() if k != "trials"} for row in rows],
    }


def _check(found: Sequence[RunRecord]) -> None:
    for other in found[1:]:
        for field in ("model", "revision", "set", "content", "language"):
            if getattr(other, field) != getattr(found[0], field):
                raise CompareError(
                    f"runs {found[0].run} and {other.run} differ in {field}; recipes are compared "
                    "on one model and one set"
                )


def _row(info: RunRecord, condition: str, rows: list[TrialRow]) -> dict[str, Any]:
    table = Table.of(rows)
    receipts = [r.receipt for r in table.answered(condition) if r.receipt is not None]
    seen = [r.seen for r in receipts if r.seen is not None]
    hit = [r.decisive_hit for r in table.answered(condition) if r.decisive_hit is not None]
    visual = [
        sum(p.tokens for p in r.seen.pictures) / r.frames_shown
        for r in receipts
        if r.seen is not None and r.seen.pictures and r.frames_shown
    ]
    return {
        "name": messages.name(info.delivery, condition),
        "delivery": info.delivery,
        "condition": condition,
        "run": info.run,
        "accuracy": accuracy(table, condition).as_json(),
        "lure_rate": lure_rate(table, condition).as_json(),
        "failed": sum(r.outcome == "failed" for r in rows),
        "frames": _mean([r.frames_shown for r in receipts]),
        "pictures": _mean([r.n_images for r in receipts]),
        "prompt_tokens": _mean([s.prompt_tokens for s in seen if s.prompt_tokens is not None]),
        "tokens_per_frame": _mean(visual),
        "decisive_lost": _mean([not h for h in hit]),
        "lost": messages.lost(info.delivery)[0],
        "lost_zh": messages.lost(info.delivery)[1],
        "trials": {r.item: (right(r), r.cluster) for r in table.answered(condition)},
    }


def _mean(values: Sequence[float]) -> float | None:
    return stats.number(fmean(values), 4) if values else None


def _test(rows: list[dict[str, Any]], best: Mapping[str, Any]) -> None:
    """Give every row its difference from the best one, with the adjusted p."""
    pairs = list(combinations(range(len(rows)), 2))
    tested = [_difference(rows[i]["trials"], rows[j]["trials"]) for i, j in pairs]
    adjusted = stats.holm([1.0 if t.p is None else t.p for t in tested])
    for (i, j), found, p in zip(pairs, tested, adjusted, strict=True):
        for one, other, sign in ((i, j, -1), (j, i, 1)):
            if rows[other] is best:
                value = {k: v for k, v in found.as_json().items() if k != "p"}
                if sign < 0:  # found is second minus first, and here the best one is second
                    value |= {"value": value["value"] and -value["value"]}
                    low, high = value["low"], value["high"]
                    value |= {"low": high and -high, "high": low and -low}
                rows[one]["difference"] = value
                rows[one]["p_holm"] = stats.number(p, 6)


def _difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> stats.Interval:
    items = [i for i in first if i in second]
    return stats.tested(
        [int(second[i][0]) - int(first[i][0]) for i in items], [first[i][1] for i in items]
    )


def _verdict(rows: Sequence[Mapping[str, Any]], best: Mapping[str, Any]) -> tuple[str, str]:
    others = [r for r in rows if r is not best]
    worse = [r["name"] for r in others if r["p_holm"] < ALPHA]
    equal = [r for r in rows if r is best or r["p_holm"] >= ALPHA]
    priced = [r for r in equal if r["prompt_tokens"]]
    cheap = min(priced, key=lambda r: r["prompt_tokens"], default=None)
    return messages.verdict(best, worse, [r["name"] for r in equal if r is not best], cheap)

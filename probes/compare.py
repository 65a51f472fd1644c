"""Two runs on the same items: differences with intervals, tests, and the items that flip."""

from collections.abc import Mapping, Sequence
from typing import Any

from probes import stats
from probes.measures import Row, Table, clusters, right
from probes.store import Store

ALPHA = 0.05


class CompareError(ValueError):
    """The runs cannot be compared; the message says why."""


def compare(store: Store, runs: Sequence[str]) -> dict[str, Any]:
    """Every run against the first, condition by condition, over the items answered in both.

    Raises CompareError: fewer than two runs, or not the same set in the same language. StoreError:
    there is no such run.
    """
    found = [store.run(name) for name in runs]
    if len({f["run"] for f in found}) < 2:
        raise CompareError("give at least two different runs to compare")
    for other in found[1:]:
        for field in ("set", "content", "language"):
            if other.get(field) != found[0].get(field):
                raise CompareError(
                    f"runs {found[0]['run']} and {other['run']} differ in {field} "
                    f"({found[0].get(field)!s:.40} and {other.get(field)!s:.40}); only runs "
                    "on the same items can be paired"
                )
    tables = [Table.of(store.outcomes(f["run"])) for f in found]
    return {
        "set": found[0]["set"],
        "language": found[0].get("language"),
        "runs": [_named(f) for f in found],
        "comparisons": [
            {"first": found[0]["run"], "second": other["run"], **_pair(tables[0], table)}
            for other, table in zip(found[1:], tables[1:], strict=True)
        ],
    }


def _named(info: Mapping[str, Any]) -> dict[str, Any]:
    return {k: info.get(k) for k in ("run", "model", "delivery", "k", "policy", "language")}


def _pair(first: Table, second: Table) -> dict[str, Any]:
    """Second minus first for every condition of both; Holm over the conditions."""
    shared = [c for c in first.rows if c in second.rows]
    rows: dict[str, dict[str, Any]] = {}
    for condition in shared:
        pairs = _pairs(first, second, condition)
        if pairs:
            rows[condition] = _difference(pairs)
    adjusted = stats.holm([r["p"] for r in rows.values()])
    for row, p in zip(rows.values(), adjusted, strict=True):
        row["p_holm"] = stats.number(p, 6)
    return {"conditions": rows, "summary": _summary(rows)}


def _pairs(first: Table, second: Table, condition: str) -> list[tuple[Row, Row]]:
    theirs = {r["item"]: r for r in second.answered(condition)}
    return [(r, theirs[r["item"]]) for r in first.answered(condition) if r["item"] in theirs]


def _difference(pairs: Sequence[tuple[Row, Row]]) -> dict[str, Any]:
    """Paired difference with its interval and p, McNemar's counts, and the items behind them."""
    ones, twos = [a for a, _ in pairs], [b for _, b in pairs]
    names = clusters(ones)
    found = stats.tested([right(b) - right(a) for a, b in pairs], names)
    gained = [a["item"] for a, b in pairs if right(b) and not right(a)]
    lost = [a["item"] for a, b in pairs if right(a) and not right(b)]
    n = len(pairs)
    return {
        "first": stats.share([right(a) for a in ones], names).as_json(),
        "second": stats.share([right(b) for b in twos], names).as_json(),
        "difference": {k: v for k, v in found.as_json().items() if k != "p"},
        "p": found.p,
        "mcnemar_p": stats.number(stats.mcnemar(len(gained), len(lost)), 6),
        "gained": gained,
        "lost": lost,
        "items_needed": stats.items_for_difference(len(gained) / n, len(lost) / n),
    }


def _summary(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """In one sentence: under which conditions the second model is surely better or worse."""
    better = [c for c, r in rows.items() if r["p_holm"] < ALPHA and r["difference"]["value"] > 0]
    worse = [c for c, r in rows.items() if r["p_holm"] < ALPHA and r["difference"]["value"] < 0]
    if not rows:
        return "The runs share no answered condition."
    parts = [f"{word} under {', '.join(names)}" for word, names in
             (("better", better), ("worse", worse)) if names]  # fmt: skip
    if not parts:
        return f"No condition of {len(rows)} shows a difference (Holm-adjusted, 5 %)."
    return f"The second is {' and '.join(parts)} (Holm-adjusted, 5 %)."

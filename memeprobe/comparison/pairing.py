"""Two runs paired by item: what the command ``compare`` and the page Compare are made of."""

from collections.abc import Hashable, Mapping
from typing import Any

from memeprobe import stats

Rights = Mapping[tuple[str, str], tuple[bool, Hashable]]
"""(item, condition) -> (answered rightly or not, cluster), for every trial that was answered."""


def paired(first: Rights, second: Rights) -> dict[str, dict[str, Any]]:
    """Condition -> second minus first, over the items answered in both; Holm over the conditions.

    Each with both shares and the difference (95 % intervals by item cluster), p, p_holm, McNemar's
    exact p, the items gained (wrong to right) and lost, and the items that would be needed to show
    a difference of this size. Conditions without a common item are left out.
    """
    rows: dict[str, dict[str, Any]] = {}
    for condition in dict.fromkeys(c for _, c in first):
        items = [i for i, c in first if c == condition and (i, c) in second]
        if items:
            rows[condition] = _difference(
                items,
                [first[i, condition] for i in items],
                [second[i, condition][0] for i in items],
            )
    adjusted = stats.holm([r["p"] for r in rows.values()])
    for row, p in zip(rows.values(), adjusted, strict=True):
        row["p_holm"] = stats.number(p, 6)
    return rows


def _difference(
    items: list[str], before: list[tuple[bool, Hashable]], after: list[bool]
) -> dict[str, Any]:
    ones, names = [right for right, _ in before], [cluster for _, cluster in before]
    found = stats.tested([int(b) - int(a) for a, b in zip(ones, after, strict=True)], names)
    gained = [i for i, a, b in zip(items, ones, after, strict=True) if b and not a]
    lost = [i for i, a, b in zip(items, ones, after, strict=True) if a and not b]
    return {
        "first": stats.share(ones, names).as_json(),
        "second": stats.share(after, names).as_json(),
        "difference": {k: v for k, v in found.as_json().items() if k != "p"},
        "p": found.p,
        "mcnemar_p": stats.number(stats.mcnemar(len(gained), len(lost)), 6),
        "gained": gained,
        "lost": lost,
        "items_needed": stats.items_for_difference(
            len(gained) / len(items), len(lost) / len(items)
        ),
    }

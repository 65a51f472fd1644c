"""Dose and form: one model over keyframes, resolutions and deliveries, paired by item."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from memeprobe import measures, stats
from memeprobe.comparison.figures import FIGURES, difference
from memeprobe.conditions.table import choose
from memeprobe.measures import Table, TrialRow
from memeprobe.stats import Interval

ASKED = (
    "blind",
    "keyframes",
    "picture",
    "as_is",
    "first",
    "first_repeated",
    "decisive",
    "among",
    "lures",
)
"""Conditions of a sweep where none are named: what accuracy and bias index rest on."""
ACCURACIES = ("keyframes", "picture", "as_is")
INDICES = ("bias_other_clips", "bias_own_lures", "bias_grey")
"""Figures, the first that all cells have is shown."""
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Dose:
    """One way of showing a set."""

    k: int
    """Keyframes."""
    side: int | None
    """Pixels on the longer side; None = as they are."""
    delivery: str

    @property
    def text(self) -> str:
        """'4 frames, 112 px, native'."""
        pixels = "full size" if self.side is None else f"{self.side} px"
        return f"{self.k} frame{'s' * (self.k != 1)}, {pixels}, {self.delivery}"


def doses(ks: Sequence[int], sides: Sequence[int | None], deliveries: Sequence[str]) -> list[Dose]:
    """Every combination, each once; the first one is what the others are compared with."""
    return list(dict.fromkeys(Dose(*one) for one in product(ks, sides, deliveries)))


def possible(names: Sequence[str], k: int) -> tuple[str, ...]:
    """Those of the conditions that there are with ``k`` keyframes: one frame has no slots."""

    def is_one(name: str) -> bool:
        try:
            return bool(choose((name,), k))
        except ValueError:
            return False

    return tuple(name for name in names if is_one(name))


def caption_language(row: TrialRow) -> str:
    """Language of the item's caption: by its tag, else by its script."""
    tagged = next((t[8:] for t in row.tags if t.startswith("caption:")), None)
    if tagged is not None or not row.caption:
        return tagged or "no caption known"
    return "zh" if _HAN.search(row.caption) else "en"


def caption_time(row: TrialRow) -> str:
    """Whether the item's caption shows from the start or comes late."""
    late = "late-caption" in row.tags or (row.kind or "").endswith(("_late", "caption_change"))
    if late:
        return "late"
    return "from the start" if row.caption else "no caption known"


BY: dict[str, Callable[[TrialRow], str]] = {
    "kind": lambda row: row.kind or "",
    "language": caption_language,
    "time": caption_time,
}
"""What accuracy can be split by."""


def swept(tables: Mapping[Dose, Table], by: str | None = None) -> dict[str, Any]:
    """Accuracy and bias index of every dose, and how they differ from the first one that has it.

    Differences are over the items asked of both (delete-a-group jackknife over clusters), p is
    Holm-adjusted over all doses of a figure. ``by``: a key of ``BY``.
    """
    found = {
        "accuracy": _figure(tables, ACCURACIES),
        "index": _figure(tables, INDICES),
    }
    rows = []
    for dose in tables:
        row: dict[str, Any] = {"k": dose.k, "side": dose.side, "delivery": dose.delivery}
        for what, (name, values, differences) in found.items():
            row[what] = values[dose].as_json()
            row[f"{what}_difference"] = differences.get(dose)
            row[f"{what}_rests_on"] = name
        rows.append(row)
    return {"doses": rows, "by": _split(tables, by) if by else None}


def _figure(
    tables: Mapping[Dose, Table], names: Sequence[str]
) -> tuple[str | None, dict[Dose, Interval], dict[Dose, dict[str, Any]]]:
    """The first figure that most doses have: its values, and differences from the first dose."""
    per = {name: {d: FIGURES[name].of(t) for d, t in tables.items()} for name in names}
    name = max(names, key=lambda n: (sum(v.n > 0 for v in per[n].values()), -names.index(n)))
    if not any(v.n for v in per[name].values()):
        return None, per[name], {}
    first, *others = [dose for dose in tables if per[name][dose].n]
    differences = {d: difference(FIGURES[name], tables[first], tables[d]) for d in others}
    differences = {d: i for d, i in differences.items() if i.n}
    adjusted = stats.holm([1.0 if i.p is None else i.p for i in differences.values()])
    return (
        name,
        per[name],
        {
            d: {**i.as_json(), "p_holm": stats.number(p, 6)}
            for (d, i), p in zip(differences.items(), adjusted, strict=True)
        },
    )


def _split(tables: Mapping[Dose, Table], by: str) -> dict[str, list[dict[str, Any]]]:
    """Group -> accuracy of each dose, in their order."""
    key = BY[by]
    found: dict[str, list[dict[str, Any]]] = {}
    groups = {
        key(row): None for table in tables.values() for c in ACCURACIES for row in table.answered(c)
    }
    for group in sorted(groups):
        found[group] = [
            _accuracy(table, lambda row, group=group: key(row) == group).as_json()  # type: ignore[misc]
            for table in tables.values()
        ]
    return found


def _accuracy(table: Table, keep: Callable[[TrialRow], bool]) -> Interval:
    """Of whole clips, stills and caption questions together: an item counts once."""
    rows: dict[str, TrialRow] = {}
    for condition in ACCURACIES:
        for row in table.answered(condition, keep):
            rows.setdefault(row.item, row)
    kept = list(rows.values())
    return stats.share([measures.right(r) for r in kept], [r.cluster for r in kept])

"""``memeprobe compare --parity``: whether two stacks give the answers of one checkpoint."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import out, print_json
from memeprobe.cli.terminal import interval
from memeprobe.comparison.parity import MARGIN, parity
from memeprobe.messages import labels
from memeprobe.messages.parity import ALL, COLUMNS, SHOWN
from memeprobe.store.store import Store

SHOWN_ITEMS = 20
"""Trials with other answers that are shown; --json has all."""


def show(store: Store, runs: Sequence[str], margin: float | None, as_json: bool) -> None:
    """Compute and print. Raises CompareError, StoreError."""
    found = parity(store, runs, MARGIN if margin is None else margin)
    if as_json:
        print_json(found)
        return
    first, second = (f"{r['model']} ({r['run']})" for r in found["runs"])
    out.print(f"{escape(second)} against {escape(first)}: {found['text']}", soft_wrap=True)
    out.print(_figures(found))
    if found["only_first"] or found["only_second"]:
        out.print(
            f"Answered in one run only: {found['only_first']} in the first, "
            f"{found['only_second']} in the second."
        )
    if found["differing"]:
        out.print(_differing(found["differing"][:SHOWN_ITEMS]))
    left = len(found["differing"]) - SHOWN_ITEMS
    if left > 0:
        out.print(f"{left} more trials have other answers; --json lists all.")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        right = name in ("trials", "equal", "difference", "mcnemar")
        table.add_column(COLUMNS[name][0], justify="right" if right else "left")
    return table


def _figures(found: Mapping[str, Any]) -> Table:
    table = _table("condition", "trials", "equal", "difference", "mcnemar", "within")
    rows = {name: (labels.condition(name), row) for name, row in found["conditions"].items()}
    for title, row in (*rows.values(), (ALL[0], found)):
        d = row["difference"]
        p = row.get("mcnemar_p")
        table.add_row(
            title,
            str(row["trials"]),
            interval(row["equal"]),
            f"{d['value']:+.2f} [{d['low']:+.2f}, {d['high']:+.2f}]",
            "" if p is None else f"{p:.3g}",
            SHOWN[row["equivalence"]["shown"]][0],
        )
    return table


def _differing(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("item", "condition", "first", "second")
    for row in rows:
        answers = [f"{row[n]['answer'] or ''} ({row[n]['outcome']})" for n in ("first", "second")]
        table.add_row(
            escape(row["item"]), labels.condition(row["condition"]), *map(escape, answers)
        )
    return table

"""Items that are answered differently: both answers and both deliveries' frames, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from memeprobe.dashboard.runs.again import answer_of
from memeprobe.dashboard.runs.items import drawn, frames_of, shown_by
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.session import workspace
from memeprobe.dashboard.ui.steps import pages
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.store.queries import StoreReader
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.workers.sandbox import Event, Task

A_PAGE = 5
KINDS = ("all", "gained", "lost", "changed")
PAIRS = (("first", "keyframes"), ("erased", "as_is"), ("keyframes", "reversed"))
"""What is compared at first: the first of these that the run asked."""

Asked = tuple[tuple[str, str], str]
"""((run, condition), item)."""


@dataclass(frozen=True)
class Side:
    """One of two ways in which items were asked."""

    run: RunRecord
    condition: str

    @property
    def key(self) -> tuple[str, str]:
        """As the store takes it."""
        return self.run.run, self.condition


def between_conditions(t: Texts, run: RunRecord) -> None:
    """Two conditions of one run, and the items that are answered differently."""
    with StoreReader(workspace()) as reader:
        asked = reader.conditions(run.run)
    names = [n for n in run.conditions if n in asked] + sorted(asked - set(run.conditions))
    if len(names) < 2:
        st.info(t("flips_none"))
        return
    pair = next((p for p in PAIRS if set(p) <= asked), (names[0], names[1]))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = [
        row.selectbox(
            t(label),
            names,
            names.index(name),
            format_func=t.condition,
            key=f"{label}_{run.run}",
            width=300,
        )
        for label, name in zip(("flips_from", "flips_to"), pair, strict=True)
    ]
    section(t, Side(run, chosen[0]), Side(run, chosen[1]))


def section(t: Texts, first: Side, second: Side, keys: bool = True) -> None:
    """How many items are answered differently, which kind to see, and a page of them.

    ``keys``: see ``steps``.
    """
    key = "_".join((*first.key, *second.key))
    with StoreReader(workspace()) as reader:
        changes, both = reader.changes(first.key, second.key)
    st.caption(t("flips_of", n=len(changes), all=both))
    if not changes:
        return
    by_kind = {k: [i for i, kind in changes.items() if k in ("all", kind)] for k in KINDS}
    which = st.segmented_control(
        t("show"),
        [k for k in KINDS if by_kind[k]],
        default="all",
        required=True,
        key=f"flips_kind_{key}",
        format_func=lambda k: t(f"flips_{k}", n=len(by_kind[k])),
        label_visibility="collapsed",
    )
    found = by_kind[which]
    place = pages(t, -(-len(found) // A_PAGE), f"flips_page_{key}_{which}", keys)
    _draw(t, first, second, found[(place - 1) * A_PAGE : place * A_PAGE])


def _draw(t: Texts, first: Side, second: Side, items: Sequence[str]) -> None:
    with StoreReader(workspace()) as reader:
        rows = {
            (side.key, item): row
            for item in items
            for side in (first, second)
            for row in reader.item(side.run.run, item)
            if row.condition == side.condition
        }
    tasks = _tasks(first, second, items)
    if None in tasks.values():
        st.caption(t("set_gone"))
    place = st.empty()
    while True:  # the answers stand at once, the pictures come
        going = [task for task in tasks.values() if task is not None and task.running]
        shown = {key: shown_by(task) for key, task in tasks.items()}
        place.html("".join(_card(t, first, second, item, rows, shown) for item in items))
        if not going:
            return
        going[0].wait(len(going[0].found), 1.0)


def _tasks(first: Side, second: Side, items: Sequence[str]) -> dict[Asked, Task | None]:
    """What draws the frames of each item on each side; one task for both where a run is one."""
    names = [first.condition, second.condition]
    if first.run == second.run:
        both = {item: drawn(first.run, item, names) for item in items}
        return {(side.key, item): both[item] for side in (first, second) for item in items}
    return {
        (side.key, item): drawn(side.run, item, [side.condition])
        for side in (first, second)
        for item in items
    }


def _card(
    t: Texts,
    first: Side,
    second: Side,
    item: str,
    rows: dict[Asked, TrialRow],
    shown: dict[Asked, dict[str, Event]],
) -> str:
    """An item: its question, and the two sides."""
    about = rows[first.key, item]
    gold = ""
    if about.item_gold is not None and about.item_gold < len(about.options):
        gold = f" · {escape(t('gold') + t('colon'))}<b>{escape(about.options[about.item_gold])}</b>"
    head = f"{pictures.item_link(first.run.run, item)} · {escape(about.question or '')}{gold}"
    sides = ""
    for side in (first, second):
        row = rows[side.key, item]
        event = shown[side.key, item].get(side.condition)
        same = first.condition == second.condition
        name = side.run.name or f"{side.run.model} ({side.run.delivery})"
        sides += (
            f'<div><span class="mp-dim">{escape(name if same else t.condition(side.condition))}'
            f"</span>{frames_of(t, row, event)}"
            f'<p class="mp-said"><span class="mp-answer">{escape(answer_of(row))}</span> '
            f"{pictures.short(t(f'outcome_{row.outcome}'))}</p></div>"
        )
    return f'<div class="mp-flip"><p>{head}</p><div class="mp-sides">{sides}</div></div>'

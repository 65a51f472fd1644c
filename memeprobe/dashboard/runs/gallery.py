"""The items of a run as pictures: first and last frame, what was right, where conditions differ."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from memeprobe.dashboard.runs.again import answer_of
from memeprobe.dashboard.sets.own import sets_folder
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.session import begin, session_dict, workspace
from memeprobe.dashboard.ui.steps import pages
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.experiment.find_set import place_of_set
from memeprobe.store.queries import ItemAnswers, StoreReader
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.workers.sandbox import Event, Task, pool

A_PAGE = 12
SORTS = ("disagreement", "set_order", "worst")
PAGES_KEPT = 8
SHOWN = ("first", "keyframes", "as_is", "erased", "transcribe")
"""Conditions whose answers stand under an item, where they were asked."""


def section(t: Texts, run: RunRecord) -> None:
    """Search, order, and a page of items; each leads to all that was asked about it."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    order = row.selectbox(
        t("sort_items"),
        SORTS,
        key=f"gallery_sort_{run.run}",
        format_func=lambda name: t(f"sort_{name}"),
        width=300,
    )
    needle = row.text_input(t("find_items"), key=f"gallery_find_{run.run}", width=300)
    with StoreReader(workspace()) as reader:
        found = ordered(matching(reader.item_answers(run.run), needle), order)
        place = pages(t, -(-len(found) // A_PAGE), f"gallery_{run.run}_{order}_{needle}")
        items = found[(place - 1) * A_PAGE : place * A_PAGE]
        rows = {one.item: reader.item(run.run, one.item) for one in items}
    st.caption(t("n_items", n=len(found)))
    if not items:
        return
    shown = st.empty()
    task = _drawn(run, [one.item for one in items])
    frames: dict[str, Event] = {}
    going = True
    while going:  # the answers stand at once, the pictures come
        going = task is not None and task.running
        if task is not None:
            frames = {e.data["item"]: e for e in list(task.found) if e.kind == "ends"}
        shown.html(pictures.figures([_cell(t, run, one, rows[one.item], frames) for one in items]))
        if task is not None and going:
            task.wait(len(frames), 1.0)


def matching(items: Sequence[ItemAnswers], needle: str) -> list[ItemAnswers]:
    """The items in whose id or question every word of ``needle`` stands."""
    words = needle.casefold().split()
    return [i for i in items if all(w in f"{i.item} {i.question}".casefold() for w in words)]


def ordered(items: Sequence[ItemAnswers], order: str) -> list[ItemAnswers]:
    """By one of ``SORTS``; items that are alike keep the set's order."""
    if order == "disagreement":
        return sorted(items, key=lambda one: -one.disagreement)
    if order == "worst":
        return sorted(items, key=lambda one: one.right / one.asked if one.asked else 1.0)
    return list(items)


def _drawn(run: RunRecord, items: Sequence[str]) -> Task | None:
    """The task that draws a page's first and last frames; None where the set has gone."""
    source = place_of_set(run, sets_folder())
    if source is None:
        return None
    kept = session_dict("gallery")
    key = (run.run, *items)
    if key not in kept:
        kept[key] = begin(pool().stream("ends", {"folder": source, "items": list(items)}))
        while len(kept) > PAGES_KEPT:
            kept.pop(next(iter(kept))).stop()
    task: Task = kept[key]
    return task


def _cell(
    t: Texts, run: RunRecord, one: ItemAnswers, rows: Sequence[TrialRow], frames: dict[str, Event]
) -> tuple[str, str, bool]:
    """(pictures, what stands under them, whether the conditions disagree)."""
    event = frames.get(one.item)
    if event is None or not event.pictures:
        why = event.data.get("problem") if event is not None else None
        shown = f'<p class="mp-dim">{escape(t.cause(why) if why else t("no_picture_here"))}</p>'
    else:
        alts = [t(name, item=one.item) for name in ("first_of", "last_of")]
        shown = pictures.strip(event.pictures, alts[: len(event.pictures)])
    by_name = {row.condition: row for row in rows}
    said = [
        f"<br>{escape(t.condition(name))}{t('colon')}{pictures.brief(answer_of(row))} "
        f"{pictures.short(t(f'outcome_{row.outcome}'))}"
        for name in SHOWN
        if (row := by_name.get(name)) is not None
    ]
    share = t("right_of", right=one.right, all=one.asked) if one.asked else ""
    lines = filter(None, (escape(one.question), escape(share)))
    head = "<br>".join((pictures.item_link(run.run, one.item), *lines))
    return shown, head + "".join(said), one.options > 1

"""The items of a run: the frames in the order delivered beside the answers of every condition."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

import streamlit as st

from memeprobe.dashboard.runs import again as run_again
from memeprobe.dashboard.runs import item_notes
from memeprobe.dashboard.sets.own import sets_folder
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.session import begin, session_dict, workspace
from memeprobe.dashboard.ui.steps import steps
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.experiment.find_set import place_of_set
from memeprobe.store.queries import FILTERS, StoreReader, lure_text
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.workers.asking import Said
from memeprobe.workers.sandbox import Event, Task, pool
from ocr import DEFAULT_POLICY

A_PAGE = 12
ITEMS_KEPT = 24


def section(t: Texts, run: RunRecord) -> None:
    """Filters, the list of items, and the one that is open."""
    name = run.run
    _open_wanted(t, name)
    which = st.segmented_control(
        t("show"),
        list(FILTERS),
        default="all",
        required=True,
        key=f"filter_{name}",
        format_func=lambda f: t(f"filter_{f}"),
    )
    with StoreReader(workspace()) as reader:
        _, total = reader.items(name, which, 0, 1)
        pages = max(1, -(-total // A_PAGE))
        place = 1
        if pages > 1:
            place = st.pagination(pages, key=f"page_{name}_{which}")
        items, _ = reader.items(name, which, (place - 1) * A_PAGE, A_PAGE)
    st.caption(t("n_items", n=total))
    if not items:
        return
    chosen = st.pills(t("open_item"), items, format_func=inert, key=f"item_{name}_{which}_{place}")
    at = (place - 1) * A_PAGE + items.index(chosen) if chosen in items else None
    steps(t, st, f"step_{name}", at, total, partial(_go, name, which))
    if chosen is None:
        st.query_params.pop("item", None)
        return
    st.query_params["item"] = session_dict("item_wanted")[name] = chosen
    with StoreReader(workspace()) as reader:
        rows = reader.item(name, chosen)
    order = {c: i for i, c in enumerate(run.conditions or ())}
    rows.sort(key=lambda r: order.get(r.condition, 999))
    if rows:
        _item(t, run, chosen, rows)


def _go(run: str, which: str, number: int) -> None:
    """Open the item of this number among those of the filter."""
    with StoreReader(workspace()) as reader:
        (item,), _ = reader.items(run, which, number, 1)
    place = number // A_PAGE + 1
    st.session_state.update({f"page_{run}_{which}": place, f"item_{run}_{which}_{place}": item})


def _open_wanted(t: Texts, run: str) -> None:
    """Open the item that the address names, once: afterwards the visitor chooses."""
    wanted = st.query_params.get("item")
    kept = session_dict("item_wanted")
    if wanted is None or kept.get(run) == wanted:
        return
    with StoreReader(workspace()) as reader:
        before = reader.place(run, wanted)
    if before is None:
        st.warning(t.inert("no_such_item", item=wanted[:80]))
    else:
        place = before // A_PAGE + 1
        st.session_state.update(
            {f"filter_{run}": "all", f"page_{run}_all": place, f"item_{run}_all_{place}": wanted}
        )
    kept[run] = wanted


def _item(t: Texts, run: RunRecord, item: str, rows: Sequence[TrialRow]) -> None:
    first = rows[0]
    st.markdown(f"#### {inert(item)}")
    options = first.options
    gold = first.item_gold
    facts = [f"**{inert(str(first.question or ''))}**", " · ".join(map(inert, options))]
    if gold is not None and options:
        facts.append(f"{t('gold')}{t('colon')}**{inert(options[gold])}**")
    lure = lure_text(first)
    if lure is not None:
        facts.append(f"{t('lure')}{t('colon')}{inert(lure)}")
    st.markdown("  \n".join(facts))
    task = drawn(run, item, [r.condition for r in rows])
    if task is None:
        st.caption(t("set_gone"))
    else:
        with st.spinner(t("showing_frames")):
            while task.running:
                task.wait(len(task.found), 1.0)
        if task.error:
            st.warning(t.inert("broken", why=task.error))
    shown = shown_by(task)
    again = run_again.again(t, run, item, rows, shown)
    st.html(_table(t, rows, shown, again))
    item_notes.section(t, run.run, item)


def drawn(run: RunRecord, item: str, names: Sequence[str]) -> Task | None:
    """The task that draws the frames of an item under these conditions; begun once, then
    remembered. None where the set has gone."""
    source = place_of_set(run, sets_folder())
    if source is None:
        return None
    kept = session_dict("items")
    key = (run.run, item, *names)
    if key not in kept:
        args = {
            "folder": source,
            "item_id": item,
            "names": list(names),
            "k": run.k,
            "policy": run.policy or DEFAULT_POLICY,  # people saw the whole clip
            "engine": run.engine,
            "seed": run.seed,
            "language": run.language,
        }
        kept[key] = begin(pool().stream("item", args))
        while len(kept) > ITEMS_KEPT:
            kept.pop(next(iter(kept))).stop()
    task: Task = kept[key]
    return task


def shown_by(task: Task | None) -> dict[str, Event]:
    """Condition -> its frames, as far as they are drawn."""
    if task is None:
        return {}
    return {e.data["name"]: e for e in list(task.found) if e.kind == "condition"}


def _table(
    t: Texts,
    rows: Sequence[TrialRow],
    shown: Mapping[str, Event],
    again: Mapping[str, Said],
) -> str:
    heads = [t("condition"), t("shown_frames"), t("answer"), t("outcome")]
    if again:
        heads.append(t("again"))
    body = []
    for row in rows:
        name = row.condition
        cells = [
            escape(t.condition(name)),
            frames_of(t, row, shown.get(name)),
            escape(run_again.answer_of(row)),
            pictures.short(t(f"outcome_{row.outcome}")),
        ]
        if again:
            cells.append(run_again.now(row, again.get(name)))
        body.append(cells)
    return pictures.records(heads, body)


def frames_of(t: Texts, row: TrialRow, event: Event | None) -> str:
    """The frames of a trial as a strip, and whether they are those of the receipt."""
    if event is None:
        return '<span class="mp-dim">–</span>'
    if event.data.get("problem"):
        return f'<span class="mp-dim">{escape(t.cause(event.data["problem"]))}</span>'
    if not event.pictures:
        return f'<span class="mp-dim">{escape(t.condition("blind"))}</span>'
    name = t.condition(row.condition)
    alts = [t("grey_frame", n=i, name=name) for i in range(1, len(event.pictures) + 1)]
    html = ""
    if row.shown is not None and row.shown < len(event.pictures):
        reached = t("reached", n=row.shown, all=len(event.pictures))
        html = f'<span class="mp-dim">{escape(reached)}</span>'
    receipt = row.receipt
    if receipt and receipt.delivery in ("native", "concat") and receipt.images:
        same = list(receipt.images) == list(event.data["hashes"])
        html = (
            f'<span class="mp-dim">{escape(t("as_receipt" if same else "not_as_receipt"))}</span>'
        )
    return pictures.strip(event.pictures, alts) + html

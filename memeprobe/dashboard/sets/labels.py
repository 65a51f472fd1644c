"""Several people label the items of one set, each by themselves; and how far they agree."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from meme_sets import Item, MemeSet
from memeprobe.dashboard.sets import own as own_sets
from memeprobe.dashboard.sets.show import show_item
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.session import workspace
from memeprobe.dashboard.ui.steps import steps
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.errors import JobError
from memeprobe.human import enter
from memeprobe.labelling import NONE, Agreement, agreement, rows_of
from memeprobe.report.export import inert as inert_cell
from memeprobe.store.errors import StoreError
from memeprobe.store.labels import (
    ANSWER,
    CAPTION,
    LONGEST_LABEL,
    LONGEST_PERSON,
    NOTE,
    Label,
    labels_of,
    put_label,
)
from memeprobe.store.store import Store

DIFFERING_SHOWN = 40


def section(t: Texts) -> None:
    """Whose labels, of which set; one item after another; then what all of them come to."""
    st.caption(t("label_hint"))
    left, right = st.columns(2)
    with left:
        source = own_sets.choose(t, "label")
    person = right.text_input(t("label_person"), key="label_person", max_chars=LONGEST_PERSON)
    meme_set = own_sets.try_load(t, source)
    if meme_set is None or not meme_set.items:
        return
    try:
        labels = labels_of(workspace(), meme_set.name)
    except StoreError as error:
        st.error(t.inert("broken", why=error))
        return
    if person.strip():
        _item(t, meme_set, labels, person.strip())
    else:
        st.info(t("label_who"))
    if labels:
        _together(t, meme_set, labels)


def _item(t: Texts, meme_set: MemeSet, labels: Sequence[Label], person: str) -> None:
    """The item that is open, and this person's labels of it."""
    key = f"label_at_{meme_set.name}_{person}"
    mine = {label.item for label in labels if label.person == person}
    todo = [n for n, item in enumerate(meme_set.items) if item.id not in mine]
    at = min(int(st.session_state.get(key, todo[0] if todo else 0)), len(meme_set.items) - 1)
    st.session_state[key] = at

    def go(number: int) -> None:
        st.session_state[key] = number

    row = st.container(horizontal=True, vertical_alignment="center")
    steps(t, row, f"label_step_{meme_set.name}", at, len(meme_set.items), go)
    if todo and row.button(t("label_next_open", n=len(todo)), key="label_open"):
        go(next((n for n in todo if n > at), todo[0]))
        st.rerun()
    item = meme_set.items[at]
    st.markdown(f"#### {inert(item.id)}")
    show_item(t, meme_set, item, readings=False)  # nobody is to copy what OCR reads
    _form(t, meme_set, item, labels, person)


def _form(t: Texts, meme_set: MemeSet, item: Item, labels: Sequence[Label], person: str) -> None:
    """The fields; each is kept as soon as it is changed."""
    said = {x.kind: x.value for x in labels if x.item == item.id and x.person == person}

    def key(kind: str) -> str:
        return f"{kind}_of_{meme_set.name}_{item.id}_{person}"

    def keep(kind: str) -> None:
        value = str(st.session_state[key(kind)] or "").strip()
        _put(t, meme_set, Label(item.id, person, kind, value or None))

    if item.question is not None and item.options:
        shown = {o.en: t.of(o) for o in item.options} | {NONE: t("label_none")}
        names = list(shown)
        given = said.get(ANSWER)
        st.radio(
            inert(t.of(item.question)),
            names,
            index=names.index(given) if given in names else None,
            format_func=lambda name: inert(shown[name]),
            key=key(ANSWER),
            on_change=keep,
            args=(ANSWER,),
        )
    left, right = st.columns(2)
    for place, kind, what in ((left, CAPTION, "label_caption"), (right, NOTE, "label_note")):
        place.text_area(
            t(what),
            said.get(kind) or "",
            height=80,
            max_chars=LONGEST_LABEL,
            key=key(kind),
            on_change=keep,
            args=(kind,),
        )
    none = Label(item.id, person, CAPTION, "")
    if (
        said.get(CAPTION) is None
        and st.button(t("label_no_caption"), key="label_no_caption")
        and _put(t, meme_set, none)
    ):
        st.rerun()
    if said:
        st.caption(t("label_kept"))


def _put(t: Texts, meme_set: MemeSet, label: Label) -> bool:
    """Keep a label; False and a message if that cannot be."""
    try:
        put_label(workspace(), meme_set.name, label)
    except StoreError as error:
        st.error(t.inert("broken", why=error))
        return False
    return True


def _together(t: Texts, meme_set: MemeSet, labels: Sequence[Label]) -> None:
    """How far people agree, and the items where they do not. Folded: it shows others' labels."""
    st.subheader(t("agreement"), anchor=False)
    found = [agreement(meme_set, labels, kind) for kind in (ANSWER, CAPTION)]
    st.html(_table(t, found))
    st.caption(t("agreement_help"))
    with st.expander(t("label_others")):
        _differing(t, meme_set, labels, found)
        _downloads(t, meme_set, labels)


def _table(t: Texts, found: Sequence[Agreement]) -> str:
    heads = [t(n) for n in ("label_kind", "people", "label_both", "label_same", "alpha")]
    rows = []
    for one in found:
        value = one.alpha
        told = t("label_too_few")
        if value.n:
            told = f"{value.value:.2f} [{value.low:.2f}, {value.high:.2f}]"
        rows.append(
            (
                escape(t(f"label_{one.kind}")),
                escape(", ".join(one.people) or "–"),
                *map(pictures.short, (one.labelled, one.same, told)),
            )
        )
    return pictures.records(heads, rows)


def _differing(
    t: Texts, meme_set: MemeSet, labels: Sequence[Label], found: Sequence[Agreement]
) -> None:
    """What each person said of the items where they differ, and every note."""
    noted = [x.item for x in labels if x.kind == NOTE]
    names = list(dict.fromkeys([*(n for one in found for n in one.differing), *noted]))
    items = {item.id: item for item in meme_set.items}
    rows = []
    for name in [n for n in names if n in items][:DIFFERING_SHOWN]:
        options = {o.en: t.of(o) for o in items[name].options} | {NONE: t("label_none")}
        cells = []
        for kind in (ANSWER, CAPTION, NOTE):
            said = {x.person: x.value or "–" for x in labels if (x.item, x.kind) == (name, kind)}
            told = {who: escape(options.get(v, v)) for who, v in said.items()}
            cells.append("<br>".join(f"{escape(who)}: <b>{v}</b>" for who, v in told.items()))
        rows.append((pictures.short(name), *cells))
    if rows:
        heads = ["id", *(t(f"label_{kind}") for kind in (ANSWER, CAPTION, NOTE))]
        st.html(pictures.records(heads, rows))
    else:
        st.caption(t("label_no_differing"))


def _downloads(t: Texts, meme_set: MemeSet, labels: Sequence[Label]) -> None:
    """The labels as a table, and as runs of people beside the models'."""
    table = pd.DataFrame(
        [(x.item, x.person, x.kind, x.value) for x in labels],
        columns=["item", "person", "kind", "label"],
    )
    row = st.container(horizontal=True)
    row.download_button(
        t.named("format", "csv"),
        table.map(inert_cell).to_csv(index=False).encode("utf-8-sig"),
        f"labels-{meme_set.name}.csv",
        "text/csv",
        key="labels_csv",
        icon=":material/download:",
        on_click="ignore",
    )
    answered = {
        p: rows
        for p in sorted({x.person for x in labels})
        if (rows := rows_of(meme_set, labels, p))
    }
    if answered and row.button(t("label_as_runs"), key="labels_as_runs"):
        try:
            with Store(workspace()) as store:
                for person, rows in answered.items():
                    enter(store, meme_set, rows, person, source="labels")
        except (JobError, StoreError) as error:
            st.error(t.inert("broken", why=error))
            return
        st.success(t.inert("label_runs_made", people=", ".join(answered)))

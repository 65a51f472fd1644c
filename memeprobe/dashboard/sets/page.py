"""The page Sets: browse a set, make one, or label one."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from meme_sets import BUILTIN, Item, MemeSet
from memeprobe.dashboard.sets import editor as set_editor
from memeprobe.dashboard.sets import labels
from memeprobe.dashboard.sets import own as own_sets
from memeprobe.dashboard.sets.show import show_item
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.session import begin, header, put_in_address, session_dict
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.workers.sandbox import Event, Task, pool

A_PAGE = 12
MODES = ("browse", "make_set", "label_set")


def page() -> None:
    """Draw the page."""
    t = header("sets")
    browse, make, label = MODES
    wanted = st.query_params.get("mode")
    if "sets_mode" not in st.session_state and wanted in MODES:
        st.session_state["sets_mode"] = wanted
    chosen = st.segmented_control(
        t("sets"),
        [browse, make, label],
        default=browse,
        required=True,
        format_func=t,
        key="sets_mode",
        label_visibility="collapsed",
    )
    put_in_address(mode=None if chosen == browse else chosen)
    if chosen != browse:
        put_in_address(set=None, item=None)
    if chosen == make:
        set_editor.section(t)
    elif chosen == label:
        labels.section(t)
    else:
        _browse(t)


def _browse(t: Texts) -> None:
    public = {name: name for name in BUILTIN} | {Path(f).name: f for f in own_sets.saved()}
    wanted = st.query_params.get("set")
    if wanted is not None and "browse_set" not in st.session_state:
        if wanted in public:
            st.session_state["browse_set"] = public[wanted]
        else:
            st.warning(t.inert("no_such_set", name=wanted[:80]))
    left, right = st.columns(2)
    with left:
        source = own_sets.choose(t, "browse")
    with right:
        own_sets.zip_field(t, "browse")
    meme_set = own_sets.try_load(t, source)
    if meme_set is None or source is None:
        return
    # A set that only this visitor has leads nobody else anywhere.
    put_in_address(set=next((name for name, where in public.items() if where == source), None))
    st.subheader(inert(t.of(meme_set.title)), anchor=False)
    if t.of(meme_set.description) != t.of(meme_set.title):  # so of a set that the editor made
        st.markdown(inert(t.of(meme_set.description)))
    st.caption(
        t.inert(
            "set_facts",
            n=len(meme_set.items),
            languages=", ".join(meme_set.languages),
            licence=meme_set.licence or "–",
        )
    )
    _open_wanted(t, meme_set, source)
    number = 1
    pages = -(-len(meme_set.items) // A_PAGE)
    if pages > 1:
        number = st.pagination(pages, key=f"sets_page_{source}")
    items = meme_set.items[(number - 1) * A_PAGE : number * A_PAGE]
    place = st.empty()
    place.html(_table(t, items, {}))
    _open(t, meme_set, source, items)
    _with_pictures(t, place, source, items)


def _open_wanted(t: Texts, meme_set: MemeSet, source: str) -> None:
    """Open the item that the address names, once for each set: then the visitor chooses."""
    wanted, seen = st.query_params.get("item"), session_dict("set_item_wanted")
    if wanted is None or seen.get(source) is not None:
        return
    seen[source] = wanted
    names = [item.id for item in meme_set.items]
    if wanted not in names:
        st.warning(t.inert("no_such_item", item=wanted[:80]))
        return
    page = names.index(wanted) // A_PAGE
    st.session_state[f"sets_page_{source}"] = page + 1
    st.session_state[f"sets_item_{source}_{names[page * A_PAGE]}"] = wanted


def _text(t: Texts, item: Item, index: int | None) -> str:
    known = index is not None and index < len(item.options)
    return escape(t.of(item.options[index])) if known and index is not None else "–"


def _with_pictures(t: Texts, place: Any, source: str, items: tuple[Item, ...]) -> None:
    """Put the first and the last frames into the list, as they come."""
    kept = session_dict("set_ends")
    key = (source, items[0].id)
    if key not in kept:
        kept.clear()
        args = {"folder": source, "items": [i.id for i in items]}
        kept[key] = begin(pool().stream("ends", args))
    task: Task = kept[key]
    shown: dict[str, str] = {}
    going = True
    while going:
        going = task.running
        for event in list(task.found)[len(shown) :]:
            shown[event.data["item"]] = _ends(t, event)
        place.html(_table(t, items, shown))
        task.wait(len(shown), 1.0)


def _ends(t: Texts, event: Event) -> str:
    if event.data.get("problem"):
        return f'<span class="mp-dim">{escape(t.cause(event.data["problem"]))}</span>'
    alts = [t(name, item=event.data["item"]) for name in ("first_of", "last_of")]
    return pictures.strip(event.pictures, alts[: len(event.pictures)])


def _table(t: Texts, items: tuple[Item, ...], shown: Mapping[str, str]) -> str:
    names = ("ends", "question", "gold", "lure", "caption_word", "kind")
    return pictures.records(
        ["id", *map(t, names)],
        (
            (
                pictures.short(i.id),
                shown.get(i.id, ""),
                escape(t.of(i.question)) if i.question else "–",
                _text(t, i, i.gold),
                _text(t, i, i.lure),
                escape(i.caption or "–"),
                escape(i.kind),
            )
            for i in items
        ),
    )


def _open(t: Texts, meme_set: MemeSet, source: str, items: tuple[Item, ...]) -> None:
    """One item: its frames and its time axis with the decisive span."""
    names = [i.id for i in items]
    chosen = st.pills(
        t("open_item"), names, format_func=inert, key=f"sets_item_{source}_{names[0]}"
    )
    item = next((i for i in items if i.id == chosen), None)
    put_in_address(item=chosen)
    session_dict("set_item_wanted")[source] = chosen or ""
    if item is None:
        return
    span = (item.decisive.start_ms, item.decisive.end_ms) if item.decisive else None
    show_item(t, meme_set, item, span)

"""The page Sets: browse a set, or make one."""

from html import escape

import streamlit as st

from dashboard import own_sets, pictures, set_editor
from dashboard.sandbox import Task, pool
from dashboard.sets_show import show
from dashboard.state import header, mine
from dashboard.texts import Words
from meme_sets import Item, MemeSet

A_PAGE = 12
POSTER = 4


def page() -> None:
    """Draw the page."""
    say = header("sets")
    browse, make = "browse", "make_set"
    chosen = st.segmented_control(say("sets"), [browse, make], default=browse, required=True,
                                  format_func=say, key="sets_mode",
                                  label_visibility="collapsed")  # fmt: skip
    if chosen == make:
        set_editor.section(say)
    else:
        _browse(say)


def _browse(say: Words) -> None:
    left, right = st.columns(2)
    with left:
        source = own_sets.choose(say, "browse")
    with right:
        own_sets.zip_field(say, "browse")
    meme_set = own_sets.try_load(say, source)
    if meme_set is None or source is None:
        return
    st.subheader(say.of(meme_set.title), anchor=False)
    st.markdown(say.of(meme_set.description))
    st.caption(say("set_facts", n=len(meme_set.items), languages=", ".join(meme_set.languages),
                   licence=meme_set.licence or "–"))  # fmt: skip
    place = 1
    pages = -(-len(meme_set.items) // A_PAGE)
    if pages > 1:
        place = st.pagination(pages, key=f"sets_page_{source}")
    items = meme_set.items[(place - 1) * A_PAGE : place * A_PAGE]
    st.html(_table(say, items))
    _open(say, meme_set, source, items)


def _text(say: Words, item: Item, index: int | None) -> str:
    known = index is not None and index < len(item.options)
    return escape(say.of(item.options[index])) if known and index is not None else "–"


def _table(say: Words, items: tuple[Item, ...]) -> str:
    names = ("kind", "question", "gold", "lure", "caption_word")
    return pictures.table(["id", *map(say, names)], (
        (escape(i.id), escape(i.kind), escape(say.of(i.question)) if i.question else "–",
         _text(say, i, i.gold), _text(say, i, i.lure), escape(i.caption or "–"))
        for i in items
    ))  # fmt: skip


def _open(say: Words, meme_set: MemeSet, source: str, items: tuple[Item, ...]) -> None:
    """One item: its frames and its time axis with the decisive span."""
    names = [i.id for i in items]
    chosen = st.pills(say("open_item"), names, key=f"sets_item_{source}_{names[0]}")
    item = next((i for i in items if i.id == chosen), None)
    if item is None:
        return
    data = meme_set.media_path(item).read_bytes()
    looks = mine("set_looks")
    key = (source, item.id)
    if key not in looks:
        looks.clear()
        args = {"name": item.media, "k": POSTER, "policy": "captions"}
        looks[key] = Task(pool().stream("look", args, data))
    show(say, item.media, data, looks[key],
         (item.decisive.start_ms, item.decisive.end_ms) if item.decisive else None)  # fmt: skip

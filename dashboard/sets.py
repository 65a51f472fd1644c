"""The page Sets: browse a set, or make one."""

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from dashboard import own_sets, pictures, set_editor
from dashboard.sandbox import Event, Task, pool
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
    chosen = st.segmented_control(
        say("sets"),
        [browse, make],
        default=browse,
        required=True,
        format_func=say,
        key="sets_mode",
        label_visibility="collapsed",
    )
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
    st.caption(
        say(
            "set_facts",
            n=len(meme_set.items),
            languages=", ".join(meme_set.languages),
            licence=meme_set.licence or "–",
        )
    )
    number = 1
    pages = -(-len(meme_set.items) // A_PAGE)
    if pages > 1:
        number = st.pagination(pages, key=f"sets_page_{source}")
    items = meme_set.items[(number - 1) * A_PAGE : number * A_PAGE]
    place = st.empty()
    place.html(_table(say, items, {}))
    _open(say, meme_set, source, items)
    _with_pictures(say, place, source, items)


def _text(say: Words, item: Item, index: int | None) -> str:
    known = index is not None and index < len(item.options)
    return escape(say.of(item.options[index])) if known and index is not None else "–"


def _with_pictures(say: Words, place: Any, source: str, items: tuple[Item, ...]) -> None:
    """Put the first and the last frames into the list, as they come."""
    kept = mine("set_ends")
    key = (source, items[0].id)
    if key not in kept:
        kept.clear()
        args = {"folder": source, "items": [i.id for i in items]}
        kept[key] = Task(pool().stream("ends", args))
    task: Task = kept[key]
    shown: dict[str, str] = {}
    going = True
    while going:
        going = task.running
        for event in list(task.found)[len(shown) :]:
            shown[event.told["item"]] = _ends(say, event)
        place.html(_table(say, items, shown))
        task.wait(len(shown), 1.0)


def _ends(say: Words, event: Event) -> str:
    if event.told.get("problem"):
        return f'<span class="mp-dim">{escape(event.told["problem"])}</span>'
    alts = [say(name, item=event.told["item"]) for name in ("first_of", "last_of")]
    return pictures.strip(event.pictures, alts[: len(event.pictures)])


def _table(say: Words, items: tuple[Item, ...], shown: Mapping[str, str]) -> str:
    names = ("ends", "question", "gold", "lure", "caption_word", "kind")
    return pictures.table(
        ["id", *map(say, names)],
        (
            (
                pictures.short(i.id),
                shown.get(i.id, ""),
                escape(say.of(i.question)) if i.question else "–",
                _text(say, i, i.gold),
                _text(say, i, i.lure),
                escape(i.caption or "–"),
                escape(i.kind),
            )
            for i in items
        ),
    )


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
    show(
        say,
        item.media,
        data,
        looks[key],
        (item.decisive.start_ms, item.decisive.end_ms) if item.decisive else None,
    )

"""How the page Sets shows one file: playing, with its time axis and its keyframes."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from meme_sets import Item, MemeSet
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.player import player
from memeprobe.dashboard.ui.session import begin, session_dict
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.workers.sandbox import Task, pool

POSTER = 4
"""Keyframes of a file that is only shown."""


def show_item(
    t: Texts,
    meme_set: MemeSet,
    item: Item,
    span: tuple[int, int] | None = None,
    readings: bool = True,
) -> None:
    """The file of an item; the latest one is remembered. See ``show``."""
    data = meme_set.media_path(item).read_bytes()
    looks = session_dict("set_looks")
    key = (str(meme_set.folder), item.id)
    if key not in looks:
        looks.clear()
        args = {"name": item.media, "k": POSTER, "policy": "captions"}
        looks[key] = begin(pool().stream("look", args, data))
    show(t, item.media, data, looks[key], span, readings)


def show(
    t: Texts,
    name: str,
    data: bytes,
    task: Task,
    span: tuple[int, int] | None,
    readings: bool = True,
) -> None:
    """A file playing beside its time axis, on which a stretch may be marked, and its keyframes;
    a still beside what is read on it.

    ``readings``: whether what OCR reads stands on the time axis.
    """
    with st.spinner(t("opening")):
        while task.running:
            task.wait(len(task.found), 0.5)
    opened, frames = task.first("opened"), task.first("keyframes")
    if opened is None or frames is None:
        st.error(t.inert("broken", why=task.error or "?"))
        return
    about = opened.data
    times = [(i, *about["timings"][i]) for i in frames.data["indices"]]
    read = [e.data for e in task.found if readings and e.kind == "reading" and e.data["text"]]
    left, right = st.columns([1, 3])
    alt = t("animation_alt", name=name)
    left.html(player(name, data, about["kind"], alt) or pictures.frame(frames.pictures[0], alt))
    if len(about["timings"]) == 1:  # a still has no time, and is all that there is to see
        if read:
            right.html(_written(t, [one["text"] for one in read]))
        return
    tracks = []
    for one in read:
        start, length = about["timings"][one["index"]]
        tracks.append({"text": one["text"], "start_ms": start, "end_ms": start + length})
    told = tracks if readings else None
    right.html(pictures.timeline(t, about["duration_ms"], times, told, span))
    alts = [t("frame_at", index=i, start=s / 1000) for i, s, _ in times]
    right.html(pictures.strip(frames.pictures, alts))


def _written(t: Texts, texts: Sequence[str]) -> str:
    """What is read on a still, which has no times to go with it."""
    lines = "<br>".join(escape(line) for text in texts for line in text.split("\n"))
    return f'<p class="mp-said">{escape(t("caption_word") + t("colon"))}<b>{lines}</b></p>'

"""How the page Sets shows one file: playing, with its time axis and its keyframes."""

import streamlit as st

from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.player import player
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.workers.sandbox import Task


def show(t: Texts, name: str, data: bytes, task: Task, span: tuple[int, int] | None) -> None:
    """A file playing beside its time axis, on which a stretch may be marked, and its keyframes."""
    with st.spinner(t("opening")):
        while task.running:
            task.wait(len(task.found), 0.5)
    opened, frames = task.first("opened"), task.first("keyframes")
    if opened is None or frames is None:
        st.error(t.inert("broken", why=task.error or "?"))
        return
    about = opened.data
    times = [(i, *about["timings"][i]) for i in frames.data["indices"]]
    tracks = []
    for event in task.found:
        if event.kind == "reading" and event.data["text"]:
            start, length = about["timings"][event.data["index"]]
            tracks.append({"text": event.data["text"], "start_ms": start, "end_ms": start + length})
    left, right = st.columns([1, 3])
    alt = t("animation_alt", name=name)
    left.html(player(name, data, about["kind"], alt) or pictures.frame(frames.pictures[0], alt))
    right.html(pictures.timeline(t, about["duration_ms"], times, tracks, span))
    alts = [t("frame_at", index=i, start=s / 1000) for i, s, _ in times]
    right.html(pictures.strip(frames.pictures, alts))

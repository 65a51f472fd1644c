"""The upper half of Explore: the clip playing, its time axis, its keyframes with their captions."""

from html import escape
from typing import Any

import numpy as np
import streamlit as st

from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.player import player
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.workers.sandbox import Task


class View:
    """One file as it is opened, read and drawn; each part is drawn again only when it changed."""

    def __init__(self, t: Texts, name: str, data: bytes, look: Task) -> None:
        self.t, self.name, self.data, self.look = t, name, data, look
        self.captions: Task | None = None
        self._drawn: dict[str, str] = {}
        self._places: dict[str, Any] = {}
        self._seen = 0

    @property
    def about(self) -> dict[str, Any]:
        """What is known of the file: kind, sizes, timings, warnings."""
        opened = self.look.first("opened")
        assert opened is not None
        return opened.data

    @property
    def is_still(self) -> bool:
        """Whether there is one picture only."""
        return len(self.about["timings"]) == 1

    @property
    def shown(self) -> list[tuple[int, np.ndarray]]:
        """(frame number, pixels) of the keyframes."""
        event = self.look.first("keyframes")
        assert event is not None
        return list(zip(event.data["indices"], event.pictures, strict=True))

    @property
    def readings(self) -> dict[int, dict[str, Any]]:
        """Frame number -> what OCR read on it (text and lines), as far as it has got."""
        return {e.data["index"]: e.data for e in list(self.look.found) if e.kind == "reading"}

    @property
    def tracks(self) -> list[dict[str, Any]] | None:
        """The caption tracks; None as long as they are being read."""
        event = self.captions.first("captions") if self.captions else None
        return list(event.data["tracks"]) if event is not None else None

    def time_of(self, index: int) -> tuple[int, int]:
        """(start, duration) of a frame in ms."""
        start, length = self.about["timings"][index]
        return int(start), int(length)

    def wait_for_frames(self) -> bool:
        """Until the keyframes are there; False (and a message) if the file cannot be used."""
        if self.look.first("keyframes") is None:
            with st.spinner(self.t("opening")):
                while self.look.first("keyframes") is None and self.look.running:
                    self.look.wait(len(self.look.found), 0.5)
        if self.look.first("keyframes") is None:
            st.error(self.t.inert("broken", why=self.look.error or "?"))
            return False
        return True

    def wait_for_reading(self) -> None:
        """Until the first caption of a keyframe stands on the axis, or there is none to come."""
        while self.look.running and not any(r["text"] for r in self.readings.values()):
            self.look.wait(len(self.look.found), 0.5)
        self.draw()

    def read_with(self, captions: Task) -> None:
        """Take the caption tracks of the whole clip from this task."""
        self.captions = captions
        self.draw()

    def begin(self) -> None:
        """Lay out the places and draw what is known."""
        t, about = self.t, self.about
        for warning in about["warnings"]:
            st.warning(inert(t.cause(warning)))
        left, right = st.columns([1, 2], vertical_alignment="top")
        n = len(about["timings"])
        with left:
            self._places["player"] = st.empty()
            facts = {
                "kind": about["kind"].upper(),
                "width": about["width"],
                "height": about["height"],
                "frames": n,
                "seconds": about["duration_ms"] / 1000,
            }
            st.caption(t("clip_facts" if n > 1 else "still_facts", **facts))
        with right:
            if not self.is_still:
                st.markdown(f"**{t('timeline')}**")
            self._places["timeline"] = st.empty()
            self._places["list"] = st.empty()
            self._places["busy"] = st.empty()
        st.subheader(t("shown_to_model"), anchor=False)
        self._places["frames"] = st.empty()
        self._places["first_frame"] = st.empty()
        self.draw()
        # Last, for it may be megabytes, and the axis should not wait for the browser to take it.
        self._places["player"].html(self._player())

    def _player(self) -> str:
        about = self.about
        alt = self.t("animation_alt", name=self.name)
        shown = player(self.name, self.data, about["kind"], alt)
        if shown:
            return shown
        return f'<div class="mp-player">{pictures.frame(self.shown[0][1], alt)}</div>'

    @property
    def running(self) -> bool:
        """Whether captions are still being read."""
        return self.look.running or (self.captions is not None and self.captions.running)

    def wait(self, seconds: float) -> None:
        """Until something new is there, or the time is over."""
        task = self.look if self.look.running else self.captions
        if task is not None:
            task.wait(len(task.found), seconds)

    def draw(self) -> None:
        """Bring the places up to date."""
        t, about = self.t, self.about
        frames = [(index, *self.time_of(index)) for index, _ in self.shown]
        tracks = self.tracks
        known = tracks if tracks is not None else self._provisional()
        if not self.is_still:
            self._put("timeline", pictures.timeline(t, about["duration_ms"], frames, known))
        if tracks is not None:
            self._put("list", pictures.caption_table(t, tracks, times=not self.is_still))
        cells = [self._cell(i) for i in range(len(self.shown))]
        self._put("frames", pictures.figures(cells))
        beside = self._first_frame()
        if beside:
            self._put("first_frame", pictures.figures(beside))
        failure = self.look.error or (self.captions.error if self.captions else None)
        if failure:
            self._places["busy"].warning(t.inert("broken", why=failure))
        elif self.running:
            if self._drawn.get("busy") != "on":
                self._places["busy"].caption(f":material/hourglass_top:  {t('reading')}")
                self._drawn["busy"] = "on"
        else:
            self._places["busy"].empty()

    def _put(self, place: str, html: str) -> None:
        if self._drawn.get(place) != html:
            self._places[place].html(html)
            self._drawn[place] = html

    def _provisional(self) -> list[dict[str, Any]]:
        """What is read on the keyframes so far, as tracks that last as long as the frame does."""
        found = []
        for index, read in sorted(self.readings.items()):
            if read["text"]:
                start, length = self.time_of(index)
                found.append({"text": read["text"], "start_ms": start, "end_ms": start + length})
        return found

    def _first_frame(self) -> list[tuple[str, str, bool]]:
        """The file's own first frame, where no keyframe is that one."""
        event = self.look.first("first_frame")
        if event is None:
            return []
        under = f'<span class="mp-dim">{escape(self.t("first_frame_beside"))}</span>'
        return [(pictures.frame(event.pictures[0], self.t("first_frame_beside")), under, False)]

    def _cell(self, place: int) -> tuple[str, str, bool]:
        index, pixels = self.shown[place]
        start, length = self.time_of(index)
        read = self.readings.get(index)
        text = read["text"] if read else ""
        t = self.t
        alt = t(
            "frame_alt",
            place=place + 1,
            index=index,
            start=start / 1000,
            caption=" / ".join(text.split("\n")) or t("none"),
        )
        under = []
        if not self.is_still:
            when = f"{t('frame_at', index=index, start=start / 1000)} · {t('for_ms', ms=length)}"
            under.append(f"<b>{place + 1}</b> · {escape(when)}")
        if text:
            under += map(escape, text.split("\n"))
        return pictures.frame(pixels, alt, read["lines"] if read else ()), "<br>".join(under), False

"""The answers on the page Explore, drawn as they come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import streamlit as st

from dashboard import card, pictures
from dashboard.asking import Said
from dashboard.explore_said import Conversation
from dashboard.texts import Words
from meme_sets import Item
from probes.pages import meter
from vlm import MODELS


@dataclass
class Answers:
    """The places where the answers go; nothing to draw where nothing was asked."""

    say: Words
    talk: Conversation | None = None
    places: dict[str, Any] = field(default_factory=dict)
    drawn: tuple[int, bool] | None = None

    @property
    def running(self) -> bool:
        """Whether answers are still to come."""
        return self.talk is not None and self.talk.task.running

    def wait(self, seconds: float) -> None:
        """Until another answer is there, or the time is over."""
        if self.talk is not None:
            self.talk.task.wait(len(self.talk.said), seconds)

    def lay_out(self, item: Item | None) -> None:
        """Make the places, and draw what is known. ``item``: the built-in item that is shown."""
        assert self.talk is not None
        say, spec = self.say, self.talk.model
        if item is None and spec in MODELS and MODELS[spec].caution:
            st.warning(say("caution_nano") if spec == "blip-nano" else MODELS[spec].caution)
        st.markdown(f"**{escape(self.talk.question)}** · {escape(spec)}")
        self.places["progress"] = st.empty()
        st.markdown(say("each_frame"))
        self.places["frames"] = st.empty()
        left, right = st.columns([3, 2])
        with left:
            st.markdown(say("whole"))
            self.places["whole"] = st.empty()
        with right:
            st.markdown(say("meter"), help=say("meter_help"))
            self.places["meter"] = st.empty()
        self.places["downloads"] = st.container()
        self.draw()

    def draw(self) -> None:
        """Bring the places up to date."""
        if self.talk is None:
            return
        running = self.running  # asked before the answers are counted, so that none is missed
        said = self.talk.said
        if self.drawn == (len(said), running):
            return
        self.drawn = len(said), running
        _draw_progress(self.say, self.talk, self.places["progress"])
        self.places["frames"].html(_frames(self.say, self.talk))
        self.places["whole"].html(_whole(self.say, self.talk))
        self.places["meter"].html(_meter(self.say, self.talk))
        if not running:
            self.places["stop"].empty()
            if said:
                with self.places["downloads"]:
                    _downloads(self.say, self.talk)


def _draw_progress(say: Words, talk: Conversation, place: Any) -> None:
    task, said = talk.task, talk.said
    if task.error:
        place.error(say("broken", why=task.error))
    elif task.stopped and len(said) < talk.planned:
        place.info(say("stopped", n=len(said)))
    elif len(said) < talk.planned:
        told = say("asking", done=len(said), all=talk.planned)
        place.progress(len(said) / talk.planned, told)
    else:
        place.empty()


def _text(say: Words, one: Said | None) -> str:
    if one is None:
        return f'<span class="mp-dim">{say("pending")}</span>'
    if one.answer.error is not None:
        return escape(say("failed", why=one.answer.error))
    return f'<span class="mp-answer">{escape(one.answer.text or "–")}</span>'


def _frames(say: Words, talk: Conversation) -> str:
    view, said = talk.view, talk.said
    alone = {s.condition: s for s in said}
    follows = talk.look(talk.deliveries[0]).follows or []
    cells = []
    for place, (index, pixels) in enumerate(view.shown, 1):
        start, _ = view.time_of(index)
        one = alone.get(f"single@{place}")
        same = index in follows
        under = f"<b>{place}</b> · {escape(say('frame_at', index=index, start=start / 1000))}"
        under += f"<br>{_text(say, one)}"
        if same:
            under += f'<br><span class="mp-tag">{escape(say("same_as_whole"))}</span>'
        alt = say("frame_at", index=index, start=start / 1000)
        cells.append((pictures.frame(pixels, alt), under, same))
    return pictures.figures(cells)


def _whole(say: Words, talk: Conversation) -> str:
    if len(talk.view.shown) < 2:
        return f'<p class="mp-dim">{escape(say("meter_still"))}</p>'
    found = {(s.condition, s.delivery): s for s in talk.said}
    rows, told = [], []
    for delivery in talk.deliveries:
        for name in ("keyframes", "reversed", "first_repeated"):
            one = found.get((name, delivery))
            receipt = one.answer.receipt if one else None
            seen = f"{receipt.frames_shown}/{len(one.indices)}" if receipt and one else ""
            rows.append((escape(say.condition(name)), delivery, seen, _text(say, one)))
        follows = talk.look(delivery).follows
        if follows is not None:
            told.append(
                f'<p class="mp-said"><b>{delivery}</b>: {escape(_follows(say, follows))}</p>'
            )
    heads = [say(h) for h in ("condition", "delivery", "frames_seen", "answer")]
    return pictures.table(heads, rows) + "".join(told)


def _follows(say: Words, frames: Sequence[int]) -> str:
    """Which frame's own answer the whole clip's is."""
    if not frames:
        return say("follows_none")
    return say(
        "follows" if len(frames) == 1 else "follows_each", frames=", ".join(map(str, frames))
    )


def _meter(say: Words, talk: Conversation) -> str:
    said = talk.said
    parts = []
    for delivery in talk.deliveries:
        whole = next(
            (s for s in said if (s.condition, s.delivery) == ("keyframes", delivery)), None
        )
        if whole is None or whole.answer.receipt is None:
            continue
        seen, n = whole.answer.receipt.frames_shown, len(whole.indices)
        if seen < n:
            told = say("meter_untestable", delivery=delivery, shown=seen, n=n)
            parts.append(f'<p class="mp-dim">{escape(told)}</p>')
            continue
        value = meter(talk.look(delivery).answers)
        if value is not None:
            parts.append(f'<div class="mp-dim">{delivery}</div>{pictures.meter(say, value)}')
    if len(talk.view.shown) < 2:
        parts = [f'<p class="mp-dim">{escape(say("meter_still"))}</p>']
    return "".join(parts) or f'<p class="mp-dim">{say("pending")}</p>'


def _downloads(say: Words, talk: Conversation) -> None:
    with st.expander(say("receipt")):
        st.json(talk.as_json()["answers"], expanded=1)
    row = st.container(horizontal=True)
    # Made when they are asked for: the captions may still be being read now.
    row.download_button(
        say("download_json"),
        lambda: json.dumps(talk.as_json(), ensure_ascii=False, indent=1),
        "memeprobe.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    row.download_button(
        say("download_picture"),
        lambda: card.draw(say, talk.view.shown, talk.as_json()),
        "memeprobe.png",
        "image/png",
        icon=":material/image:",
        on_click="ignore",
    )

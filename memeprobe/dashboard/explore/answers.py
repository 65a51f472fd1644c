"""The answers on the page Explore, drawn as they come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import streamlit as st

from meme_sets import Item
from memeprobe.dashboard.explore import keeping, share_image
from memeprobe.dashboard.explore.conversation import Conversation
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.first_picture import AGAIN, NEEDED, first_picture
from memeprobe.workers.asking import Said
from vlm import MODELS


@dataclass
class Answers:
    """The places where the answers go; nothing to draw where nothing was asked."""

    t: Texts
    talk: Conversation | None = None
    places: dict[str, Any] = field(default_factory=dict)
    drawn: tuple[int, bool] | None = None
    caution: str | None = None
    """What is to be known before the model is believed on this file."""

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
        t, spec = self.t, self.talk.model
        if item is None and spec in MODELS and MODELS[spec].caution:
            self.caution = t("caution_nano") if spec == "blip-nano" else MODELS[spec].caution
            st.warning(inert(self.caution))
        st.markdown(f"**{inert(self.talk.question)}** · {inert(spec)}")
        self.places["progress"] = st.empty()
        st.markdown(f"**{t('first_picture')}**", help=t("first_picture_help"))
        self.places["first_picture"] = st.empty()
        st.markdown(t("each_frame"))
        self.places["frames"] = st.empty()
        st.markdown(t("whole"))
        self.places["whole"] = st.empty()
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
        _draw_progress(self.t, self.talk, self.places["progress"])
        self.places["frames"].html(_frames(self.t, self.talk))
        self.places["whole"].html(_whole(self.t, self.talk))
        self.places["first_picture"].html(_first_picture(self.t, self.talk))
        if not running:
            self.places["stop"].empty()
            if said:
                with self.places["downloads"]:
                    _downloads(self.t, self.talk, self.caution)


def _draw_progress(t: Texts, talk: Conversation, place: Any) -> None:
    task, said = talk.task, talk.said
    if task.error:
        place.error(t.inert("broken", why=task.error))
    elif task.stopped and len(said) < talk.planned:
        place.info(t.inert("stopped", n=len(said)))
    elif len(said) < talk.planned:
        line = t("asking", done=len(said), all=talk.planned)
        place.progress(len(said) / talk.planned, line)
    else:
        place.empty()


def _text(t: Texts, one: Said | None) -> str:
    if one is None:
        return f'<span class="mp-dim">{t("pending")}</span>'
    if one.answer.error is not None:
        return escape(t("failed", why=one.answer.error))
    return f'<span class="mp-answer">{escape(one.answer.text or "–")}</span>'


def _frames(t: Texts, talk: Conversation) -> str:
    view, said = talk.view, talk.said
    alone = {s.condition: s for s in said}
    follows = talk.look(talk.deliveries[0]).follows or []
    cells = []
    for place, (index, pixels) in enumerate(view.shown, 1):
        start, _ = view.time_of(index)
        one = alone.get(f"single@{place}")
        same = index in follows
        under = _text(t, one)
        if not view.is_still:
            when = escape(t("frame_at", index=index, start=start / 1000))
            under = f"<b>{place}</b> · {when}<br>{under}"
        if same:
            under += f'<br><span class="mp-tag">{escape(t("same_as_whole"))}</span>'
        alt = t("frame_at", index=index, start=start / 1000)
        cells.append((pictures.frame(pixels, alt), under, same))
    return pictures.figures(cells)


def _whole(t: Texts, talk: Conversation) -> str:
    if len(talk.view.shown) < 2:
        return f'<p class="mp-dim">{escape(t("one_picture"))}</p>'
    found = {(s.condition, s.delivery): s for s in talk.said}
    rows, sentences = [], []
    for delivery in talk.deliveries:
        repeated = [name + more for more in AGAIN for name in NEEDED]
        again = [name for name in repeated if (name, delivery) in found]
        for name in (*NEEDED, *again):
            one = found.get((name, delivery))
            receipt = one.answer.receipt if one else None
            seen = f"{receipt.frames_shown}/{len(one.indices)}" if receipt and one else ""
            rows.append((escape(t.condition(name)), delivery, seen, _text(t, one)))
        follows = talk.look(delivery).follows
        if follows is not None:
            sentences.append(
                f'<p class="mp-said"><b>{delivery}</b>: {escape(_follows(t, follows))}</p>'
            )
    heads = [t(h) for h in ("condition", "delivery", "frames_seen", "answer")]
    return pictures.records(heads, rows) + "".join(sentences)


def _follows(t: Texts, frames: Sequence[int]) -> str:
    """Which frame's own answer the whole clip's is."""
    if not frames:
        return t("follows_none")
    named = t("comma").join(map(str, frames))
    return t("follows" if len(frames) == 1 else "follows_each", frames=named)


def _first_picture(t: Texts, talk: Conversation) -> str:
    """Whether the first picture alone decides, by delivery, once all that it takes was said."""
    if talk.task.running:
        return f'<p class="mp-dim">{escape(t("pending"))}</p>'
    parts = []
    for delivery in talk.deliveries:
        found = first_picture(talk.look(delivery).answers)
        said = escape(found.text if t.language == "en" else found.text_zh)
        mark = f' data-answer="{found.only_first}"'
        parts.append(f'<p class="mp-first"{mark}><b>{escape(delivery)}</b>: {said}</p>')
    return "".join(parts)


def _downloads(t: Texts, talk: Conversation, caution: str | None) -> None:
    with st.expander(t("receipt")):
        st.json(talk.as_json()["answers"], expanded=1)
    row = st.container(horizontal=True)
    # Made when they are asked for: the captions may still be being read now.
    row.download_button(
        t("download_json"),
        lambda: json.dumps(talk.as_json(), ensure_ascii=False, indent=1),
        "memeprobe.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    row.download_button(
        t("download_picture"),
        lambda: share_image.draw(t, talk.view.shown, talk.as_json(), caution),
        "memeprobe.png",
        "image/png",
        icon=":material/image:",
        on_click="ignore",
    )
    keeping.section(t, talk, row)

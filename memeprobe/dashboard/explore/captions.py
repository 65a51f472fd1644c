"""The lower part of Explore: what the model reads against what OCR reads, the caption edited."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

import streamlit as st

from memeprobe.conditions.table import TRANSCRIBE, TRANSCRIBE_TOKENS
from memeprobe.dashboard.explore.view import View
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.model_choice import known_subjects, load
from memeprobe.dashboard.ui.session import begin, session_dict, under_way
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.scoring.answers import transcription
from memeprobe.workers import asking
from memeprobe.workers.asking import Asking, Said
from memeprobe.workers.sandbox import Event, Task, pool
from ocr.accuracy import cer
from vlm import Model

VARIANTS = ("as_is", "erased", "replaced")


@dataclass
class CaptionReading:
    """A frame in three variants, with what OCR and the model read on each."""

    t: Texts
    task: Task | None = None
    place: Any = None
    drawn: int = field(default=-1)

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.task is not None and self.task.running

    def wait(self, seconds: float) -> None:
        """Until something new is there, or the time is over."""
        if self.task is not None:
            self.task.wait(len(self.task.found), seconds)

    def draw(self) -> None:
        """Bring the pictures up to date."""
        if self.task is None or self.place is None:
            return
        found = list(self.task.found)
        key = len(found) if self.running else -2
        if key == self.drawn:
            return
        self.drawn = key
        body = _figures(self.t, found, self.running)
        if self.task.error:
            body += f"<p>{escape(self.t('edit_failed', why=self.task.error))}</p>"
        self.place.html(body or "<p></p>")


def section(t: Texts, view: View, data: bytes, spec: str) -> CaptionReading:
    """The choices, the button, and what came of it."""
    st.subheader(t("reading_title"), anchor=False)
    readings = view.readings
    written = [i for i, _ in view.shown if readings.get(i, {}).get("text")]
    if not written:
        st.caption(t("reading") if view.look.running else t("no_caption_frame"))
        return CaptionReading(t)
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    index = first.selectbox(
        t("reading_frame"),
        written,
        written.index(max(written, key=lambda i: len(readings[i]["text"]))),
        key="reading_frame",
        format_func=lambda i: f"{i}: {' / '.join(readings[i]['text'].split(chr(10)))}",
    )
    text = second.text_input(
        t("replace_with"), t("replacement"), max_chars=60, key=f"replacement_{t.language}"
    )
    pressed = third.button(
        t("compare_reading"),
        disabled=not spec or spec in known_subjects(),
        key="read",
        icon=":material/translate:",
    )
    kept = session_dict("read")
    place = (view.about["sha256"], index)
    asked = {"place": place, "text": text, "spec": spec}
    if pressed and not under_way(kept, asked):
        model = load(t, spec)
        if model is not None:
            args = {"name": view.name, "index": index, "text": text}
            kept.update(asked, task=begin(_work(data, args, model, t.language)))
    if kept.get("place") != place:
        return CaptionReading(t)
    st.caption(t("diff_help"))
    reading = CaptionReading(t, kept["task"], st.empty())
    reading.draw()
    return reading


def _work(data: bytes, args: dict[str, Any], model: Model, language: str) -> Iterator[Any]:
    """First the pictures, read by OCR; then the model's reading of each."""
    made: list[Event] = []
    for event in pool().stream("edit", args, data):
        made.append(event)
        yield event
    plan = [
        Asking(
            e.kind,
            model.deliveries[0],
            (args["index"],),
            (e.pictures[0],),
            TRANSCRIBE[language],
            TRANSCRIBE_TOKENS,
        )
        for e in made
        if e.pictures
    ]
    yield from asking.answers(model, plan)


def _figures(t: Texts, found: list[Any], running: bool) -> str:
    edits = {e.kind: e for e in found if isinstance(e, Event)}
    said = {s.condition: s for s in found if isinstance(s, Said)}
    cells = []
    for name in VARIANTS:
        if name not in edits:
            continue
        event, heading = edits[name], f"<b>{escape(t.condition(name))}</b><br>"
        if not event.pictures:
            cells.append(("", heading + _not_made(t, event), False))
            continue
        picture = pictures.frame(event.pictures[0], t.condition(name), event.data["lines"])
        cells.append((picture, heading + _read(t, event, said.get(name), running), False))
    return pictures.figures(cells) if cells else ""


def _not_made(t: Texts, event: Event) -> str:
    """Why there is no such picture, and so no answer to one."""
    return escape(t("edit_failed", why=t.cause(event.data["problem"])))


def _read(t: Texts, event: Event, one: Said | None, running: bool) -> str:
    ocr = event.data["text"]
    html = f"{escape(t('ocr_read'))}: <b>{_shown(t, ocr)}</b><br>"
    if one is None:
        return html + (f'<span class="mp-dim">{t("pending")}</span>' if running else "")
    if one.answer.text is None:
        return html + escape(t("failed", why=one.answer.error))
    read = transcription(one.answer.text)
    marked = pictures.difference(ocr, read) if ocr or read else escape(t("nothing_read"))
    html += f"{escape(t('model_read'))}: <b>{marked}</b>"
    if ocr:
        rate = 100 * min(1.0, cer(ocr, read))
        html += f'<br><span class="mp-dim">{escape(t("cer", cer=rate))}</span>'
    return html


def _shown(t: Texts, text: str) -> str:
    return "<br>".join(map(escape, text.split("\n"))) if text else escape(t("nothing_read"))

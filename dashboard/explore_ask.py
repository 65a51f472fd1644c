"""The middle of Explore: model, question, deliveries; the answers as they come."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from types import SimpleNamespace
from typing import Any, cast

import streamlit as st

from dashboard import asking, card, pictures
from dashboard.asking import Said
from dashboard.explore_view import View
from dashboard.model_choice import choose_model, load
from dashboard.sandbox import Task
from dashboard.state import mine
from dashboard.texts import Words
from frames import Clip
from meme_sets import Item
from ocr import Line, Track
from probes.look import DEFAULT_QUESTION, Asked, Look
from probes.pages import meter
from vlm import MODELS


@dataclass
class Answers:
    """What is asked of the model here, and the places where its answers go."""

    say: Words
    view: View
    model: str = ""
    task: Task | None = None
    planned: int = 0
    question: str = ""
    deliveries: tuple[str, ...] = ()
    places: dict[str, Any] = field(default_factory=dict)
    drawn: tuple[int, bool] | None = None

    @property
    def running(self) -> bool:
        """Whether answers are still to come."""
        return self.task is not None and self.task.running

    def wait(self, seconds: float) -> None:
        """Until another answer is there, or the time is over."""
        if self.task is not None:
            self.task.wait(len(self.task.found), seconds)

    def draw(self) -> None:
        """Bring the answers up to date."""
        if self.task is None or not self.places:
            return
        running = self.running  # asked before the answers are counted, so that none is missed
        said: list[Said] = list(self.task.found)
        if self.drawn == (len(said), running):
            return
        self.drawn = len(said), running
        _draw_progress(self, said)
        self.places["frames"].html(_frames(self, said))
        self.places["whole"].html(_whole(self, said))
        self.places["meter"].html(_meter(self, said))
        if not running:
            self.places["stop"].empty()
            if said:
                with self.places["downloads"]:
                    _downloads(self)


def section(say: Words, view: View, item: Item | None) -> tuple[str, Answers]:
    """The choices, the button, and the answers to what was asked last about this file.

    Returns the spec of the model that is chosen now ('' for none), and the answers.
    """
    st.subheader(say("ask_title"), anchor=False)
    left, right = st.columns(2)
    with left:
        spec, offered = choose_model(say, "explore")
    with right:
        chosen = st.multiselect(
            say("deliveries"), offered, offered[:1], help=say("deliveries_help"),
            key=f"deliveries_{spec}",
        )  # fmt: skip
    question = _question(say, item)
    row = st.container(horizontal=True)
    pressed = row.button(say("ask"), type="primary", disabled=not (spec and question and chosen),
                         key="ask", icon=":material/forum:")  # fmt: skip
    kept = mine("asked")
    place = (view.about["sha256"], tuple(i for i, _ in view.shown))
    if pressed:
        model = load(say, spec)
        if model is not None:
            if "task" in kept:
                kept["task"].stop()  # nobody will see the rest of it
            plan = asking.conditions(view.shown, question, chosen)
            kept.update(place=place, task=asking.start(model, plan), planned=len(plan), spec=spec,
                        question=question, deliveries=tuple(chosen))  # fmt: skip
    if kept.get("place") != place:
        return spec, Answers(say, view)
    answers = Answers(say, view, kept["spec"], kept["task"], kept["planned"], kept["question"],
                      kept["deliveries"])  # fmt: skip
    answers.places["stop"] = row.empty()
    if answers.running and answers.places["stop"].button(
        say("stop"), key="stop", icon=":material/stop:"
    ):
        kept["task"].stop()
    _results(answers, item)
    return spec, answers


def _question(say: Words, item: Item | None) -> str:
    own = [say.of(item.question)] if item is not None and item.question is not None else []
    offered = list(dict.fromkeys([*own, *say("suggestions").split("|")]))
    picked = st.pills(say("suggested"), offered, key=f"suggested_{len(own)}_{say.language}")
    first = picked or (own[0] if own else offered[0] if say.language == "zh" else DEFAULT_QUESTION)
    return st.text_input(say("question"), first, key=f"question_{first}", max_chars=500).strip()


def _results(answers: Answers, item: Item | None) -> None:
    say, spec = answers.say, answers.model
    if item is None and spec in MODELS and MODELS[spec].caution:
        st.warning(say("caution_nano") if spec == "blip-nano" else MODELS[spec].caution)
    st.markdown(f"**{escape(answers.question)}** · {escape(spec)}")
    answers.places["progress"] = st.empty()
    st.markdown(say("each_frame"))
    answers.places["frames"] = st.empty()
    left, right = st.columns([3, 2])
    with left:
        st.markdown(say("whole"))
        answers.places["whole"] = st.empty()
    with right:
        st.markdown(say("meter"), help=say("meter_help"))
        answers.places["meter"] = st.empty()
    answers.places["downloads"] = st.container()
    answers.draw()


def _draw_progress(answers: Answers, said: list[Said]) -> None:
    say, task = answers.say, answers.task
    assert task is not None
    if task.error:
        answers.places["progress"].error(say("broken", why=task.error))
    elif task.stopped and len(said) < answers.planned:
        answers.places["progress"].info(say("stopped", n=len(said)))
    elif len(said) < answers.planned:
        told = say("asking", done=len(said), all=answers.planned)
        answers.places["progress"].progress(len(said) / answers.planned, told)
    else:
        answers.places["progress"].empty()


def _text(say: Words, one: Said | None) -> str:
    if one is None:
        return f'<span class="mp-dim">{say("pending")}</span>'
    if one.answer.error is not None:
        return escape(say("failed", why=one.answer.error))
    return f'<span class="mp-answer">{escape(one.answer.text or "–")}</span>'


def looked(answers: Answers, said: list[Said], delivery: str) -> Look:
    """The answers by one delivery as ``probes`` knows them (frames alone count for each)."""
    view, about = answers.view, answers.view.about
    clip = SimpleNamespace(**about)
    rows = tuple(
        Asked(s.condition, s.indices, s.answer.text, s.answer.error) for s in said
        if s.delivery == delivery or s.condition.startswith("single@")
    )  # fmt: skip
    return Look(cast(Clip, clip), [], _tracks(view), answers.question, rows)


def _tracks(view: View) -> tuple[Track, ...]:
    return tuple(
        Track(**{**t, "box": tuple(t["box"]),
                 "lines": tuple(Line(**{**line, "box": tuple(map(tuple, line["box"]))})
                                for line in t["lines"])})
        for t in view.tracks or ()
    )  # fmt: skip


def _frames(answers: Answers, said: list[Said]) -> str:
    say, view = answers.say, answers.view
    alone = {s.condition: s for s in said}
    follows = looked(answers, said, answers.deliveries[0]).follows or []
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


def _whole(answers: Answers, said: list[Said]) -> str:
    say = answers.say
    if len(answers.view.shown) < 2:
        return f'<p class="mp-dim">{escape(say("meter_still"))}</p>'
    found = {(s.condition, s.delivery): s for s in said}
    rows, told = [], []
    for delivery in answers.deliveries:
        for name in ("keyframes", "reversed", "first_repeated"):
            one = found.get((name, delivery))
            receipt = one.answer.receipt if one else None
            seen = f"{receipt.frames_shown}/{len(one.indices)}" if receipt and one else ""
            rows.append((escape(say.condition(name)), delivery, seen, _text(say, one)))
        follows = looked(answers, said, delivery).follows
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
    return say("follows" if len(frames) == 1 else "follows_each",
               frames=", ".join(map(str, frames)))  # fmt: skip


def _meter(answers: Answers, said: list[Said]) -> str:
    say = answers.say
    parts = []
    for delivery in answers.deliveries:
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
        value = meter(looked(answers, said, delivery).answers)
        if value is not None:
            parts.append(f'<div class="mp-dim">{delivery}</div>{pictures.meter(say, value)}')
    if len(answers.view.shown) < 2:
        parts = [f'<p class="mp-dim">{escape(say("meter_still"))}</p>']
    return "".join(parts) or f'<p class="mp-dim">{say("pending")}</p>'


def as_json(answers: Answers) -> dict[str, Any]:
    """All that is shown, as ``memeprobe look --json`` has it, with receipts."""
    assert answers.task is not None
    view, said = answers.view, list(answers.task.found)
    about = view.about
    return {
        "file": view.name, "sha256": about["sha256"], "kind": about["kind"],
        "width": about["width"], "height": about["height"], "frames": len(about["timings"]),
        "duration_ms": about["duration_ms"], "warnings": about["warnings"],
        "keyframes": [dict(zip(("index", "start_ms", "duration_ms"), (i, *view.time_of(i)),
                               strict=True)) for i, _ in view.shown],
        "captions": [{k: t[k] for k in ("text", "start_ms", "end_ms", "confidence", "box")}
                     for t in view.tracks or ()],
        "model": answers.model, "question": answers.question,
        "answers": [{"condition": s.condition, "delivery": s.delivery, "frames": s.indices,
                     "text": s.answer.text, "error": s.answer.error,
                     "receipt": asdict(s.answer.receipt) if s.answer.receipt else None}
                    for s in said],
        "follows": {d: looked(answers, said, d).follows for d in answers.deliveries},
        "first_frame_meter": {d: meter(looked(answers, said, d).answers)
                              for d in answers.deliveries},
    }  # fmt: skip


def _downloads(answers: Answers) -> None:
    say = answers.say
    with st.expander(say("receipt")):
        st.json(as_json(answers)["answers"], expanded=1)
    row = st.container(horizontal=True)
    # Made when they are asked for: the captions may still be being read now.
    row.download_button(
        say("download_json"), lambda: json.dumps(as_json(answers), ensure_ascii=False, indent=1),
        "memeprobe.json", "application/json", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    row.download_button(
        say("download_picture"), lambda: card.draw(say, answers.view.shown, as_json(answers)),
        "memeprobe.png", "image/png", icon=":material/image:", on_click="ignore",
    )  # fmt: skip

"""Several files, or several models, at once on the page Explore: one table of results."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from memeprobe.dashboard.explore.ask import usual_question
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.model_choice import known_subjects, offered, server_field
from memeprobe.dashboard.ui.session import begin, session_dict, under_way
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.first_picture import AGAIN, FirstPicture, first_picture
from memeprobe.report.export import inert as inert_cell
from memeprobe.visible import visible
from memeprobe.workers import asking
from memeprobe.workers.sandbox import Task, pool
from vlm import MODELS, available, may_vary

MOST_FILES = 20
K, POLICY = 4, "captions"


@dataclass(frozen=True)
class GivenFile:
    """One file of several."""

    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class ModelSaid:
    """What one model said of one file."""

    file: str
    """Its SHA-256."""
    model: str
    first: str
    """With the first keyframe alone."""
    whole: str
    """With all keyframes."""
    verdict: FirstPicture


def section(t: Texts) -> None:
    """The folded part of the page: files, what is on them, and what models say of each."""
    kept = session_dict("several")
    folded = st.expander(
        t("several"),
        expanded=bool(kept.get("files")),
        icon=":material/library_add:",
        key="several",
        on_change="rerun",
    )
    if not folded.open:
        return
    with folded:
        st.file_uploader(
            t("several_files"),
            accept_multiple_files=True,
            key="several_files",
            max_upload_size=32,
            on_change=_given,
        )
        files: list[GivenFile] = kept.get("files", [])
        if len(files) > MOST_FILES:
            st.warning(t.inert("several_most", n=MOST_FILES))
        if files:
            table(t, files[:MOST_FILES])


def _given() -> None:
    """Files were dropped or taken away; not called where a visitor comes back to the page."""
    files = [GivenFile(one.name, one.getvalue()) for one in st.session_state["several_files"]]
    session_dict("several")["files"] = files


def table(t: Texts, files: Sequence[GivenFile]) -> None:
    """What is on the files, drawn as it comes; then the questions and their answers."""
    tasks = _looks(files)
    place = st.empty()
    while True:
        going = [task for task in tasks.values() if task.running]
        place.html(_looked(t, files, tasks))
        if not going:
            break
        going[0].wait(len(going[0].found), 1.0)
    usable = [one for one in files if tasks[one.sha256].first("keyframes") is not None]
    if usable:
        _ask(t, usable, tasks)


def _looks(files: Sequence[GivenFile]) -> dict[str, Task]:
    """SHA-256 -> the task that reads the file; begun once, given up when the file is taken away."""
    kept = session_dict("several_looks")
    wanted = {one.sha256: one for one in files}
    for gone in [sha for sha in kept if sha not in wanted]:
        kept.pop(gone).stop()
    for sha, one in wanted.items():
        if sha not in kept:
            args = {"name": one.name, "k": K, "policy": POLICY}
            kept[sha] = begin(pool().stream("look", args, one.data))
    return {sha: kept[sha] for sha in wanted}


def _looked(t: Texts, files: Sequence[GivenFile], tasks: dict[str, Task]) -> str:
    rows = []
    for one in files:
        task = tasks[one.sha256]
        opened, shown = task.first("opened"), task.first("keyframes")
        facts = escape(t.cause(task.error) if task.error else t("opening"))
        if opened is not None:
            about = opened.data
            facts = escape(
                t(
                    "clip_facts" if len(about["timings"]) > 1 else "still_facts",
                    kind=about["kind"].upper(),
                    width=about["width"],
                    height=about["height"],
                    frames=len(about["timings"]),
                    seconds=about["duration_ms"] / 1000,
                )
            )
        strip = ""
        if shown is not None:
            alts = [t("grey_frame", n=n, name=one.name) for n in range(1, len(shown.pictures) + 1)]
            strip = pictures.strip(shown.pictures, alts)
        said = dict.fromkeys(" ".join(e.data["text"].split()) for e in _readings(task))
        rows.append(
            (
                escape(visible(one.name)),
                strip,
                f'<div class="mp-facts">{facts}</div>',
                escape(" / ".join(s for s in said if s)),
            )
        )
    return pictures.records([t("file"), t("shown_frames"), t("facts"), t("caption_word")], rows)


def _readings(task: Task) -> list[Any]:
    return [event for event in list(task.found) if event.kind == "reading"]


def _ask(t: Texts, files: Sequence[GivenFile], tasks: dict[str, Task]) -> None:
    here = [name for name, entry in MODELS.items() if available(name, entry)]
    models = st.multiselect(
        t("several_models"),
        [*here, *known_subjects()],
        here[:1],
        key="several_models",
        placeholder=t("no_example"),
    )
    if set(models) & set(known_subjects()):
        st.caption(t("known_on_one"))
    server = server_field(t, "several_server")
    specs = [*models, *([f"server:{server}"] if server else [])]
    usual = usual_question(t)
    question = st.text_input(t("question"), usual, key=f"several_question_{t.language}").strip()
    shown = {}
    for one in files:
        event = tasks[one.sha256].first("keyframes")
        assert event is not None
        shown[one.sha256] = list(zip(event.data["indices"], event.pictures, strict=True))
    calls = len(specs) * sum(len(asking.conditions(f, "?", [""])) for f in shown.values())
    more = 2 * len(AGAIN) * sum(map(may_vary, specs)) * sum(len(f) > 1 for f in shown.values())
    st.caption(t("several_more" if more else "several_cost", n=calls, more=more))
    kept = session_dict("several_asked")
    asked = {"files": tuple(shown), "specs": tuple(specs), "question": question}
    pressed = st.button(t("ask"), key="several_ask", disabled=not (specs and question))
    if pressed and not under_way(kept, asked):
        if "task" in kept:
            kept["task"].stop()
        wrong = [why for spec in specs if (why := offered(spec)[1])]
        if wrong:
            st.error(t.inert("broken", why=wrong[0]))
            return
        task = begin(said_of(shown, specs, question))
        kept.update(asked, task=task, planned=len(specs) * len(shown))
    if "task" in kept:
        _answers(t, files, kept["specs"], kept["task"], kept["planned"])


def said_of(
    shown: dict[str, list[tuple[int, np.ndarray]]], specs: Sequence[str], question: str
) -> Iterator[ModelSaid]:
    """Every model about every file, one after another; a model is loaded once.

    Raises ModelError: a model cannot be loaded.
    """
    for spec in specs:
        for sha, frames in shown.items():
            model = asking.model_for(spec, frames)
            plan = asking.conditions(frames, question, offered(spec)[0][:1])
            said = {one.condition: one for one in asking.of_one_meme(model, plan)}
            texts = [
                (said[name].answer.text or said[name].answer.error or "–") if name in said else "–"
                for name in ("single@1", "keyframes")
            ]
            verdict = first_picture([asking.look_answer(one) for one in said.values()])
            yield ModelSaid(sha, spec, texts[0], texts[1], verdict)


def _answers(
    t: Texts, files: Sequence[GivenFile], asked: Sequence[str], task: Task, planned: int
) -> None:
    """A row a file and model, as they come; then the same as CSV."""
    names = {one.sha256: visible(one.name) for one in files}
    for spec in asked:  # before the first answer is there to be believed
        if spec in MODELS and MODELS[spec].caution:
            st.warning(inert(t("caution_nano") if spec == "blip-nano" else MODELS[spec].caution))
    place, bar = st.empty(), st.empty()
    while True:
        going = task.running
        found = [one for one in list(task.found) if one.file in names]
        place.html(
            pictures.records(
                [t("file"), t("model"), t("with_first"), t("with_all"), t("first_picture")],
                [[escape(cell) for cell in row] for row in _rows(t, names, found)],
            )
        )
        if not going:
            break
        bar.progress(len(task.found) / max(1, planned), f"{len(task.found)} / {planned}")
        task.wait(len(task.found), 1.0)
    bar.empty()
    if task.error:
        st.error(t.inert("broken", why=task.error))
    made = pd.DataFrame(
        _rows(t, names, found), columns=["file", "model", "first", "all", "verdict"]
    )
    st.download_button(
        t.named("format", "csv"),
        made.map(inert_cell).to_csv(index=False).encode("utf-8-sig"),
        "memeprobe-files.csv",
        "text/csv",
        key="several_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _rows(t: Texts, names: dict[str, str], found: Sequence[ModelSaid]) -> list[tuple[str, ...]]:
    return [
        (
            names[one.file],
            one.model,
            one.first,
            one.whole,
            one.verdict.text if t.language == "en" else one.verdict.text_zh,
        )
        for one in found
    ]

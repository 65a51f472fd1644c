"""One item of a run asked again, and how the new answers differ from those in the store."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import streamlit as st

from meme_sets import MemeSet
from memeprobe import jobs
from memeprobe.conditions.prompts import TRANSCRIBE_TOKENS
from memeprobe.conditions.table import conditions
from memeprobe.dashboard.sets.own import sets_folder
from memeprobe.dashboard.ui.model_choice import load
from memeprobe.dashboard.ui.session import begin, session_dict, under_way
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.experiment.find_set import find_set
from memeprobe.scoring.answers import likeliest
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.workers import asking
from memeprobe.workers.asking import Asking, Said
from memeprobe.workers.sandbox import Event, Task
from vlm import DEFAULTS, Model


def again(
    t: Texts,
    run: RunRecord,
    item: str,
    rows: Sequence[TrialRow],
    shown: Mapping[str, Event],
) -> dict[str, Said]:
    """The button, and the answers that it brought: condition -> answer."""
    kept = session_dict("again")
    key = (run.run, item)
    pressed = st.button(
        t("ask_again"),
        key=f"again_{run.run}_{item}",
        disabled=not shown,
        icon=":material/refresh:",
    )
    if pressed and not under_way(kept, {"key": key}):
        made = _plan(t, run, rows, shown)
        if made is not None:
            kept.update(key=key, task=begin(asking.answers(*made)))
    if kept.get("key") != key:
        return {}
    task: Task = kept["task"]
    place = st.empty()
    while task.running:
        task.wait(len(task.found), 0.5)
        place.progress(min(1.0, len(task.found) / len(rows)), f"{len(task.found)} / {len(rows)}")
    said = {s.condition: s for s in task.found}
    same = sum(_same(r, said.get(r.condition)) for r in rows)
    if task.error:
        place.error(t.inert("broken", why=task.error))
    else:
        place.info(t.inert("asked_again", same=same, all=len(said)))
    return said


def _same(row: TrialRow, said: Said | None) -> bool:
    return said is not None and _given(row, said) == answer_of(row)


def answer_of(row: TrialRow) -> str:
    """What the model chose or said, or why there is no answer."""
    if row.chosen is not None and row.chosen < len(row.options):
        return str(row.options[row.chosen])
    return str(row.text or row.problem or "–")


def _given(row: TrialRow, said: Said) -> str:
    """The new answer as ``answer_of`` tells the old one: the option where options were scored."""
    answer = said.answer
    if row.logprobs is not None and answer.option_logprobs is not None:
        chosen = likeliest(answer.option_logprobs, answer.option_tokens)
        return "–" if chosen is None else str(row.options[chosen])
    if answer.text is not None and answer.text == row.text:
        return answer_of(row)
    return answer.text or answer.error or "–"


def now(row: TrialRow, said: Said | None) -> str:
    """The new answer as a cell, after a sign that says whether it is the old one."""
    if said is None:
        return "–"
    return ("= " if _same(row, said) else "≠ ") + escape(_given(row, said))


def _plan(
    t: Texts,
    run: RunRecord,
    rows: Sequence[TrialRow],
    shown: Mapping[str, Event],
) -> tuple[Model, list[Asking]] | None:
    """The model and the questions as the run asked them; None and a message if that cannot be."""
    meme_set = find_set(run, sets_folder())
    if meme_set is None:
        st.caption(t("set_changed"))
        return None
    model = _model(t, run, meme_set)
    if model is None:
        return None
    table = conditions(run.k)
    plan = []
    for row in rows:
        name = row.condition
        event = shown.get(name)
        if event is None or event.data.get("problem") or name not in table:
            continue
        free = table[name].asks == "transcribe"
        options = () if free else tuple(row.options or ())
        images: tuple[np.ndarray, ...] = tuple(event.pictures)
        plan.append(
            Asking(
                name,
                run.delivery,
                tuple(range(len(images))),
                images,
                event.data["prompt"],
                TRANSCRIBE_TOKENS if free else 20,
                options,
            )
        )
    return model, plan


def _model(t: Texts, run: RunRecord, meme_set: MemeSet) -> Model | None:
    """The model that the run's record names; for an older run the model's own name is its spec."""
    made_by = run.provenance
    asked = made_by.model_spec if made_by is not None else run.model
    if asked.startswith("known:"):
        return jobs.model_for(asked, meme_set, run.language)
    return load(t, asked, made_by.options() if made_by is not None else DEFAULTS)

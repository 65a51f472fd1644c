"""The page Runs: start a batch run, watch it, open what is in the workspace."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from meme_sets import MemeSet
from memeprobe.conditions.presets import PRESETS
from memeprobe.dashboard.runs import results as run_results
from memeprobe.dashboard.sets import own as own_sets
from memeprobe.dashboard.ui.model_choice import choose_model
from memeprobe.dashboard.ui.session import header, policy_choice, workspace
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.store.queries import StoreReader, exists
from memeprobe.store.store import StoreError
from memeprobe.workers import batch
from memeprobe.workers.run_request import begin, plan, sized
from vlm import deliveries_of
from vlm.subjects import SUBJECTS

SHOWN_JOBS = 6
TOLD = ("model", "set_name", "delivery")
"""What a job's line says of it first, as far as it was chosen."""


def page() -> None:
    """Draw the page."""
    t = header("runs", store=True)
    st.caption(t.inert("workspace", path=workspace()))
    form = st.expander(
        t("new_run"),
        expanded=not exists(workspace()),
        icon=":material/add:",
        on_change="rerun",
        key="new_run",
    )
    if form.open:  # a folded form is not drawn: most visits are about results
        with form:
            _new(t)
    _jobs(t)
    st.subheader(t("stored_runs"), anchor=False)
    run_results.section(t)


def _new(t: Texts) -> None:
    """The form of a new run, its cost, and the button."""
    left, right = st.columns(2)
    with left:
        source = own_sets.choose(t, "run")
        own_sets.zip_field(t, "run")
    with right:
        spec, offered = _model(t)
        delivery = st.selectbox(t("one_delivery"), offered, key=f"run_delivery_{spec}")
        policy = policy_choice(t, st, "run_policy")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    preset = row.selectbox(
        t("preset"),
        list(PRESETS),
        key="preset",
        width=330,
        format_func=lambda p: t.preset(p, PRESETS[p].items),
    )
    language = row.selectbox(t("question_language"), ["en", "zh"], key="run_language", width=110)
    k = row.number_input(t("kept_frames"), 1, 64, 4, key="run_k", width=150)
    limit = row.number_input(t("limit"), 0, 100_000, 0, key="run_limit", width=280)
    meme_set = own_sets.try_load(t, source)
    if meme_set is None or source is None or not spec:
        return
    asked = _spec(t, preset, source, spec, delivery, int(k), policy, language, int(limit) or None)
    if asked is None or not _cost(t, asked, meme_set):
        return
    if st.button(t("start"), type="primary", key="start_run", icon=":material/play_arrow:"):
        _, new = begin(asked, meme_set, own_sets.kept(asked.set_name), preset, workspace())
        st.toast(t("started" if new else "runs_already"))


def _model(t: Texts) -> tuple[str, tuple[str, ...]]:
    """(spec, deliveries) of the model; ('', ()) if none is given."""
    if not st.toggle(t("known_subject"), key="use_known"):
        return choose_model(t, "run")
    known = [f"known:{name}" for name in SUBJECTS]
    spec = str(st.selectbox(t("model"), known, key="run_known"))
    return spec, deliveries_of(spec)


def _spec(t: Texts, preset: str, *chosen: Any) -> RunSpec | None:
    """What was chosen (the first fields of RunSpec) at a preset's size, or None and a message."""
    try:
        return sized(RunSpec(*chosen), preset)
    except SpecError as error:
        st.error(inert(t.cause(error)))
        return None


def _cost(t: Texts, spec: RunSpec, meme_set: MemeSet) -> bool:
    """Say what the run would cost; False if it cannot be."""
    try:
        size = plan(spec, meme_set).size
    except SpecError as error:
        st.error(inert(t.cause(error)))
        return False
    took = t("cost_unknown")
    if exists(workspace()):
        with StoreReader(workspace()) as reader:
            pace = reader.pace(spec.model, str(spec.delivery), meme_set.name)
        if pace is not None:
            took = t("cost_time", time=duration(t, pace * size.trials))
    st.info(t.inert("cost", items=size.items, trials=size.trials, calls=size.calls, time=took))
    return True


def duration(t: Texts, seconds: float) -> str:
    """'40 s', '12 min', '3.5 h'."""
    if seconds < 90:
        return t("seconds", n=seconds)
    return t("minutes", n=seconds / 60) if seconds < 5400 else t("hours", n=seconds / 3600)


def _jobs(t: Texts) -> None:
    """The background jobs; drawn again every other second as long as one runs."""
    found = batch.jobs(workspace(), "run")
    if not found:
        return
    st.subheader(t("background"), anchor=False)
    running = any(job.state == "running" for job in found[:SHOWN_JOBS])
    st.fragment(_job_rows, run_every=2 if running else None)(t, workspace(), running)


def _job_rows(t: Texts, path: Path, was_running: bool) -> None:
    found = batch.jobs(path, "run")[:SHOWN_JOBS]
    states = [job.state for job in found]
    for job, state in zip(found, states, strict=True):
        with st.container(border=True):
            _job_row(t, job, state)
    if was_running and "running" not in states:
        st.rerun()  # the run's results can be opened now


def _size(t: Texts, about: Mapping[str, Any]) -> str:
    """How many items a job asks, as it was said: two jobs of one model are told apart by it."""
    most = about.get("sample") or about.get("limit")
    return t("at_most_items", n=most) if most else t("all_items")


def _job_row(t: Texts, job: batch.Job, state: str) -> None:
    about = job.about
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(job.started))
    row = st.container(horizontal=True, vertical_alignment="center")
    icon = {"running": "▶", "finished": "✓", "paused": "❚❚", "cancelled": "✕", "failed": "!"}
    told = [str(about[name]) for name in TOLD if about.get(name) is not None]
    row.markdown(
        f"**{icon[state]} {t(f'state_{state}')}** · "
        + inert(" · ".join((*told, _size(t, about), when))),
        width="stretch",
    )
    for name, states in (
        ("pause", ("running",)),
        ("resume", ("paused", "failed", "cancelled")),
        ("cancel", ("running", "paused")),
    ):
        if state in states and row.button(t(name), key=f"{name}_{job.id}"):
            {"pause": batch.pause, "resume": batch.resume, "cancel": batch.cancel}[name](job)
            st.rerun()
    try:
        done, planned, run = batch.progress_of(job)
    except StoreError as error:
        st.warning(inert(t.cause(error)))
        return
    if state in ("running", "paused", "cancelled") and planned:
        line = t("trials_done", done=done, all=planned)
        left = _left(job, done, planned) if state == "running" else None
        line += f" · {t('time_left', time=duration(t, left))}" if left is not None else ""
        st.progress(min(1.0, done / planned), line)
    elif state == "running":
        st.progress(0.0, t("waiting" if job.waiting else "preparing"))
    if (
        state == "finished"
        and run is not None
        and row.button(t("open"), key=f"open_{job.id}", type="primary")
    ):
        st.session_state["open_run"] = run.run
        st.rerun()
    if state == "paused" and job.why:
        st.warning(inert(t.cause(job.why)))
    if state == "failed":
        st.code(job.log() or t("killed"), language=None, wrap_lines=True)


@st.cache_resource(show_spinner=False)
def _samples() -> dict[str, list[tuple[float, int]]]:
    return {}


def _left(job: batch.Job, done: int, planned: int) -> float | None:
    """Seconds left by the pace seen since the job's latest start; None if none is known yet."""
    seen = _samples().setdefault(f"{job.id}-{job.started}", [])
    now = time.time()
    if not seen or seen[-1][1] != done:
        seen.append((now, done))
        del seen[1:-50]
    gained, took = done - seen[0][1], now - seen[0][0]
    return (planned - done) * took / gained if gained > 0 and took > 1 else None

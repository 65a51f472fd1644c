"""The page Calibration: subjects whose bias is known, and what the probes said of them."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from memeprobe.dashboard.runs.results import all_runs, result
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.session import header, workspace
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.messages import headline, labels
from memeprobe.store.queries import StoreReader
from memeprobe.workers import batch
from vlm.subjects import SUBJECTS

MOST_RUNS = 8
BEGUN = re.compile(r"^(\d+) of (\d+): (.+)$", re.M)
"""What ``memeprobe calibrate`` says when it begins with a subject: its place, of how many, name."""
SEEDS = 20
"""Fresh runs of each subject, if nothing else is asked for."""


def page() -> None:
    """Draw the page."""
    t = header("calibration", store=True)
    st.caption(t("calibration_about"))
    _subjects(t)
    jobs = batch.jobs(workspace(), "calibrate")
    latest = next((j for j in jobs if j.result() is not None), None)
    if latest is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(latest.started))
        st.subheader(t("calibrated_on", when=when), anchor=False)
        st.html(table_of(t, latest.result()))
        with st.expander("JSON"):
            st.json(latest.result(), expanded=1)
    elif not jobs:
        st.info(t.inert("no_calibration"))
    _control(t, jobs)
    _from_runs(t)


def _subjects(t: Texts) -> None:
    st.html(
        pictures.table(
            [t("subject"), t("what_it_does")],
            (
                (pictures.short(f"known:{name}"), escape(t.of(labels.SUBJECTS[name])))
                for name in SUBJECTS
            ),
        )
    )


def table_of(t: Texts, told: Any) -> str:
    """A certificate (``memeprobe calibrate --json``) as a table; anything else as it is."""
    subjects = told.get("subjects") if isinstance(told, Mapping) else None
    if not isinstance(subjects, Mapping):
        return f"<pre>{escape(json.dumps(told, ensure_ascii=False)[:4000])}</pre>"
    rows = []
    for name, judged in subjects.items():
        for verdict, one in judged.items():
            said = ", ".join(
                f"{t.of(headline(verdict, key))} × {n}" for key, n in one["said"].items()
            )
            mark = "✓" if one["passed"] else "✗"
            needed = one["items_needed"] if one["items_needed"] is not None else "–"
            cells = (
                _case(t, name),
                t.verdict(verdict),
                said,
                f"{mark} {100 * one['rate']:.0f} %",
                needed,
            )
            rows.append(
                [escape(str(c)) for c in cells[:3]] + [pictures.short(c) for c in cells[3:]]
            )
    names = ("subject", "verdict", "probe_said", "named", "enough_items")
    alarms = 100 * float(told.get("fair_called_biased", 0))
    facts = t(
        "certificate",
        preset=told.get("preset"),
        seeds=told.get("seeds"),
        items=told.get("items"),
        alarms=alarms,
    )
    return f"<p>{'✓' if told.get('passed') else '✗'} {escape(facts)}</p>" + pictures.table(
        [t(n) for n in names], rows
    )


def _control(t: Texts, jobs: Sequence[batch.Job]) -> None:
    running = next((j for j in jobs if j.state == "running"), None)
    if running is not None:
        st.fragment(_watch, run_every=3)(t, running)
        return
    if jobs and jobs[0].state == "failed":
        st.warning(f"**{t('state_failed')}** · {t.inert('ended_outside')}")
        st.code(jobs[0].log() or "–", language=None, wrap_lines=True)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    seeds = row.number_input(
        t("seeds"), 1, 200, SEEDS, key="calibration_seeds", width=260, help=t("seeds_help")
    )
    if row.button(t("start_calibration"), type="primary", key="calibrate"):
        batch.start_once("calibrate", ("--seeds", str(seeds)), workspace(), {})
        st.rerun()


def _watch(t: Texts, job: batch.Job) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f"**▶ {t('state_running')}**", width="stretch")
    if row.button(t("cancel"), key=f"cancel_{job.id}"):
        batch.cancel(job)
    st.progress(*_how_far(t, job))
    if job.state != "running":
        st.rerun()


def _how_far(t: Texts, job: batch.Job) -> tuple[float, str]:
    """The share of a calibration that is done, and what is being done, by the job's log."""
    if job.waiting:
        return 0.0, t("waiting")
    begun = BEGUN.findall(job.log())
    if not begun:
        return 0.0, t("preparing_pictures")
    place, of, name = begun[-1]
    told = t.inert("calibrating", place=place, of=of, name=_case(t, name))
    return (int(place) - 1) / int(of), told


def _case(t: Texts, name: str) -> str:
    """A known subject's name, or what else the calibration tries."""
    return f"known:{name}" if name in SUBJECTS else t.of(labels.CASES.get(name, (name, name)))


def _from_runs(t: Texts) -> None:
    """What the probes said of the known subjects that were run in this workspace."""
    runs = [r for r in all_runs() if str(r.model).startswith("known:")][:MOST_RUNS]
    if not runs:
        return
    st.subheader(t("from_runs"), anchor=False)
    body = []
    for run in runs:
        with StoreReader(workspace()) as reader:
            version = reader.version(run.run)
        found = result(str(workspace()), run.run, version)
        said = "<br>".join(escape(t.of((v.text, v.text_zh))) for v in found.reached.values())
        facts = pictures.short(run.model), escape(run.set), str(found.items)
        body.append((*facts, said))
    heads = ("subject", "which_set", "items", "probe_said")
    st.html(pictures.records([t(h) for h in heads], body))

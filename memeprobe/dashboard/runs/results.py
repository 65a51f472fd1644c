"""What a run found: verdicts first, then the position curve, the accuracies, and the items."""

import time
from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from memeprobe import jobs
from memeprobe.dashboard.runs import flips, gallery, listing, naming
from memeprobe.dashboard.runs import items as run_items
from memeprobe.dashboard.ui import charts, downloads, pictures
from memeprobe.dashboard.ui.session import put_in_address, workspace
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.messages import exactly, measured, problem
from memeprobe.store.queries import StoreReader, exists
from memeprobe.store.rows import RunRecord
from memeprobe.store.store import Store, StoreError
from memeprobe.verdicts.run_result import RunResult

ITEMS_AS = ("list", "gallery", "flips")
"""Ways to look at a run's items; all but the first stand in the address."""


def label(t: Texts, run: RunRecord) -> str:
    """A run in one line."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.updated))
    return (f"{run.name} · " if run.name else "") + t(
        "run_label",
        model=run.model,
        set=run.set,
        delivery=run.delivery,
        when=when,
        done=run.done,
        planned=run.planned,
    )


def all_runs() -> list[RunRecord]:
    """Every run of the workspace, latest first; counted again only if a run has changed."""
    path = workspace()
    if not exists(path):
        return []
    with StoreReader(path) as reader:
        version = reader.state()
    return _list(str(path), version)


@st.cache_data(max_entries=4, show_spinner=False)
def _list(path: str, version: tuple[Any, ...]) -> list[RunRecord]:
    with Store(path) as opened:
        return opened.runs()


@st.cache_data(max_entries=16, show_spinner=False)
def result(path: str, run: str, version: tuple[Any, ...]) -> RunResult:
    """The result of a run, analysed once for each state of it."""
    with Store(path) as opened:
        return jobs.result_of(opened, run)


def say_missing(t: Texts, runs: Sequence[str]) -> None:
    """That runs which an address names are not here; names that are empty name none."""
    for run in filter(None, dict.fromkeys(runs)):
        st.warning(t.inert("no_such_run", run=run[:80]))


def section(t: Texts) -> None:
    """The choice of a run, and what it found."""
    try:
        runs = all_runs()
    except StoreError as error:
        st.error(t.inert("broken", why=error))
        return
    if not runs:
        say_missing(t, [st.query_params.get("run", "")])
        st.info(t.inert("no_runs"))
        return
    listing.section(t, runs)
    by_id = {run.run: run for run in runs}
    wanted = st.session_state.pop("open_run", None) or st.query_params.get("run")
    shown = st.session_state.get("run_chosen")
    if wanted in by_id and st.session_state.get("run_wanted") != wanted:
        shown = None  # what is set below needs no place of its own
        st.session_state["run_chosen"] = st.session_state["run_wanted"] = wanted
    elif wanted not in by_id:
        say_missing(t, [wanted or ""])
    chosen = st.selectbox(
        t("open_run"),
        list(by_id),
        # A rerun that cuts in before the browser has the value that was set: then this shows it.
        index=list(by_id).index(shown) if shown in by_id else None,
        key="run_chosen",
        placeholder=t("no_example"),
        format_func=lambda r: label(t, by_id[r]),
    )
    if chosen is None:
        return
    st.query_params["run"] = chosen
    _result(t, by_id[chosen])


def _result(t: Texts, run: RunRecord) -> None:
    path = workspace()
    with StoreReader(path) as reader:
        version = reader.version(run.run)
    with st.spinner(t("analysing")):
        found = result(str(path), run.run, version)
    if run.done < run.planned:
        st.warning(t.inert("not_finished", done=run.done, planned=run.planned))
    naming.heading(t, run)
    verdicts(t, found)
    left, right = st.columns([2, 3])
    with left:
        st.markdown(f"**{t('curve')}**", help=t("curve_help"))
        if found.curve:
            charts.curve(t, found)
        else:
            st.caption(t("no_curve"))
    with right:
        st.markdown(f"**{t('accuracies')}**")
        charts.accuracies(t, found)
    _counts(t, found)
    downloads.of_run(t, run.run)
    st.subheader(t("items"), anchor=False)
    key, wanted = f"items_as_{run.run}", st.query_params.get("items")
    if key not in st.session_state and wanted in ITEMS_AS:
        st.session_state[key] = wanted
    view = st.segmented_control(
        t("items_as"),
        ITEMS_AS,
        default="list",
        required=True,
        key=key,
        format_func=lambda name: t(f"as_{name}"),
        label_visibility="collapsed",
    )
    put_in_address(items=None if view == "list" else view)
    if view == "gallery":
        gallery.section(t, run)
    elif view == "flips":
        flips.between_conditions(t, run)
    else:
        run_items.section(t, run)


def verdicts(t: Texts, found: RunResult) -> None:
    """Every verdict that was reached, and the notes."""
    parts = [
        f'<div class="mp-verdict"><b>{escape(t.verdict(name))}</b>'
        f"{escape(t.of((verdict.text, verdict.text_zh)))}</div>"
        for name, verdict in found.reached.items()
    ]
    notes = [t.of((note.text, note.text_zh)) for note in found.notes]
    notes += [f"{t.of(problem(p.problem))} ({p.trials})" for p in found.problems]
    parts += [f'<p class="mp-dim">{escape(note)}</p>' for note in notes]
    st.markdown(f"**{t('verdicts')}**")
    st.html("".join(parts) or f"<p>{escape(t('none'))}</p>")


def _counts(t: Texts, found: RunResult) -> None:
    """Right, wrong, unparsed, failed, counted apart; and every measure."""
    outcomes = ("right", "wrong", "unparsed", "failed", "unreadable")
    rows = []
    for name, tally in found.conditions.items():
        counts = (tally.counts[outcome] for outcome in outcomes)
        cells = map(pictures.short, (exactly(tally.accuracy), *counts))
        rows.append((escape(t.condition(name)), *cells))
    heads = [t("condition"), t("right_percent"), *(t(f"outcome_{o}") for o in outcomes)]
    rows_measured = [
        (
            escape(t.measure(name)),
            *map(pictures.short, (measured(name, value, t.language), value.n)),
        )
        for name, value in found.measures.items()
    ]
    with st.expander(t("numbers")):
        st.html(pictures.table(heads, rows))
        if rows_measured:
            st.html(pictures.table([t("measure"), t("value"), "n"], rows_measured))

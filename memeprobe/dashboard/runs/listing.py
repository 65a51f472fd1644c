"""The runs of the workspace as a table: found, sorted, opened, compared, taken out."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from memeprobe.dashboard.runs import naming
from memeprobe.dashboard.ui.session import session_dict, workspace
from memeprobe.dashboard.ui.texts import Texts, heading, inert
from memeprobe.run_listing import matching, preset_of
from memeprobe.store.errors import StoreError
from memeprobe.store.rows import RunRecord
from memeprobe.store.upkeep import prune
from memeprobe.workers import batch

COLUMNS = (
    *("updated", "run_name", "model", "set", "delivery", "language", "preset", "items_asked"),
    *("done", "took", "run_note", "run_id"),
)


def section(t: Texts, runs: Sequence[RunRecord]) -> None:
    """The table and what can be done with the rows that are marked."""
    needle = st.text_input(t("find_runs"), key="find_runs", placeholder=t("find_runs_hint"))
    found = matching(runs, needle)
    st.caption(t("runs_found", n=len(found), all=len(runs)))
    if not found:
        return
    marked = _table(t, found)
    session_dict("marked_runs")["ids"] = [run.run for run in marked]
    actions(t, marked)


def _table(t: Texts, found: Sequence[RunRecord]) -> list[RunRecord]:
    """Draw it; returns the runs that are marked.

    Streamlit knows marked rows by their places. So other runs, or another order of them, make
    another table, in which the same runs are marked: nothing is deleted for standing where
    another run stood.
    """
    ids = [run.run for run in found]
    kept = session_dict("marked_runs", ids=[], drawn=None, places=[])
    if kept["drawn"] != ids:
        places = [ids.index(run) for run in kept["ids"] if run in ids]
        kept.update(drawn=ids, places=places)
    event = st.container(key="run_table").dataframe(
        frame(t, found),
        key=f"run_table_{hash(tuple(ids))}",
        selection_default={"selection": {"rows": kept["places"]}},
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height=min(36 * (len(found) + 1) + 2, 420),
        column_config={
            t("updated"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            t("done"): st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1, width=110
            ),
            t("took"): st.column_config.NumberColumn(format="%.1f", help=t("took_help")),
            # As wide before a run has a name as after: a column is measured once.
            t("run_name"): st.column_config.TextColumn(width=130),
            t("run_note"): st.column_config.TextColumn(width=110),
        },
    )
    return [found[place] for place in event["selection"]["rows"] if place < len(found)]


def frame(t: Texts, runs: Sequence[RunRecord]) -> pd.DataFrame:
    """One typed row a run."""
    rows = [
        (
            pd.Timestamp(run.updated, unit="s").floor("s"),
            run.name,
            run.model,
            run.set,
            run.delivery,
            run.language,
            preset_of(run) or "–",
            run.sample or run.limit,
            run.done / run.planned if run.planned else 0.0,
            (run.updated - run.created) / 60,
            " ".join(run.note.split()),
            run.run,
        )
        for run in runs
    ]
    return pd.DataFrame(rows, columns=[heading(t(name)) for name in COLUMNS])


def actions(t: Texts, marked: Sequence[RunRecord]) -> None:
    """Open or name one, compare several, delete any; nothing where nothing is marked."""
    if not marked:
        st.caption(t("mark_runs"))
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    if len(marked) == 1 and row.button(t("open"), key="open_marked", type="primary"):
        st.session_state["open_run"] = marked[0].run
        st.rerun()
    if len(marked) == 1:
        naming.form(t, marked[0], row, "marked")
    if len(marked) > 1:
        named = ",".join(run.run for run in marked)
        row.link_button(t("compare"), f"compare?runs={named}&lang={t.language}")
    with row.popover(t("delete_runs", n=len(marked)), icon=":material/delete:"):
        told = (" · ".join(filter(None, (r.name, r.model, r.set, r.run))) for r in marked)
        st.markdown("  \n".join(map(inert, told)))
        st.caption(t("delete_warning"))
        if st.button(t("delete_for_good"), key="delete_marked", type="primary"):
            _delete(t, marked)


def _delete(t: Texts, marked: Sequence[RunRecord]) -> None:
    going = {
        run.run
        for job in batch.jobs(workspace(), "run")
        if job.state == "running" and (run := batch.progress_of(job)[2]) is not None
    }
    busy = [run.run for run in marked if run.run in going]
    if busy:
        st.error(t.inert("delete_running", runs=", ".join(busy)))
        return
    try:
        prune(workspace(), [run.run for run in marked])
    except StoreError as error:
        st.error(t.inert("broken", why=error))
        return
    gone = {run.run for run in marked}
    if st.session_state.get("run_chosen") in gone:
        del st.session_state["run_chosen"]
    if st.query_params.get("run") in gone:
        del st.query_params["run"]
    st.toast(t("deleted", n=len(marked)))
    st.rerun()

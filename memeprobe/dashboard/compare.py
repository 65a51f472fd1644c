"""The page Compare: runs side by side, paired by item."""

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from memeprobe.comparison.pairing import paired
from memeprobe.comparison.parity import parity
from memeprobe.comparison.runs import CompareError
from memeprobe.dashboard.runs import flips
from memeprobe.dashboard.runs.results import all_runs, label, say_missing
from memeprobe.dashboard.ui import charts, downloads, pictures
from memeprobe.dashboard.ui.session import header, workspace
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.messages.parity import ALL, COLUMNS, SHOWN
from memeprobe.store.queries import StoreReader
from memeprobe.store.rows import RunRecord
from memeprobe.store.store import Store, StoreError

FLIPS_SHOWN = 40


def page() -> None:
    """Draw the page."""
    t = header("compare", store=True)
    st.caption(t("compare_hint"))
    try:
        runs = {run.run: run for run in all_runs()}
    except StoreError as error:
        st.error(t.inert("broken", why=error))
        return
    named = [run for run in st.query_params.get("runs", "").split(",") if run]
    if not runs:
        say_missing(t, named)
        st.info(t.inert("no_runs"))
        return
    wanted = st.session_state.get("compared", named)
    st.session_state["compared"] = [run for run in wanted if run in runs]
    say_missing(t, [run for run in (*named, *wanted) if run not in runs])
    chosen = st.multiselect(
        t("choose_runs"),
        list(runs),
        key="compared",
        help=t("baseline"),
        placeholder=t("no_example"),
        format_func=lambda r: label(t, runs[r]),
    )
    st.query_params["runs"] = ",".join(chosen)
    if len(chosen) < 2:
        return
    names = {runs[c].set for c in chosen}
    if len({runs[c].content for c in chosen}) > 1:
        st.warning(t.inert("different_content", names=", ".join(sorted(names))))
    reference = runs[chosen[0]]
    for name in chosen[1:]:
        _pair(t, reference, runs[name], keys=name == chosen[1])


@st.cache_data(max_entries=32, show_spinner=False)
def _paired(
    path: str, reference: str, other: str, version: tuple[Any, ...]
) -> list[dict[str, Any]]:
    with StoreReader(workspace()) as reader:
        rows = paired(reader.rights(reference), reader.rights(other))
    return [{"condition": name, **row} for name, row in rows.items()]


def short(run: RunRecord) -> str:
    """A run in a few words."""
    about = f"{run.model} ({run.delivery}, {run.set}, {run.language}, {run.run[:4]})"
    return f"{run.name}: {about}" if run.name else about


def _pair(t: Texts, reference: RunRecord, other: RunRecord, keys: bool) -> None:
    heading = t.inert("versus", other=short(other), reference=short(reference))
    st.subheader(heading, anchor=False)
    with StoreReader(workspace()) as reader:
        version = (reader.version(reference.run), reader.version(other.run))
    rows = _paired(str(workspace()), reference.run, other.run, version)
    if not rows:
        st.info(t.inert("no_common"))
        return
    order = {name: i for i, name in enumerate(reference.conditions or ())}
    rows = sorted(rows, key=lambda r: order.get(r["condition"], len(order)))
    charts.differences(t, rows, f"{reference.run}-{other.run}")
    st.html(_table(t, rows))
    downloads.of_comparison(t, (reference.run, other.run), rows)
    _flips(t, rows, reference, other, keys)
    with st.expander(t("parity")):
        st.caption(t("parity_hint"))
        _parity(t, reference, other, version)


@st.cache_data(max_entries=16, show_spinner=False)
def _of_two_stacks(path: str, runs: tuple[str, str], version: tuple[Any, ...]) -> dict[str, Any]:
    with Store(path) as opened:
        return parity(opened, runs)


def _parity(t: Texts, reference: RunRecord, other: RunRecord, version: tuple[Any, ...]) -> None:
    """Whether the answers agree, if both runs are taken to be of one checkpoint."""
    try:
        found = _of_two_stacks(str(workspace()), (reference.run, other.run), version)
    except CompareError as error:
        st.info(inert(t.cause(error)))
        return
    zh = t.language == "zh"
    st.markdown(inert(found["text_zh"] if zh else found["text"]))
    names = ("condition", "trials", "equal", "difference", "mcnemar", "within")
    rows = {t.condition(name): row for name, row in found["conditions"].items()}
    st.html(
        pictures.table(
            [COLUMNS[n][zh] for n in names],
            (
                (
                    escape(title),
                    *map(
                        pictures.short,
                        (
                            row["trials"],
                            f"{row['equal']['value']:.1%}",
                            charts.points(row["difference"]),
                            "" if "mcnemar_p" not in row else p_value(row["mcnemar_p"]),
                            SHOWN[row["equivalence"]["shown"]][zh],
                        ),
                    ),
                )
                for title, row in (*rows.items(), (ALL[zh], found))
            ),
        )
    )
    if not found["differing"]:
        return
    columns = ("item", "condition", "first", "second")
    st.html(
        pictures.table(
            [COLUMNS[n][zh] for n in columns],
            (
                (
                    pictures.item_link(reference.run, row["item"]),
                    escape(t.condition(row["condition"])),
                    *(pictures.short(row[n]["answer"] or "") for n in ("first", "second")),
                )
                for row in found["differing"][:FLIPS_SHOWN]
            ),
        )
    )


def p_value(p: float) -> str:
    """Three places, and never a plain zero."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def _table(t: Texts, rows: Sequence[dict[str, Any]]) -> str:
    names = ("condition", "difference", "pairs", "p_value", "gained", "lost")
    return pictures.table(
        [t(n) for n in names],
        (
            (
                escape(t.condition(r["condition"])),
                *map(
                    pictures.short,
                    (
                        charts.points(r["difference"]),
                        r["difference"]["n"],
                        p_value(r["p_holm"]),
                        len(r["gained"]),
                        len(r["lost"]),
                    ),
                ),
            )
            for r in rows
        ),
    )


def _flips(
    t: Texts, rows: Sequence[dict[str, Any]], reference: RunRecord, other: RunRecord, keys: bool
) -> None:
    """The items that are answered differently under one condition, with both runs' frames."""
    with st.expander(t("flips"), expanded=True):
        names = [r["condition"] for r in rows]
        flipping = [r["condition"] for r in rows if r["gained"] or r["lost"]]
        first = next((n for n in ("keyframes", "as_is", *flipping) if n in flipping), names[0])
        chosen = st.selectbox(
            t("condition"),
            names,
            names.index(first),
            format_func=t.condition,
            key=f"flips_{reference.run}_{other.run}",
        )
        flips.section(t, flips.Side(reference, chosen), flips.Side(other, chosen), keys)

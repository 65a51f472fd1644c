"""Runs as files to take away: report, CSV, Parquet and what other programs read."""

import importlib.util
import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from memeprobe import jobs
from memeprobe.dashboard.ui.session import workspace
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.report.export import inert
from memeprobe.report.formats import FORMATS
from memeprobe.store.store import Store

NEEDS = {"parquet": "pyarrow", "inspect": "inspect_ai"}
"""Format -> the module without which it is not offered."""


def of_run(t: Texts, run: str) -> None:
    """Buttons for a run: the report, and every format that can be written here."""
    row = st.container(horizontal=True)
    _report_button(t, row, [run])
    offered = [f for f in FORMATS if f not in NEEDS or importlib.util.find_spec(NEEDS[f])]
    for form in offered:
        _export_button(t, row, run, form, FORMATS[form][0], partial(export, run, form))


def _report_button(t: Texts, place: Any, runs: Sequence[str]) -> None:
    name = "-".join(runs)
    place.download_button(
        t("report"),
        partial(report, runs),
        f"memeprobe-{name}.html",
        "text/html",
        key=f"report_{name}",
        icon=":material/description:",
        on_click="ignore",
    )


def _export_button(
    t: Texts, place: Any, name: str, form: str, suffix: str, make: Callable[[], bytes]
) -> None:
    place.download_button(
        t.named("format", form),
        make,
        f"memeprobe-{name}{suffix}",
        "application/octet-stream",
        key=f"export_{form}_{name}",
        icon=":material/download:",
        on_click="ignore",
    )


def export(run: str, form: str) -> bytes:
    """The run in one of ``FORMATS``."""
    with tempfile.TemporaryDirectory() as folder, Store(workspace()) as store:
        path = Path(folder) / f"run{FORMATS[form][0]}"
        jobs.write_export(store, run, form, path)
        return path.read_bytes()


def report(runs: Sequence[str]) -> bytes:
    """The self-contained HTML report about runs."""
    with Store(workspace()) as store:
        return jobs.report(store, [jobs.result_of(store, run) for run in runs]).encode()


def of_comparison(t: Texts, runs: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Buttons for a comparison: the differences as CSV and Parquet, both runs in one report."""
    name, line = "-".join(runs), st.container(horizontal=True)
    _report_button(t, line, runs)
    for form, write in (("csv", as_csv), ("parquet", as_parquet)):
        _export_button(t, line, name, form, f".{form}", partial(write, runs, rows))


def differences(runs: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a condition: difference with its limits, n, p, and the items that flip."""
    return pd.DataFrame(
        [
            {
                "reference": runs[0],
                "other": runs[1],
                "condition": row["condition"],
                **{key: row["difference"][key] for key in ("value", "low", "high", "n")},
                "p": row["p"],
                "p_holm": row["p_holm"],
                **{key: " ".join(row[key]) for key in ("gained", "lost")},
            }
            for row in rows
        ]
    )


def as_csv(runs: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The differences as CSV that spreadsheets open; no cell is a formula."""
    return bytes(differences(runs, rows).map(inert).to_csv(index=False).encode("utf-8-sig"))


def as_parquet(runs: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The differences as Parquet, every column with its type."""
    buffer = io.BytesIO()
    differences(runs, rows).to_parquet(buffer, index=False)
    return buffer.getvalue()

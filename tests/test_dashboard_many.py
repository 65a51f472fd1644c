"""Many runs and many items on the pages: the table, the gallery, what can be taken away."""

import io
import re
from dataclasses import replace
from html import escape
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from meme_sets import load_set
from memeprobe import jobs
from memeprobe.comparison.pairing import paired
from memeprobe.conditions.presets import PRESETS
from memeprobe.conditions.table import choose
from memeprobe.dashboard.runs.gallery import matching as found_items
from memeprobe.dashboard.runs.gallery import ordered
from memeprobe.dashboard.ui import downloads
from memeprobe.experiment.spec import RunSpec
from memeprobe.run_listing import matching, preset_of
from memeprobe.store.queries import StoreReader
from memeprobe.store.rows import RunRecord
from memeprobe.store.store import Store
from tests.app_test import app, html
from tests.running import run_and_analyse
from tests.test_dashboard_runs import filled

MIXED = [("right", "right"), ("right", "wrong"), ("wrong", "wrong"), ("failed", "right")]


def records(path: Path) -> list[RunRecord]:
    with Store(path) as store:
        return store.runs()


def test_runs_are_found_by_words_and_named_by_their_preset() -> None:
    base = RunRecord(run="aa", model="blip-nano", set="reveal", delivery="concat")
    other = replace(base, run="bb", model="other", language="zh")
    assert matching([base, other], "REVEAL nano") == [base]
    assert matching([base, other], "") == [base, other]
    assert matching([base, other], "zh bb") == [other]
    for name, preset in PRESETS.items():
        asked = tuple(choose(preset.conditions, 4))
        assert preset_of(replace(base, conditions=asked)) == name
    assert preset_of(replace(base, conditions=("first", "keyframes"))) is None


def marked(run: str) -> AppTest:
    """What is offered for one run that is marked in the table: the harness cannot mark rows."""
    script = f"""
from memeprobe.dashboard.runs import listing
from memeprobe.dashboard.runs.results import all_runs
from memeprobe.dashboard.ui.session import words
listing.actions(words(), [r for r in all_runs() if r.run == {run!r}])
"""
    return AppTest.from_string(script, default_timeout=240)


@pytest.mark.slow
def test_a_run_is_deleted_only_on_a_second_word(workspace: Path) -> None:
    one, two = filled(workspace, MIXED), filled(workspace, MIXED, "other")
    at = app("runs").run()
    assert not at.exception
    (table,) = at.dataframe
    assert set(table.value["id"]) == {one, two} and set(table.value["done"]) == {1.0}
    at.text_input(key="find_runs").set_value("other").run()
    assert list(at.dataframe[0].value["id"]) == [two]
    at = marked(two).run()
    assert not at.exception
    assert {r.run for r in records(workspace)} == {one, two}
    at.button(key="delete_marked").click().run()
    assert [r.run for r in records(workspace)] == [one]


@pytest.mark.slow
def test_a_run_under_way_is_not_deleted(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from memeprobe.workers import batch

    run = filled(workspace, MIXED)
    monkeypatch.setattr(batch.Job, "state", property(lambda self: "running"))
    job = batch.Job("j", workspace.with_name("j"), "run", (), workspace, 0.0)
    monkeypatch.setattr(batch, "jobs", lambda *_: [job])
    monkeypatch.setattr(batch, "progress_of", lambda _: (1, 8, records(workspace)[0]))
    at = marked(run).run()
    at.button(key="delete_marked").click().run()
    assert any(run in e.value for e in at.error)
    assert [r.run for r in records(workspace)] == [run]


def test_items_are_ordered_by_how_much_the_conditions_disagree(workspace: Path) -> None:
    """By hand: of i1 one of two is right, of i0 both are, of i2 none, of i3 one failed."""
    run = filled(workspace, MIXED)
    with StoreReader(workspace) as reader:
        told = reader.item_answers(run)
    by_name = {one.item: one for one in told}
    assert [(one.right, one.asked, one.options) for one in told] == [
        (2, 2, 1),
        (1, 2, 2),
        (0, 2, 1),
        (1, 2, 1),
    ]
    assert by_name["i1"].disagreement > by_name["i0"].disagreement == 0
    assert ordered(told, "disagreement")[0].item == "i1"
    assert [one.item for one in ordered(told, "worst")] == ["i2", "i1", "i3", "i0"]
    assert [one.item for one in ordered(told, "set_order")] == ["i0", "i1", "i2", "i3"]
    assert [one.item for one in found_items(told, "Q? i3")] == ["i3"]


@pytest.mark.slow
def test_the_gallery_shows_frames_and_answers_of_every_item(workspace: Path) -> None:
    reveal = load_set("reveal")
    spec = RunSpec(
        "reveal", "known:first-frame", "native", limit=3, conditions=("keyframes", "first")
    )
    model = jobs.model_for("known:first-frame", reveal, "en")
    with Store(workspace) as store:
        run = run_and_analyse(spec, reveal, model, store).record.run
    at = app("runs")
    at.query_params["run"] = run
    at.run()
    at.segmented_control(key=f"items_as_{run}").set_value("gallery").run()
    assert not at.exception
    page = html(at)
    for item in reveal.items[:3]:
        assert f"runs?run={run}&amp;item={item.id}" in page
        assert item.question is not None and item.question.en in page
        assert item.lure is None or item.options[item.lure].en in page
    assert page.count('<div class="mp-strip"') >= 3
    assert at.query_params["items"] == "gallery"
    again = app("runs")  # by the address
    again.query_params["run"], again.query_params["items"] = run, "gallery"
    assert html(again.run()).count('<div class="mp-strip"') == page.count('<div class="mp-strip"')
    at.text_input(key=f"gallery_find_{run}").set_value("no such item").run()
    assert not at.exception and "reveal-001" not in html(at).split("mp-frames")[-1]


@pytest.mark.slow
def test_what_was_read_of_an_item_stands_in_the_gallery(workspace: Path) -> None:
    captions = load_set("captions")
    spec = RunSpec("captions", "known:fair", "native", limit=2, conditions=("transcribe",))
    model = jobs.model_for("known:fair", captions, "en")
    with Store(workspace) as store:
        run = run_and_analyse(spec, captions, model, store).record.run
    at = app("runs")
    at.query_params["run"] = run
    at.run()
    at.segmented_control(key=f"items_as_{run}").set_value("gallery").run()
    assert not at.exception
    with StoreReader(workspace) as reader:
        read = [reader.item(run, item.id)[0].text for item in captions.items[:2]]
    for text in read:
        assert text and re.search(f"transcription: <b[^>]*>{re.escape(escape(text))}</b>", html(at))
    assert "0 of 0" not in html(at)  # nothing that could be right was asked


@pytest.mark.slow
def test_what_is_taken_away_is_what_is_shown(workspace: Path) -> None:
    one, two = filled(workspace, MIXED * 3), filled(workspace, MIXED[::-1] * 3, "=cmd()")
    table = pd.read_csv(io.BytesIO(downloads.export(two, "csv")))
    assert len(table) == 24 and set(table["model"]) == {"'=cmd()"}
    typed = pd.read_parquet(io.BytesIO(downloads.export(one, "parquet")))
    assert list(typed["run"].unique()) == [one] and len(typed) == 24
    assert one.encode() in downloads.report([one, two]) and b"<html" in downloads.report([one])
    with StoreReader(workspace) as reader:
        rows = paired(reader.rights(one), reader.rights(two))
    told = [{"condition": name, **row} for name, row in rows.items()]
    read = pd.read_csv(io.BytesIO(downloads.as_csv([one, two], told))).set_index("condition")
    same = pd.read_parquet(io.BytesIO(downloads.as_parquet([one, two], told)))
    assert list(same["condition"]) == list(read.index) == list(rows)
    for name, row in rows.items():
        assert read.loc[name, "value"] == pytest.approx(row["difference"]["value"])
        assert read.loc[name, "n"] == row["difference"]["n"]
    at = app("compare")
    at.query_params["runs"] = f"{one},{two}"
    at.run()
    assert not at.exception

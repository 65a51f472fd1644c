"""Names and notes of runs: kept beside the run, seen everywhere, no part of what it is."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import memeprobe as mp
from memeprobe.store import notes
from memeprobe.store.merging import merge
from memeprobe.store.migrations import MIGRATIONS
from memeprobe.store.queries import StoreReader
from memeprobe.store.store import Store, StoreError
from memeprobe.store.upkeep import check, prune
from tests.app_test import app
from tests.command_line import CommandLine
from tests.test_dashboard_runs import filled

OUTCOMES = [("right", "wrong"), ("wrong", "wrong")]


def called(path: Path, run: str) -> tuple[str, str]:
    with Store.existing(path) as store:
        record = store.run(run)
    return record.name, record.note


def test_a_name_goes_with_the_run_and_changes_nothing_of_it(workspace: Path) -> None:
    run = filled(workspace, OUTCOMES)
    with Store.existing(workspace) as store:
        before = store.run(run)
    with StoreReader(workspace) as reader:
        state = reader.state()
    notes.name_run(workspace, run, "  Qwen,\n four frames ", "line 1\nline 2")
    notes.name_run(workspace, run, note="二")
    assert called(workspace, run) == ("Qwen, four frames", "二")
    with StoreReader(workspace) as reader:
        assert reader.state() != state  # pages that are open see it
        seen = reader.run(run)
    assert seen is not None and (seen.name, seen.note) == ("Qwen, four frames", "二")
    assert filled(workspace, OUTCOMES) == run  # begun again, it is the same run, with its name
    with Store.existing(workspace) as store:
        after = store.run(run)
    same = {"run", "model", "conditions", "outcomes", "created", "done", "content"}
    assert all(getattr(before, name) == getattr(after, name) for name in same)
    assert mp.list_runs()[0].name == "Qwen, four frames"
    mp.open_run(run).describe(name="")
    assert called(workspace, run) == ("", "二")
    assert check(workspace).findings == ()


def test_a_name_that_cannot_be_kept_is_refused(workspace: Path, tmp_path: Path) -> None:
    run = filled(workspace, OUTCOMES)
    with pytest.raises(StoreError, match="the name has 81 characters; it may have 80"):
        notes.name_run(workspace, run, "x" * 81)
    with pytest.raises(StoreError, match="there is no run 'nobody'"):
        notes.name_run(workspace, "nobody", "x")
    with pytest.raises(StoreError, match="there is no store"):
        notes.name_run(tmp_path / "none.sqlite", run, "x")
    assert called(workspace, run) == ("", "")


def test_the_latest_name_of_two_stores_stays_and_goes_with_its_run(
    workspace: Path, tmp_path: Path
) -> None:
    other, both = tmp_path / "other.sqlite", tmp_path / "both.sqlite"
    run = filled(workspace, OUTCOMES)
    assert filled(other, OUTCOMES) == run
    notes.name_run(workspace, run, "first")
    notes.note_item(workspace, run, "i0", "anna", "blurred")
    notes.name_run(other, run, "second")
    notes.note_item(other, run, "i0", "ben", "fine")
    for order in ([workspace, other], [other, workspace]):
        merge(order, both)
        assert called(both, run)[0] == "second"
    assert notes.item_notes(both, run) == {"i0": [("anna", "blurred"), ("ben", "fine")]}
    prune(both, [run])
    with closing(sqlite3.connect(both)) as db:
        for table in ("run_names", "item_notes"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_store_of_before_is_read_as_it_is_and_named_in_todays_format(workspace: Path) -> None:
    run = filled(workspace, OUTCOMES)
    with closing(sqlite3.connect(workspace)) as db:
        for table in ("run_names", "item_notes", "labels"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version=5")
        db.commit()
    assert called(workspace, run) == ("", "")
    with closing(sqlite3.connect(workspace)) as db:  # a reader changes nothing
        assert db.execute("PRAGMA user_version").fetchone() == (5,)
    notes.name_run(workspace, run, "old")
    assert called(workspace, run) == ("old", "")
    with closing(sqlite3.connect(workspace)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_the_command_line_lists_finds_and_names(workspace: Path, memeprobe: CommandLine) -> None:
    one, two = filled(workspace, OUTCOMES), filled(workspace, OUTCOMES, "other")
    code, out, _ = memeprobe("runs", one[:5], "--name", "before [the] update", "--json")
    assert code == 0 and json.loads(out)[0]["name"] == "before [the] update"
    found = json.loads(memeprobe("runs", "UPDATE", "--json")[1])
    assert [(row["run"], row["done"], row["planned"]) for row in found] == [(one, 4, 4)]
    _, out, _ = memeprobe("runs")
    assert one in out and two in out
    code, _, err = memeprobe("runs", "--name", "x")
    assert code == 2 and "the id of one run" in err


@pytest.mark.slow
def test_the_page_names_a_run_and_finds_it_by_its_name(workspace: Path) -> None:
    run = filled(workspace, OUTCOMES)
    filled(workspace, OUTCOMES, "other")
    at = app("runs")
    at.query_params["run"] = run
    at.run()
    at.text_input(key=f"name_open_{run}").set_value("**bold** $5$")
    at.text_area(key=f"note_open_{run}").set_value("seen ![](http://x)")
    at.button(key=f"FormSubmitter:naming_open_{run}-Keep").click().run()
    assert not at.exception
    assert called(workspace, run) == ("**bold** $5$", "seen ![](http://x)")
    assert any(m.value == "#### \\*\\*bold\\*\\* \\$5\\$" for m in at.markdown)
    at.text_input(key="find_runs").set_value("bold").run()
    assert list(at.dataframe[0].value["id"]) == [run]
    assert at.selectbox(key="run_chosen").value == run


@pytest.mark.slow
def test_an_item_takes_notes_of_several_people(workspace: Path) -> None:
    run = filled(workspace, OUTCOMES)
    at = app("runs")
    at.query_params["run"], at.query_params["item"] = run, "i1"
    at.run()
    for author in ("anna", "ben"):
        at.text_input(key="label_person").set_value(author)
        at.text_input(key=f"note_of_{run}_i1").set_value(f"by {author}: $5$")
        at.button(key=f"write_note_{run}_i1").click().run()
        assert not at.exception
        at.run()  # what was chosen is kept while the page is drawn again
        assert not at.exception
    assert notes.item_notes(workspace, run) == {
        "i1": [("anna", "by anna: $5$"), ("ben", "by ben: $5$")]
    }
    assert any(m.value == "**anna**: by anna\\: \\$5\\$" for m in at.markdown)

"""The pages by Streamlit's own test harness: what they say, and that they do no work twice."""

from pathlib import Path

import pytest

from memeprobe.workers import asking, sandbox
from tests.app_test import app, html


@pytest.mark.slow
def test_explore_shows_at_once_and_does_no_work_again(workspace: Path) -> None:
    at = app("explore").run()
    assert not at.exception
    at.selectbox(key="example").select("captions-001").run()
    assert not at.exception
    assert "SO HAPPY" in html(at)  # read by OCR, the label of captions-001
    assert 'aria-label="Time axis of' not in html(at)  # a still
    at.button(key="ask").click().run()
    assert not at.exception
    assert "mp-answer" in html(at)
    work, asked = dict(sandbox.DONE), dict(asking.ASKED)
    at.run()
    at.segmented_control(key="language").set_value("zh").run()
    assert dict(sandbox.DONE) == work
    assert dict(asking.ASKED) == asked
    assert at.title[0].value == "探索"
    assert not at.exception


@pytest.mark.slow
def test_two_visitors_do_not_see_each_others_files(workspace: Path) -> None:
    one, two = app("explore").run(), app("explore").run()
    one.selectbox(key="example").select("captions-001").run()
    two.run()
    assert "SO HAPPY" in html(one)
    assert "SO HAPPY" not in html(two)
    assert "mp-timeline" not in html(two).split("<style>")[0]


@pytest.mark.slow
def test_a_set_is_browsed_with_its_pictures_and_they_are_made_once(workspace: Path) -> None:
    at = app("sets").run()
    assert not at.exception
    shown = html(at)
    assert 'alt="first frame of reveal-001"' in shown
    assert 'alt="last frame of reveal-012"' in shown
    assert "reveal-013" not in shown
    work = dict(sandbox.DONE)
    at.pills[0].select("reveal-002").run()
    assert {k: n - work.get(k, 0) for k, n in sandbox.DONE.items() if n != work.get(k)} == {
        "look": 1
    }
    assert 'aria-label="Time axis of' in html(at)


def test_models_load_once_in_a_process(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    monkeypatch.setattr(asking, "load_model", lambda spec, options: loads.append(spec) or object())
    asking.forget_models()
    assert asking.model_of("a") is asking.model_of("a")
    assert loads == ["a"]
    asking.forget_models()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["runs", "compare", "sets", "calibration"])
def test_pages_open_on_an_empty_workspace_and_make_no_store(page: str, workspace: Path) -> None:
    at = app(page).run()
    assert not at.exception
    assert not workspace.exists()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["runs", "compare", "calibration"])
def test_a_file_that_is_no_workspace_is_not_taken_for_an_empty_one(
    page: str, workspace: Path
) -> None:
    workspace.write_text("a shopping list, and certainly no database " * 20)
    at = app(page).run()
    assert not at.exception
    (error,) = at.error
    said = error.value.replace("\\", "")  # what strangers wrote is escaped for Markdown
    assert str(workspace) in said and "MEMEPROBE_WORKSPACE" in said
    assert not any("no runs yet" in i.value for i in at.info)


@pytest.mark.slow
def test_an_address_leads_back_to_what_was_looked_at(workspace: Path) -> None:
    at = app("explore")
    for name, value in {"k": "2", "policy": "uniform_time", "question": "Who is it?"}.items():
        at.query_params[name] = value
    at.query_params["example"], at.query_params["model"] = "captions-001", "known:blind"
    at.run()
    assert not at.exception and not at.warning
    assert at.selectbox(key="explore_model").value == "known:blind"
    assert "Who is it?" in [field.value for field in at.text_input]
    at.selectbox(key="example").select("reveal-001").run()
    assert at.query_params["example"] == "reveal-001" and at.query_params["k"] == "2"
    assert "Who is it?" not in [field.value for field in at.text_input]
    at = app("sets")
    at.query_params["set"], at.query_params["item"] = "captions", "captions-014"
    at.run()
    assert not at.exception and not at.warning
    assert at.pills[0].value == "captions-014" and at.query_params["set"] == "captions"
    at.pills[0].select("captions-013").run()
    assert at.query_params["item"] == "captions-013"
    at.selectbox(key="browse_set").select("reveal").run()
    assert not at.exception and at.query_params["set"] == "reveal"
    assert "item" not in at.query_params


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        ("explore", "example", "none-such"),
        ("sets", "set", "none-such"),
        ("sets", "item", "none-such"),
        ("sets", "mode", "none-such"),
        ("runs", "run", "none-such"),
        ("compare", "runs", "none-such"),
    ],
)
@pytest.mark.slow
def test_an_address_of_what_is_not_there_is_said(
    workspace: Path, page: str, name: str, value: str
) -> None:
    at = app(page)
    at.query_params[name] = value
    at.run()
    assert not at.exception
    assert name == "mode" or any("none-such" in w.value.replace("\\", "") for w in at.warning)

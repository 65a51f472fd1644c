"""The pages by Streamlit's own test harness: what they say, and that they do no work twice."""

import json
import re
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from memeprobe.comparison.pairing import paired
from memeprobe.conditions.presets import PRESETS
from memeprobe.conditions.table import conditions
from memeprobe.dashboard.app import PAGES
from memeprobe.dashboard.ui.texts import TEXTS, Texts
from memeprobe.messages import VERDICTS, headline, labels
from memeprobe.store.queries import FILTERS, StoreReader
from memeprobe.store.rows import ItemLabels
from memeprobe.store.schema import Pace, Trial
from memeprobe.store.store import Store
from memeprobe.workers import asking, batch, sandbox
from ocr import KEYFRAME_POLICIES
from tests.conftest import ROOT
from tests.running import run_and_analyse


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "store.sqlite"
    monkeypatch.setenv("MEMEPROBE_WORKSPACE", str(path))
    return path


def app(page: str) -> AppTest:
    module, name = PAGES[page][0].__module__, PAGES[page][0].__name__
    script = f"from {module} import {name}\n{name}()"
    return AppTest.from_string(script, default_timeout=240)


def html(at: AppTest) -> str:
    return "\n".join(h.value for h in at.html)


def test_explore_shows_at_once_and_does_no_work_again(workspace: Path) -> None:
    at = app("explore").run()
    assert not at.exception
    at.selectbox(key="example").select("captions-001").run()
    assert not at.exception
    assert 'aria-label="Time axis of' in html(at)
    assert "SO HAPPY" in html(at)  # read by OCR, the label of captions-001
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


def test_two_visitors_do_not_see_each_others_files(workspace: Path) -> None:
    one, two = app("explore").run(), app("explore").run()
    one.selectbox(key="example").select("captions-001").run()
    two.run()
    assert "SO HAPPY" in html(one)
    assert "SO HAPPY" not in html(two)
    assert "mp-timeline" not in html(two).split("<style>")[0]


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


@pytest.mark.parametrize("page", ["runs", "compare", "sets", "calibration"])
def test_pages_open_on_an_empty_workspace_and_make_no_store(page: str, workspace: Path) -> None:
    at = app(page).run()
    assert not at.exception
    assert not workspace.exists()


@pytest.mark.parametrize("page", ["runs", "compare", "calibration"])
def test_a_file_that_is_no_workspace_is_not_taken_for_an_empty_one(
    page: str, workspace: Path
) -> None:
    workspace.write_text("a shopping list, and certainly no database " * 20)
    at = app(page).run()
    assert not at.exception
    (error,) = at.error
    assert str(workspace) in error.value and "MEMEPROBE_WORKSPACE" in error.value
    assert not any("no runs yet" in i.value for i in at.info)


def filled(path: Path, outcomes: list[tuple[str, str]], model: str = "blip-nano") -> str:
    """A run of items i0, i1, ... with these (keyframes, first) outcomes."""
    with Store(path) as store:
        about = {
            f"i{n}": ItemLabels(
                cluster=f"c{n}", lure=1, options=("a", "b"), question="q?", kind="k", item_gold=0
            )
            for n in range(len(outcomes))
        }
        identity = {
            "set": "no-such-set",
            "model": model,
            "delivery": "concat",
            "k": 4,
            "policy": "captions",
            "language": "en",
            "limit": None,
            "content": "x",
            "conditions": ["first", "keyframes"],
        }
        run = store.start_run(identity, about, 2 * len(outcomes))
        rows = []
        for n, pair in enumerate(outcomes):
            for condition, outcome in zip(("keyframes", "first"), pair, strict=True):
                chosen = {"right": 0, "wrong": 1}.get(outcome)
                rows.append(
                    Trial(
                        f"i{n}", condition, outcome, chosen, 0, testable=True, intended=1, shown=1
                    )
                )
        store.save(run, rows)
    return run


def test_filters_find_their_items(workspace: Path) -> None:
    run = filled(
        workspace,
        [
            ("right", "wrong"),
            ("wrong", "wrong"),
            ("failed", "right"),
            ("unparsed", "right"),
            ("right", "failed"),
        ],
    )
    with StoreReader(workspace) as reader:
        found = {
            f: reader.items(run, f, 0, 99)[0]
            for f in ("all", "flipped", "failed", "unparsed", "wrong", "unread")
        }
        assert reader.items(run, "all", 2, 2) == (["i2", "i3"], 5)
    assert found == {
        "all": ["i0", "i1", "i2", "i3", "i4"],
        "flipped": ["i1"],
        "failed": ["i2", "i4"],
        "unparsed": ["i3"],
        "wrong": ["i1", "i2", "i3"],
        "unread": [],
    }


def test_runs_are_paired_by_item(workspace: Path) -> None:
    one = filled(
        workspace, [("right", "wrong"), ("wrong", "wrong"), ("right", "right"), ("failed", "right")]
    )
    two = filled(
        workspace,
        [("right", "wrong"), ("right", "wrong"), ("wrong", "right"), ("right", "right")],
        "other",
    )
    with StoreReader(workspace) as reader:
        rows = paired(reader.rights(one), reader.rights(two))
    whole = rows["keyframes"]
    assert (whole["difference"]["n"], whole["difference"]["value"]) == (
        3,
        0,
    )  # i3 failed in one: not counted
    assert (whole["gained"], whole["lost"]) == (["i1"], ["i2"])
    assert rows["first"]["gained"] == rows["first"]["lost"] == []
    at = app("compare").run()
    at.multiselect(key="compared").set_value([one, two]).run()
    assert not at.exception
    assert "all keyframes" in html(at)


def test_a_run_without_its_set_still_shows_verdicts_and_answers(workspace: Path) -> None:
    run = filled(workspace, [("right", "wrong")] * 3)
    at = app("runs").run()
    at.selectbox(key="run_chosen").select(run).run()
    assert not at.exception
    at.pills[0].select("i1").run()
    assert not at.exception
    assert "✓ right" in html(at)
    assert any("not at hand" in c.value for c in at.caption)


def test_the_time_of_a_run_is_told_from_what_was_timed_not_from_the_clock(workspace: Path) -> None:
    with Store(workspace) as store:
        run = store.start_run({"set": "reveal", "model": "blip-nano"}, {}, 60)
        for revision, trials, seconds in (("1", 30, 3.0), ("2", 30, 6.0)):
            store.save(
                run,
                (),
                pace=Pace("blip-nano", revision, "concat", "cpu", "reveal", trials, seconds),
            )
        store.save(run, (), pace=Pace("blip-nano", "1", "concat", "cpu", "not-reveal", 90, 900.0))
        store.save(run, (), pace=Pace("blip-nano", "1", "grid", "cpu", "reveal", 10, 900.0))
    with StoreReader(workspace) as reader:
        assert reader.pace("blip-nano", "concat", "reveal") == pytest.approx(9 / 60)
        assert reader.pace("blip-nano", "grid", "reveal") is None  # too few
        assert reader.pace("blip-nano", "concat", "captions") is None


def test_an_item_is_drawn_and_asked_again_once(workspace: Path) -> None:
    from meme_sets import load_set
    from memeprobe import jobs
    from memeprobe.experiment.spec import RunSpec

    reveal = load_set("reveal")
    spec = RunSpec("reveal", "known:fair", "native", limit=1, conditions=("keyframes", "first"))
    with Store(workspace) as store:
        run = run_and_analyse(spec, reveal, jobs.model_for("known:fair", reveal, "en"), store)
    at = app("runs")
    at.query_params["run"] = run["run"]
    at.query_params["item"] = "reveal-001"  # an address that somebody sent
    before = sandbox.DONE["item"]
    at.run()
    assert not at.exception
    assert html(at).count("as in the receipt") == 2
    at.button(key=f"again_{run['run']}_reveal-001").click().run()
    assert any("2 of 2 answers are as before" in i.value for i in at.info)
    work, asked = dict(sandbox.DONE), dict(asking.ASKED)
    assert work["item"] == before + 1
    at.run()
    at.segmented_control(key="language").set_value("zh").run()
    assert not at.exception
    assert dict(sandbox.DONE) == work
    assert dict(asking.ASKED) == asked
    assert "✓ 正确" in html(at)


def test_a_job_runs_by_itself_and_is_paused_resumed_and_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "job.py"
    script.write_text(
        "import json, sys, time, pathlib\n"
        f"mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "if mark.exists():\n    print(json.dumps({'run': 'r1'}))\nelse:\n"
        "    mark.touch()\n    time.sleep(600)\n"
    )
    monkeypatch.setattr(batch, "COMMAND", [sys.executable, str(script)])
    job = batch.start("run", ["x"], tmp_path / "s.sqlite", {"set_name": "x"})
    assert job.state == "running"
    while not (tmp_path / "mark").exists():
        time.sleep(0.05)
    assert batch.pause(job).state == "paused"
    (known,) = batch.jobs(tmp_path / "s.sqlite")
    assert known.state == "paused"
    again = batch.resume(known)
    for _ in range(200):
        if again.state != "running":
            break
        time.sleep(0.05)
    assert again.state == "finished"
    assert again.result() == {"run": "r1"}


def test_a_failed_job_says_what_went_wrong(tmp_path: Path) -> None:
    job = batch.start("run", ["no-such-set"], tmp_path / "s.sqlite", {})
    for _ in range(1200):
        if job.state != "running":
            break
        time.sleep(0.05)
    assert job.state == "failed"
    assert "no-such-set" in job.log()


def test_every_text_is_there_in_both_languages_and_used() -> None:
    # Inside an f-string the quotes are single ones.
    used = "".join(
        p.read_text("utf-8")
        for p in (ROOT / "memeprobe" / "dashboard").rglob("*.py")
        if not p.name.startswith("texts")
    ).replace("'", '"')
    built = ("policy_", "state_", "outcome_", "filter_", "preset_", "model_")
    for key, (english, chinese) in TEXTS.items():
        assert english.strip() and chinese.strip(), key
        fields = [set(re.findall(r"{(\w+)", t)) for t in (english, chinese)]
        assert fields[0] == fields[1], key
        assert f'"{key}"' in used or key.startswith(built), f"{key} is used nowhere"


@pytest.mark.parametrize(
    ("reference", "found", "plain"),
    [
        ("MOMMY", "mommy", "mommy"),
        ("HELLO", "HELO", "HEL<del>L</del>O"),
        ("别打我", "别打我们", "别打我<ins>们</ins>"),
        ("HELLO", "oh no", "<del>HELLO</del><ins>oh no</ins>"),
        ("<b>", "", "<del>&lt;b&gt;</del>"),
    ],
)
def test_differences_are_marked(reference: str, found: str, plain: str) -> None:
    from memeprobe.dashboard.ui.pictures import difference

    assert difference(reference, found) == f'<span class="mp-diff">{plain}</span>'


def test_a_run_is_started_as_it_was_chosen(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []
    monkeypatch.setattr(batch, "start", lambda *asked: begun.append(asked))
    at = app("runs").run()
    at.selectbox(key="run_policy").select("uniform_time").run()
    at.number_input(key="run_k").set_value(6).run()
    at.selectbox(key="run_language").select("zh").run()
    at.selectbox(key="run_delivery_blip-nano").select("grid").run()
    at.button(key="start_run").click().run()
    assert not at.exception
    ((kind, arguments, path, about),) = begun
    assert (kind, path) == ("run", workspace)
    assert " ".join(arguments) == (
        "reveal --model blip-nano --delivery grid --keyframes 6 --policy uniform_time "
        "--language zh --preset quick"
    )
    assert about["sample"] == 48
    at.number_input(key="run_k").set_value(1).run()
    assert not at.exception


def test_every_choice_has_a_text_and_a_new_one_keeps_its_name(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, table in (
        ("policy", KEYFRAME_POLICIES),
        ("filter", FILTERS),
        ("state", batch.STATES),
    ):
        for name in table:
            assert f"{kind}_{name}" in TEXTS, name
    assert set(labels.PRESETS) == set(PRESETS)
    monkeypatch.setitem(PRESETS, "one_more", PRESETS["quick"])
    at = app("runs").run()
    assert not at.exception
    assert at.selectbox(key="preset").options[1:] == [
        "standard: what every verdict needs, 120 items",
        "full: every condition on every item",
        "one_more: one more",
    ]


def test_verdicts_have_a_headline_without_numbers() -> None:
    for verdict, sentences in VERDICTS.items():
        for key in sentences:
            for text in headline(verdict, key):
                assert "{" not in text and len(text) < 60, (verdict, key)
    assert headline("first_frame", "flat") == ("Flat", "平坦")


def test_one_is_singular() -> None:
    assert Texts("en")("set_is_fine", n=1) == "The set is fine: 1 item."
    assert Texts("en")("set_is_fine", n=21) == "The set is fine: 21 items."
    assert Texts("zh")("set_is_fine", n=1) == "题集没有问题：1 道题。"


def test_every_condition_has_a_name_in_chinese() -> None:
    for name in conditions(2):
        head = name.partition("@")[0]
        assert name in labels.CONDITIONS or head in labels.SLOTS, name
    assert Texts("zh").condition("position@2") == "决定性一帧在第 2 位"


def test_receipts_and_answers_download_as_json(workspace: Path) -> None:
    at = app("explore").run()
    at.selectbox(key="example").select("captions-001").run()
    at.button(key="ask").click().run()
    told = json.loads(at.json[0].value)
    assert told[0]["receipt"]["frames_shown"] == 1


def test_the_picture_to_share_draws_chinese_and_marks_the_frame_that_is_followed() -> None:
    import io

    import numpy as np
    from PIL import Image

    from memeprobe.dashboard.explore import share_image

    frames = [(0, np.full((60, 80, 3), 255, np.uint8)), (7, np.full((60, 80, 3), 255, np.uint8))]
    told = {
        "question": "图上写了什么字？",
        "model": "m",
        "kind": "gif",
        "width": 80,
        "height": 60,
        "frames": 9,
        "duration_ms": 900,
        "captions": [],
        "follows": {"concat": [7]},
        "keyframes": [{"index": i, "start_ms": 100 * i, "duration_ms": 100} for i in (0, 7)],
        "first_picture": {"concat": {"text": "No.", "text_zh": "否。"}},
        "answers": [
            {"condition": c, "delivery": "concat", "text": t, "error": None}
            for c, t in (("single@1", "一"), ("single@2", "二"), ("keyframes", "二"))
        ],
    }
    picture = np.asarray(Image.open(io.BytesIO(share_image.draw(Texts("zh"), frames, told))))
    blue = (picture == (0, 0x72, 0xB2)).all(axis=2)
    columns = blue[200:380].any(axis=0).nonzero()[0]  # the frames' row: a border there
    assert columns.min() > 300  # around the second picture only
    assert (picture[40:140] < 80).all(axis=2).sum() > 500  # the question is drawn

"""The page of the runs: filters, pairs, items asked again, jobs."""

import sys
import time
from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe.comparison.pairing import paired
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.queries import StoreReader
from memeprobe.store.rows import ItemLabels
from memeprobe.store.schema import Pace, Trial
from memeprobe.store.store import Store
from memeprobe.workers import asking, batch, sandbox
from tests.app_test import app, html
from tests.running import run_and_analyse


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


@pytest.mark.slow
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
    # Parity: of 3 pairs under each of two conditions two under keyframes are other answers.
    assert any("of the answers are the same" in m.value for m in at.markdown)
    assert "p (McNemar)" in html(at)


@pytest.mark.slow
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


@pytest.mark.slow
def test_an_item_is_drawn_and_asked_again_once(workspace: Path) -> None:
    from memeprobe import jobs

    reveal = load_set("reveal")
    spec = RunSpec("reveal", "known:fair", "native", limit=1, conditions=("keyframes", "first"))
    with Store(workspace) as store:
        run = run_and_analyse(spec, reveal, jobs.model_for("known:fair", reveal, "en"), store)
    at = app("runs")
    at.query_params["run"] = run.record.run
    at.query_params["item"] = "reveal-001"  # an address that somebody sent
    before = sandbox.DONE["item"]
    at.run()
    assert not at.exception
    assert html(at).count(">as in the receipt<") == 2
    at.button(key=f"again_{run.record.run}_reveal-001").click().run()
    assert any("As before: 2 of 2 answers" in i.value for i in at.info)
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_run_that_is_not_there_is_said_and_a_comparison_has_an_address(workspace: Path) -> None:
    runs = [filled(workspace, [("right", "wrong")] * 6, model) for model in ("one", "two")]
    at = app("runs")
    at.query_params["run"] = "feedbeef"
    at.run()
    assert any("no run feedbeef" in w.value for w in at.warning)
    at = app("runs")
    at.query_params["run"] = runs[0]
    at.run()
    at.run()  # the browser may have nothing of the first: each tells it which run is open
    chosen = at.selectbox(key="run_chosen")
    assert not at.exception and not at.warning
    assert "one" in chosen.options[chosen.proto.default] and chosen.value == runs[0]
    at = app("compare")
    at.query_params["runs"] = ",".join(runs)
    at.run()
    assert not at.exception
    assert at.multiselect(key="compared").value == runs
    assert len(at.subheader) == 1


def test_asked_again_counts_what_the_run_counted() -> None:
    """The run took the likeliest option; the model's own words say another one."""
    from memeprobe.dashboard.runs.again import now
    from memeprobe.store.rows import TrialRow
    from memeprobe.workers.asking import Said
    from vlm import Answer

    row = TrialRow(
        item="i",
        condition="keyframes",
        outcome="right",
        chosen=1,
        options=("throws it", "dances"),
        logprobs=(-3.0, -0.1),
        text="throws it",
    )

    def said(text: str, logprobs: tuple[float, ...] | None) -> Said:
        return Said("keyframes", "concat", (0,), Answer(text, option_logprobs=logprobs))

    assert now(row, said("throws it", (-3.0, -0.2))) == "= dances"
    assert now(row, said("throws it", (-0.1, -3.0))) == "≠ throws it"
    assert now(row, said("throws it", None)) == "= dances"  # words as before, options not scored
    assert now(row, None) == "–"

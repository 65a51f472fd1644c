"""A run by batch files: written, answered by a stand-in, read back."""

import json
from pathlib import Path
from typing import Any

import pytest

from meme_sets import load_set
from memeprobe.store.store import Store
from tests.batch_stand_in import Rule, RuleServer, answered, row
from tests.command_line import CommandLine, command_line


@pytest.fixture
def memeprobe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> CommandLine:
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "0")
    return command_line(monkeypatch, capsys, tmp_path / "store.sqlite")


CHOSEN = ("blind", "first", "last", "keyframes")


def arguments(*more: object) -> list[object]:
    chosen = [word for name in CHOSEN for word in ("--condition", name)]
    return ["run", "reveal", "--sample", 6, "--policy", "uniform_time", *chosen, *more]


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """What a run found, without what names it."""
    return {k: result[k] for k in ("conditions", "measures", "bias_index", "verdicts", "summary")}


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["first-frame", "fair"])
def test_a_batch_read_back_gives_the_verdict_of_the_direct_run(
    subject: str, memeprobe: CommandLine, tmp_path: Path
) -> None:
    rule = Rule(load_set("reveal"), subject)
    with RuleServer(rule) as server:
        code, said, _ = memeprobe(*arguments("-m", f"server:{server.url}#toy", "--json"))
    assert code == 0
    direct = json.loads(said)
    asked = arguments("-m", "batch:openai#toy")
    code, said, error = memeprobe(*asked, "--batch-out", tmp_path / "ask", "--batch-lines", 100)
    assert (code, error) == (0, "")
    files = sorted((tmp_path / "ask").iterdir())
    assert [f.name for f in files] == [f"batch-{i + 1:04d}.jsonl" for i in range(len(files))]
    assert f"{len(files[-1].read_text().splitlines()) + 100 * (len(files) - 1)} requests" in said
    rows = answered(tmp_path / "ask", rule, tmp_path / "answers.jsonl")
    code, said, _ = memeprobe(*asked, "--batch-in", tmp_path / "answers.jsonl", "--json")
    assert code == 0
    found = json.loads(said)
    assert found["batch"]["answered"] == len(rows)
    assert found["batch"]["left"] == found["batch"]["refused"] == found["batch"]["unused"] == 0
    (result,) = found["results"]
    assert summary(result) == summary(direct)
    right = result["conditions"]["keyframes"]["accuracy"]
    assert right <= 0.5 if subject == "first-frame" else right == 1.0
    with Store.existing(tmp_path / "store.sqlite") as store:
        run = store.run(result["run"])
        assert run.done == run.planned > 0 and not store.rechecks(run.run)
        receipts = [r.receipt for r in store.outcomes(run.run) if r.receipt is not None]
    assert {r.seen.scoring for r in receipts if r.seen} == {"letters"}
    assert all("batch file (openai)" in r.seen.notes[-1] for r in receipts if r.seen)


@pytest.mark.slow
def test_part_of_the_answers_and_the_rest_later(memeprobe: CommandLine, tmp_path: Path) -> None:
    """Errors, repeats, unknown ids and lines that are none, and what is missing, are told."""
    rule = Rule(load_set("reveal"), "first-frame")
    asked = ["run", "reveal", "--limit", 3, "-c", "keyframes", "-c", "last"]
    asked += ["--policy", "uniform_time", "-m"]
    asked += ["batch:zhipu#glm"]
    ask, first = tmp_path / "ask", tmp_path / "first.jsonl"
    assert memeprobe(*asked, "--batch-out", ask)[0] == 0
    rows = answered(ask, rule, first)
    # Of the last trial one answer is missing, of the trial before it one was refused.
    kept = list(rows[:-1])
    name = json.loads(rows[-7])["custom_id"]
    kept[-6] = row(name, {"error": {"code": "1301", "message": "unsafe content"}}, 400)
    strange = [row("other-1", {"choices": []}), "{", rows[0]]
    first.write_text("\n".join([*kept, *strange]) + "\n", "utf-8")
    code, said, _ = memeprobe(*asked, "--batch-in", first, "--batch-out", tmp_path / "rest")
    assert code == 0
    for words in (
        f"{len(rows) - 2} answers read",
        "1 refused by the server",
        "1 given twice",
        "1 with an id that is not memeprobe's",
        f"1 lines hold no answer, the first: first.jsonl, line {len(rows) + 1}: no JSON",
        "1 requests are left to ask",
    ):
        assert words in said
    assert "400: unsafe content" in said  # a problem of the run
    with Store.existing(tmp_path / "store.sqlite") as store:
        (run,) = store.runs()
        assert run.outcomes.get("failed") == 1 and run.done == run.planned - 1
    # What was refused is asked again with what is left.
    again = tmp_path / "again"
    assert memeprobe(*asked, "--batch-out", again)[0] == 0
    names = {json.loads(line)["custom_id"] for line in (again / "batch-0001.jsonl").open()}
    assert {name, json.loads(rows[-1])["custom_id"]} <= names
    answered(again, rule, tmp_path / "second.jsonl")
    code, said, _ = memeprobe(*asked, "--batch-in", tmp_path / "second.jsonl", "--json")
    assert code == 0 and json.loads(said)["batch"]["left"] == 0
    with Store.existing(tmp_path / "store.sqlite") as store:
        (run,) = store.runs()
        assert run.done == run.planned and "failed" not in run.outcomes


@pytest.mark.slow
def test_without_log_probabilities_the_options_are_listed_in_a_second_batch(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    rule = Rule(load_set("reveal"), "fair", logprobs=False)
    asked = ["run", "reveal", "--limit", 2, "-c", "keyframes", "-m", "batch:dashscope#qwen"]
    asked += ["--policy", "uniform_time"]
    first, second = tmp_path / "1", tmp_path / "2"
    assert memeprobe(*asked, "--batch-out", first)[0] == 0
    code, said, error = memeprobe(*asked, "--batch-in", first)  # the requests are no answers
    assert (code, error) == (0, "") and "0 answers read" in said and "--batch-out FOLDER" in said
    answered(first, rule, tmp_path / "1.jsonl")
    code, said, _ = memeprobe(*asked, "--batch-in", tmp_path / "1.jsonl", "--batch-out", second)
    assert code == 0 and "are left to ask" in said
    answered(second, rule, tmp_path / "2.jsonl")
    more = ["--batch-in", tmp_path / "2.jsonl", "--batch-in", tmp_path / "1.jsonl", "--json"]
    code, said, _ = memeprobe(*asked, *more)
    (result,) = json.loads(said)["results"]
    assert result["conditions"]["keyframes"]["accuracy"] == 1.0
    with Store.existing(tmp_path / "store.sqlite") as store:
        rows = store.outcomes(result["run"])
    assert all(r.rotations is not None and r.logprobs is None for r in rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "batch:openai#m"], "give --batch-out FOLDER"),
        (["-m", "blip-nano", "--batch-out", "x"], "go with a model that is asked by files"),
        (["-m", "batch:other#m", "--batch-out", "x"], "unknown form of batch files 'other'"),
        (["-m", "batch:openai", "--batch-out", "x"], "names no model"),
        (["-m", "batch:vllm#m", "--batch-in", "none.jsonl"], "cannot read none.jsonl"),
        (["-m", "batch:vllm#m", "--batch-out", "x", "--device", "cpu"], "has no meaning"),
        (["-m", "batch:vllm#m", "--batch-out", "x", "--judge", "batch:vllm#m"], "cannot judge"),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str],
    said: str,
    memeprobe: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, error = memeprobe("run", "reveal", "--limit", 1, *words)
    assert code == 2 and said in error and error.count("\n") == 1

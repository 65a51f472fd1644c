"""A run by batch files: written, answered by a stand-in, read back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meme_sets import load_set
from memeprobe.store.store import Store
from tests.batch_stand_in import Rule, RuleServer, answered, pixels, row
from tests.command_line import CommandLine, command_line
from vlm import ModelError, Query, load_model
from vlm.server.batch import FORMS, BatchModel
from vlm.server.batch_files import BatchFiles, BatchWriter, Replies

OPTIONS = ("a cat", "a dog")


@pytest.fixture
def memeprobe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> CommandLine:
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "0")
    return command_line(monkeypatch, capsys, tmp_path / "store.sqlite")


CHOSEN = ("blind", "first", "last", "keyframes")


def arguments(*more: object) -> list[object]:
    chosen = [word for name in CHOSEN for word in ("--condition", name)]
    return ["run", "reveal", "--sample", 6, *chosen, *more]


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
    asked = ["run", "reveal", "--limit", 3, "-c", "keyframes", "-c", "last", "-m"]
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
    first, second = tmp_path / "1", tmp_path / "2"
    assert memeprobe(*asked, "--batch-out", first)[0] == 0
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


def batch_model(form: str = "openai", **how: Any) -> BatchModel:
    model = load_model(f"batch:{form}#m", **how)
    assert isinstance(model, BatchModel)
    return model


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)


def requests(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for p in sorted(folder.iterdir()) for line in p.open()]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_its_path_and_fields(form: str, tmp_path: Path) -> None:
    model = batch_model(form)
    with BatchWriter(tmp_path / form, 9, 10**6) as writer:
        model.files = BatchFiles(writer=writer)
        (answer,) = model.answer([Query((noise(0), noise(1)), "What?", OPTIONS)])
    assert answer.later and answer.text is None
    free, *turns = requests(tmp_path / form)
    assert free["url"] == ("/v4" if form == "zhipu" else "/v1") + "/chat/completions"
    bound = "max_completion_tokens" if form == "openai" else "max_tokens"
    assert set(free["body"]) == {"model", "messages", bound, "temperature"}
    assert free["body"]["model"] == "m" and free["body"][bound] == 20
    *parts, text = free["body"]["messages"][0]["content"]
    assert text == {"type": "text", "text": "What?"}
    assert [pixels(p["image_url"]["url"]).tolist() for p in parts] == [
        noise(0).tolist(),
        noise(1).tolist(),
    ]
    assert [t["body"]["logprobs"] for t in turns] == [True, True] and turns[0] != turns[1]


def test_frames_go_as_one_video_where_the_form_has_one(tmp_path: Path) -> None:
    query = Query((noise(0), noise(1)), "What?", (), "video", times=(0.0, 0.5))
    model = batch_model("vllm")
    with BatchWriter(tmp_path / "v", 9, 10**6) as writer:
        model.files = BatchFiles(writer=writer)
        model.answer([query])
    (request,) = requests(tmp_path / "v")
    assert request["body"]["messages"][0]["content"][0]["type"] == "video_url"
    assert request["body"]["media_io_kwargs"]["video"]["frames_indices"] == [0, 1]
    other = batch_model("openai")
    other.files = BatchFiles()
    (answer,) = other.answer([query])
    assert "does not support the delivery 'video'" in (answer.error or "") and not answer.later


def test_jpeg_is_smaller_and_another_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = batch_model()
    monkeypatch.setenv("MEMEPROBE_SERVER_PICTURES", "jpeg")
    model = batch_model()
    assert model.revision == f"{plain.revision}-jpeg"
    with BatchWriter(tmp_path / "j", 9, 10**6) as writer:
        model.files = BatchFiles(writer=writer)
        model.answer([Query((noise(0),), "What?")])
    (request,) = requests(tmp_path / "j")
    url = request["body"]["messages"][0]["content"][0]["image_url"]["url"]
    assert url.startswith("data:image/jpeg;base64,") and pixels(url).shape == (24, 32, 3)
    monkeypatch.setenv("MEMEPROBE_SERVER_PICTURES", "gif")
    with pytest.raises(ModelError, match="must be one of png, jpeg"):
        batch_model()


def test_files_are_split_by_lines_and_by_bytes(tmp_path: Path) -> None:
    def line(i: int) -> dict[str, Any]:
        return {"custom_id": f"memeprobe-{i}", "body": "x" * 50}

    long = len(json.dumps(line(0), separators=(",", ":"))) + 1
    with BatchWriter(tmp_path / "lines", 3, 10**6) as writer:
        for i in (*range(7), 2):  # what was written is not written again
            writer.add(line(i))
    assert [len(p.read_text().splitlines()) for p in writer.files] == [3, 3, 1]
    with BatchWriter(tmp_path / "bytes", 99, 2 * long) as writer:
        for i in range(5):
            writer.add(line(i))
        with pytest.raises(ModelError, match=r"one request has .* bytes and a file may have"):
            writer.add({"custom_id": "memeprobe-9", "body": "x" * 2 * long})
    assert [p.stat().st_size for p in writer.files] == [2 * long, 2 * long, long]
    with pytest.raises(ModelError, match=r"holds requests already .*batch-0001"):
        BatchWriter(tmp_path / "bytes", 9, 99)


def test_a_file_that_was_not_finished_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), BatchWriter(tmp_path / "cut", 1, 999) as writer:
        writer.add({"custom_id": "memeprobe-1"})
        writer.add({"custom_id": "memeprobe-2"})
        raise KeyboardInterrupt
    assert [p.name for p in (tmp_path / "cut").iterdir()] == ["batch-0001.jsonl"]


BAD: dict[str, Callable[[str], str]] = {
    "vllm error": lambda name: json.dumps(
        {"custom_id": name, "response": None, "error": {"message": "too long", "code": 400}}
    ),
    "dashscope error": lambda name: json.dumps(
        {"custom_id": name, "response": None, "error": {"code": "X", "message": "too long"}}
    ),
    "status": lambda name: row(name, {"error": {"message": "too long"}}, 500),
    "no choices": lambda name: row(name, {"message": "too long"}),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_error_is_no_answer_and_an_answer_elsewhere_wins(kind: str, tmp_path: Path) -> None:
    model = batch_model()
    query = Query((), "What?")
    model.files = BatchFiles()
    model.answer([query])
    (name,) = model.files.left
    file = tmp_path / "out.jsonl"
    file.write_text(BAD[kind](name) + "\n", "utf-8")
    model.files = BatchFiles(Replies.of([file]))
    (answer,) = model.answer([query])
    assert not answer.later and "too long" in (answer.error or "")
    good = row(name, {"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]})
    with file.open("a") as out:
        out.write(f"{good}\n")
    model.files = BatchFiles(Replies.of([file]))
    (answer,) = model.answer([query])
    assert answer.text == "ok" and answer.error is None


def test_a_thought_is_kept_apart_and_room_is_given(tmp_path: Path) -> None:
    from vlm import LoadOptions

    model = batch_model(options=LoadOptions(max_new_tokens=512, server_body='{"seed": 7}'))
    with BatchWriter(tmp_path / "t", 9, 10**6) as writer:
        model.files = BatchFiles(writer=writer)
        model.answer([Query((), "What?")])
    (request,) = requests(tmp_path / "t")
    assert request["body"]["max_completion_tokens"] == 512 and request["body"]["seed"] == 7
    said = {"content": "<think>a dog?</think>a cat"}
    body = {"choices": [{"message": said, "finish_reason": "stop"}]}
    (tmp_path / "o.jsonl").write_text(row(request["custom_id"], body), "utf-8")
    model.files = BatchFiles(Replies.of([tmp_path / "o.jsonl"]))
    (answer,) = model.answer([Query((), "What?")])
    assert answer.text == "a cat" and answer.receipt is not None
    assert answer.receipt.seen is not None and answer.receipt.seen.thought == "a dog?"


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

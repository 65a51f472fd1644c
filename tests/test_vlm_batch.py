"""Batch files: what each form's requests hold, how files are split, and what is read back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.batch_stand_in import pixels, row
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.server.batch import FORMS, BatchModel
from vlm.server.batch_files import BatchFiles, BatchWriter, Replies

OPTIONS = ("a cat", "a dog")


def batch_model(form: str = "openai", **how: Any) -> BatchModel:
    model = load_model(f"batch:{form}#m", **how)
    assert isinstance(model, BatchModel)
    return model


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)


def requests(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for p in sorted(folder.iterdir()) for line in p.open()]


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if form.weighs])
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


def test_a_model_without_files_says_how_it_is_asked() -> None:
    (answer,) = batch_model().answer([Query((), "What?")])
    assert answer.text is None and not answer.later
    assert "--batch-out FOLDER writes them" in (answer.error or "")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"^cannot write to .*file/deep: Not a directory$"):
        BatchWriter(tmp_path / "file" / "deep", 9, 99)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"empty holds no file with answers \(.jsonl"):
        Replies.of([tmp_path / "empty"])


def test_lines_that_hold_no_answer_are_told_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vlm.server.batch_files.MOST_BYTES", 400)
    good = row("memeprobe-1", {"choices": [{"message": {"content": "ok"}}]})
    long = row("memeprobe-2", {"choices": [{"message": {"content": "x" * 350}}]})
    assert len(good) < 400 < len(long) < 800
    file = tmp_path / "out.jsonl"
    file.write_text("\n".join(["{half", "[1]", '{"response": 1}', long, "", good, ""]), "utf-8")
    found = Replies.of([file])
    assert list(found.answered) == ["memeprobe-1"] and found.reply("memeprobe-1") is not None
    said = [broken.partition(": ")[2] for broken in found.broken]
    assert said == ["no JSON", "no JSON object", "no custom_id", "longer than 400 bytes", "no JSON"]

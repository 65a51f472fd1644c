"""The LAVIS worker: its HTTP layer with the stand-in model, and LAVIS itself where it is.

The second part needs a Python with LAVIS (docs/lavis.md): set MEMEPROBE_LAVIS_PYTHON to it.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.not_none import not_none
from tests.test_vlm_contract import picture
from vlm import ModelError, Query, load_model

ROOT = Path(__file__).resolve().parent.parent
SERVE = ROOT / "vlm" / "lavis_worker" / "serve.py"
LAVIS = os.environ.get("MEMEPROBE_LAVIS_PYTHON")


class Worker:
    """The program in a process of its own."""

    def __init__(self, python: str, *arguments: str, folder: Path) -> None:
        command = [python, str(SERVE), "--port", "0", *arguments]
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        for line in not_none(self.process.stdout):
            if line.startswith("serving "):
                self.url = line.split()[-1]
                return
        self.log.seek(0)
        raise RuntimeError(self.log.read())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    running = Worker(sys.executable, "--model", "echo", folder=tmp_path_factory.mktemp("echo"))
    yield running
    running.stop()


def post(
    worker: Worker, body: Any, path: str = "/chat/completions", **more: Any
) -> tuple[int, str]:
    reply = httpx2.post(worker.url + path, **({"json": body} | more))
    return reply.status_code, reply.json().get("error", {}).get("message", "")


def body(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"model": "echo", "messages": [{"role": "user", "content": list(parts)}], **more}


TEXT = {"type": "text", "text": "what ?"}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
    "DwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def image(url: str = PIXEL) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def test_it_imports_nothing_of_the_project() -> None:
    tree = ast.parse(SERVE.read_text(encoding="utf-8"))
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    outside = {n.split(".")[0] for n in names} - set(sys.stdlib_module_names)
    assert outside == {"PIL", "torch", "lavis", "omegaconf"}


@pytest.mark.slow
def test_the_server_adapter_asks_it_like_any_other(worker: Worker) -> None:
    model = load_model(f"server:{worker.url}#echo")
    images = (picture(1), picture(2))  # 41 and 42 pixels high, 50 wide
    asked = [
        Query(images[:1], "what ?", ("a", "b")),
        Query(images, "end ?", (), "first_only"),
        Query((), "why ?"),
        Query(images, "what ?", (), "vote"),
    ]
    answers = model.answer(asked)
    assert [a.text for a in answers[:3]] == ["(50, 41) what ?", "(50, 41) end ?", "None why ?"]
    assert answers[0].option_logprobs is None
    assert not_none(answers[3].receipt).n_images == 2


def test_several_pictures_at_once_are_refused_with_what_to_do(worker: Worker) -> None:
    model = load_model(f"server:{worker.url}#echo")
    several, one = model.answer([Query((picture(1), picture(2)), "a ?"), Query((), "b ?")])
    assert "400: models of LAVIS take one picture at a time, got 2; deliver" in not_none(
        several.error
    )
    assert one.error is None


def test_a_wrong_name_lists_the_right_one(worker: Worker) -> None:
    with pytest.raises(ModelError, match=r"no model 'blip2_opt'.*It has: echo"):
        load_model(f"server:{worker.url}#blip2_opt")


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        (body(TEXT) | {"model": "other"}, 404, "no model 'other'; there is 'echo'"),
        ({"model": "echo"}, 400, "messages must be a list"),
        (body(TEXT, logprobs=True), 400, "logprobs is not supported"),
        (body(TEXT, max_tokens=-1), 400, "max_tokens must be a positive whole number"),
        (body(TEXT, image("http://10.0.0.1/x.png")), 400, "must be a data URL"),
        (body(TEXT, image("data:image/png;base64,@@@@")), 400, "no valid base64"),
        (body(TEXT, image(PIXEL[:-40])), 400, "cannot be decoded"),
        ([1, 2], 400, "must be a JSON object"),
    ],
    ids=["model", "no messages", "logprobs", "length", "url", "base64", "picture", "no object"],
)
def test_bad_requests_are_answered_with_the_reason(
    worker: Worker, sent: Any, status: int, said: str
) -> None:
    got, message = post(worker, sent)
    assert got == status
    assert said in message


def test_broken_json_and_unknown_routes(worker: Worker) -> None:
    assert post(worker, None, json=None, content=b"{")[0] == 400
    assert post(worker, body(TEXT), "/completions") == (
        404,
        "no route /v1/completions; there is /v1/chat/completions",
    )
    assert post(worker, body(TEXT, image()))[0] == 200


def make_blip_caption(folder: Path) -> Path:
    """LAVIS's BlipCaption with random weights and 30 words, all in local files."""
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "a",
        "picture",
        "of",
        "cat",
        "dog",
        "red",
        "blue",
        *(f"word{i}" for i in range(18)),
    ]
    tokenizer = folder / "bert-base-uncased"
    tokenizer.mkdir()
    (tokenizer / "vocab.txt").write_text("\n".join(words) + "\n")
    bert = {
        "architectures": ["BertModel"],
        "hidden_size": 768,
        "num_attention_heads": 12,
        "num_hidden_layers": 2,
        "intermediate_size": 512,
        "vocab_size": len(words) + 2,
        "add_cross_attention": True,
        "encoder_width": 768,
        "max_position_embeddings": 64,
        "pad_token_id": 0,
        "type_vocab_size": 2,
        "add_type_embeddings": False,
    }
    (folder / "bert.json").write_text(json.dumps(bert))
    import torch

    torch.save({"model": {}}, folder / "nothing.pth")  # loaded loosely: weights stay random
    settings = {
        "model": {
            "arch": "blip_caption",
            "load_finetuned": True,
            "finetuned": str(folder / "nothing.pth"),
            "vit_type": "base",
            "image_size": 64,
            "med_config_path": str(folder / "bert.json"),
            "prompt": "a picture of ",
        },
        "preprocess": {
            "vis_processor": {"eval": {"name": "blip_image_eval", "image_size": 64}},
            "text_processor": {"eval": {"name": "blip_caption"}},
        },
    }
    (folder / "blip_caption.yaml").write_text(json.dumps(settings))  # JSON is YAML
    return folder / "blip_caption.yaml"


@pytest.mark.skipif(not LAVIS, reason="MEMEPROBE_LAVIS_PYTHON names no Python with LAVIS")
def test_lavis_itself_describes_a_picture(tmp_path: Path) -> None:
    config = make_blip_caption(tmp_path)
    worker = Worker(
        not_none(LAVIS), "--model", "blip_caption", "--config", str(config), folder=tmp_path
    )
    try:
        model = load_model(f"server:{worker.url}#blip_caption")
        query = Query((picture(1),), "Describe this picture.")
        first, again, several = model.answer(
            [query, query, Query((picture(1), picture(2)), "what ?")]
        )
        assert first.error is None
        known = {"a", "picture", "of", "cat", "dog", "red", "blue"}
        assert all(w in known or w.startswith("word") for w in not_none(first.text).split())
        assert first.text == again.text != ""
        assert "one picture at a time" in not_none(several.error)
    finally:
        worker.stop()

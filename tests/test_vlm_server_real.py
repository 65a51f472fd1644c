"""The server adapter against real servers in processes of their own.

``transformers serve`` needs fastapi, uvicorn and openai beside transformers: set
MEMEPROBE_SERVE_PYTHON to a Python that has them. llama.cpp needs xllamacpp and gguf:
MEMEPROBE_LLAMA_PYTHON. docs/servers.md says how; without one its tests are skipped.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.not_none import not_none
from tests.test_vlm_contract import picture
from tests.tiny_chat import make_chat
from vlm import LoadOptions, Query, load_model

PYTHON = os.environ.get("MEMEPROBE_SERVE_PYTHON")
served = pytest.mark.skipif(
    not PYTHON, reason="MEMEPROBE_SERVE_PYTHON names no Python with transformers[serving]"
)
OPTIONS = ("a cat", "a dog", "the end")
ASKED = "what is shown here?"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_chat("llava", tmp_path_factory.mktemp("served"))


@pytest.fixture
def process(folder: Path, tmp_path: Path) -> Iterator[Any]:
    port = free_port()
    command = [
        str(PYTHON),
        "-m",
        "transformers.cli.transformers",
        "serve",
        str(folder),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    settings = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(command, env=settings, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            httpx2.get(url + "/health")
            break
        except httpx2.TransportError:
            assert running.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.5)
    yield running, f"server:{url}/v1#{folder}"
    running.kill()
    running.wait()


@served
def test_a_served_checkpoint_answers_as_the_same_checkpoint_here(
    process: Any, folder: Path
) -> None:
    """Pictures through PNG and HTTP give the same greedy words as the adapter for chat models."""
    there, here = load_model(process[1]), load_model(str(folder), LoadOptions("cpu"))
    # Square: of others the adapter here pads what the processor would cut off, a server does not.
    images = tuple(picture(i)[:32, :32] for i in range(3))
    asked = [
        Query(images[:n], "what is shown here ?", (), d) for d in there.deliveries for n in (1, 3)
    ]
    far, near = there.answer(asked), here.answer(asked)
    assert [a.error for a in far] == [None] * len(asked)
    assert [a.text for a in far] == [a.text for a in near]
    assert [not_none(a.receipt).images for a in far] == [not_none(a.receipt).images for a in near]


@served
def test_a_server_that_dies_fails_the_query_with_a_clear_line(
    process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_LONGEST_WAIT", "0.05")
    running, spec = process
    model = load_model(spec)
    running.kill()
    running.wait()
    (answer,) = model.answer([Query((picture(1),), "what is shown here ?")])
    assert answer.text is None
    assert "cannot connect to http://127.0.0.1:" in not_none(answer.error)


@served
def test_it_has_no_logprobs_and_the_adapter_goes_on_without(process: Any) -> None:
    model: Any = load_model(process[1])
    (answer,) = model.answer([Query((picture(1),), "what is shown here ?", ("a cat", "no"))])
    assert (answer.error, answer.option_logprobs, model.logprobs) == (None, None, False)

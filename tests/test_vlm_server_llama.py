"""The server adapter against llama.cpp; docs/servers.md says how to lay it out."""

import base64
import io
import json
import math
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.not_none import not_none
from tests.test_vlm_contract import picture
from tests.test_vlm_server_real import ASKED, OPTIONS
from vlm import ModelError, Query, load_model

LLAMA = os.environ.get("MEMEPROBE_LLAMA_PYTHON")


llama = pytest.mark.skipif(
    not LLAMA, reason="MEMEPROBE_LLAMA_PYTHON names no Python with xllamacpp and gguf"
)


@contextmanager
def llama_process(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A llama.cpp server with a small random model, and its address."""
    folder.mkdir(exist_ok=True)
    command = [str(LLAMA), str(Path(__file__).with_name("llama_server.py")), str(folder), *more]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
    try:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        assert url, (folder / "log").read_text()
        yield running, url
    finally:
        running.kill()
        running.wait()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llama_process(tmp_path_factory.mktemp("llama")) as (_, url):
        yield url


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    """Plain HTTP, nothing of the project."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def wait_until_busy(url: str) -> None:
    for _ in range(1000):
        if any(slot["is_processing"] for slot in ask(url + "/slots")):
            return
        time.sleep(0.02)
    raise AssertionError("the server never began")


def letter_questions() -> list[tuple[list[str], str]]:
    """Every option once under every letter, and the question in words."""
    orders = [list(OPTIONS), ["a dog", "the end", "a cat"], ["the end", "a cat", "a dog"]]
    return [
        (o, f"{ASKED}\nA. {o[0]}\nB. {o[1]}\nC. {o[2]}\nAnswer with the letter only.")
        for o in orders
    ]


@llama
@pytest.mark.parametrize("n_images", [0, 1, 2])
def test_llama_scores_are_those_of_a_plain_request(url: str, n_images: int) -> None:
    """The mean over the turns of each letter's chance among the tokens that the server lists."""
    images = tuple(picture(i) for i in range(n_images))
    parts = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        data = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
        parts.append({"type": "image_url", "image_url": {"url": data}})
    chances = dict.fromkeys(OPTIONS, 0.0)
    for order, text in letter_questions():
        content = [*parts, {"type": "text", "text": text}]
        reply = ask(
            url + "/v1/chat/completions",
            {
                "model": "tiny",
                "messages": [{"role": "user", "content": content}],
                "max_tokens": 1,
                "temperature": 0,
                "logprobs": True,
                "top_logprobs": 20,
            },
        )
        top = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        assert len(top) == 20
        for letter, option in zip("ABC", order, strict=True):
            got = [math.exp(row["logprob"]) for row in top if row["token"].strip() == letter]
            assert got, (letter, top)
            chances[option] += sum(got) / 3
    (answer,) = load_model(f"server:{url}/v1").answer([Query(images, ASKED, OPTIONS)])
    assert answer.error is None
    assert not_none(answer.receipt).n_images == n_images
    expected = [math.log(chances[option]) for option in OPTIONS]
    assert answer.option_logprobs == pytest.approx(expected, abs=1e-4)
    assert len({round(v, 3) for v in not_none(answer.option_logprobs)}) == 3


@llama
def test_llama_scores_are_chances_over_the_whole_vocabulary(url: str) -> None:
    """llama.cpp's own endpoint gives every token's chance, of which 20 tokens are a part."""
    model = load_model(f"server:{url}/v1")
    (answer,) = model.answer([Query((), ASKED, OPTIONS)])
    chances = dict.fromkeys(OPTIONS, 0.0)
    for order, text in letter_questions():
        asked = {
            "prompt": f"user: {text}\nassistant:",
            "n_predict": 1,
            "n_probs": 500,
            "temperature": 0,
        }
        every = ask(url + "/completion", asked)["completion_probabilities"][0]["top_logprobs"]
        assert len(every) > 300
        assert sum(math.exp(row["logprob"]) for row in every) == pytest.approx(1, abs=1e-5)
        for letter, option in zip("ABC", order, strict=True):
            found = [math.exp(r["logprob"]) for r in every if r["token"].strip() == letter]
            assert len(found) == 3  # as a letter, with a space before it, and as a byte
            chances[option] += sum(found) / 3
    shown = [math.exp(v) for v in not_none(answer.option_logprobs)]
    assert shown == pytest.approx(list(chances.values()), abs=0.01)
    assert 0.1 < sum(shown) < sum(chances.values()) + 1e-4 < 1


@llama
def test_llama_answers_freely_and_sees_the_pictures(url: str) -> None:
    model = load_model(f"server:{url}/v1")
    shown = [(), (picture(1),), (picture(2),), (picture(1), picture(2))]
    answers = model.answer([Query(images, ASKED) for images in shown])
    said = ask(
        url + "/v1/chat/completions",
        {
            "messages": [{"role": "user", "content": ASKED}],
            "max_tokens": 20,
            "temperature": 0,
        },
    )
    assert [a.error for a in answers] == [None] * 4
    assert answers[0].text == said["choices"][0]["message"]["content"].strip()
    assert len({a.text for a in answers}) == 4


@llama
def test_llama_unknown_model_is_refused_before_any_question(url: str) -> None:
    """llama.cpp itself answers whatever name it is asked for."""
    with pytest.raises(ModelError, match="has no model 'tyni'; did you mean 'tiny'"):
        load_model(f"server:{url}/v1#tyni")


@llama
def test_llama_refusals_fail_alone_and_at_once_in_the_servers_words(
    url: str, tmp_path: Path
) -> None:
    model = load_model(f"server:{url}/v1")
    long, short = model.answer([Query((), "what " * 20000), Query((), ASKED)])
    assert (long.text, short.error) == (None, None)
    assert "answered 400: request (20015 tokens) exceeds the available context" in not_none(
        long.error
    )
    with llama_process(tmp_path / "blind", "--blind") as (_, blind_url):
        blind = load_model(f"server:{blind_url}/v1")
        began = time.monotonic()
        seen, unseen = blind.answer([Query((picture(1),), ASKED), Query((), ASKED)])
        assert time.monotonic() - began < 30
    assert (seen.text, unseen.error) == (None, None)
    assert "answered 500: image input is not supported" in not_none(seen.error)
    assert "given up" not in not_none(seen.error)


@llama
def test_llama_slow_answer_fails_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_TIMEOUT", "1")
    monkeypatch.setenv("MEMEPROBE_SERVER_ATTEMPTS", "2")
    monkeypatch.setenv("MEMEPROBE_SERVER_LONGEST_WAIT", "0.05")
    model = load_model(f"server:{url}/v1")
    slow, quick = model.answer(
        [Query((), ASKED, max_new_tokens=16000), Query((), ASKED, max_new_tokens=3)]
    )
    assert (slow.text, quick.error) == (None, None)
    assert "gave no answer within 1 s; MEMEPROBE_SERVER_TIMEOUT sets more" in not_none(slow.error)
    assert "given up after 2 tries" in not_none(slow.error)


@llama
@pytest.mark.parametrize("comes_back", [False, True])
def test_llama_killed_in_the_middle_of_an_answer(
    comes_back: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone for good, that one query waits for it; started again on its port, it is answered."""
    monkeypatch.setenv("MEMEPROBE_SERVER_ATTEMPTS", "3")
    monkeypatch.setenv("MEMEPROBE_SERVER_PATIENCE", "60" if comes_back else "0.5")
    monkeypatch.setenv("MEMEPROBE_SERVER_LONGEST_WAIT", "0.5")
    got = []
    with llama_process(tmp_path / "first") as (running, url):
        model = load_model(f"server:{url}/v1")
        (before,) = model.answer([Query((), ASKED)])
        long = Query((), ASKED, max_new_tokens=2000)
        asking = threading.Thread(target=lambda: got.extend(model.answer([long])))
        asking.start()
        wait_until_busy(url)
        running.kill()
        running.wait()
        assert asking.is_alive()  # it has no answer and tries again
    if comes_back:
        with llama_process(tmp_path / "again", "--port", url.rpartition(":")[2]):
            asking.join(60)
    asking.join(60)
    (cut,) = got
    if comes_back:
        assert cut.error is None
        assert not_none(cut.text).startswith(not_none(before.text))
    else:
        assert (before.error, cut.text) == (None, None)
        assert f"cannot connect to {url}/v1; is the server running?" in not_none(cut.error)
        assert cut.gone and "times in a row" in not_none(cut.error)

"""The REST service as its users meet it: a process of its own, asked over HTTP."""

import concurrent.futures
import hashlib
import io
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
from PIL import Image

import memeprobe as mp
from frames import open_clip
from meme_sets import load_set
from memeprobe.store.store import Store

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')

TOKEN = "a-token-of-the-tests-0123456789"


class Served:
    """A service in a process of its own."""

    def __init__(self, workspace: Path, *options: str, tokens: str = "") -> None:
        command = [sys.executable, "-m", "memeprobe", "serve", "--port", "0", *options]
        environment = {**os.environ, "MEMEPROBE_SERVICE_TOKENS": tokens}
        self.workspace = workspace
        self.process = subprocess.Popen(
            [*command, "--workspace", str(workspace)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        self.url = found.group()

    def end(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    service = Served(tmp_path_factory.mktemp("service") / "memeprobe.sqlite")
    yield service
    service.end()


@pytest.fixture
def client(served: Served) -> Iterator[mp.Client]:
    with mp.Client(served.url) as found:
        yield found


@pytest.fixture(scope="module")
def stored(served: Served) -> str:
    """The id of a run, without which there is no store to ask."""
    with mp.Client(served.url) as client:
        return client.run("reveal", "known:first-frame", limit=6).wait(seconds=300).id


def gif(seed: int, frames: int = 5) -> bytes:
    """A GIF of flat colours that no other seed has."""
    drawn = np.random.default_rng(seed)
    colours = drawn.integers(0, 255, (frames, 3))
    pictures = [Image.new("RGB", (40 + seed, 30), tuple(map(int, c))) for c in colours]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=100)
    return buffer.getvalue()


def uploaded(client: mp.Client, tmp_path: Path, data: bytes, name: str = "a.gif") -> Any:
    path = tmp_path / name
    path.write_bytes(data)
    return client.open_clip(path)


def test_a_clip_comes_back_as_the_local_api_has_it(client: mp.Client, tmp_path: Path) -> None:
    meme_set = load_set("captions")
    item = meme_set.items[2]
    path = meme_set.media_path(item)
    clip, local = client.open_clip(path), open_clip(path)
    assert clip.about["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert clip.about["frames"] == len(local.timings)
    assert [tuple(t) for t in clip.about["timings"]] == list(local.timings)
    assert [k["index"] for k in clip.keyframes(3)] == [f.index for f in mp.keyframes(local, 3)]
    assert [c["text"] for c in clip.captions()] == [t.text for t in mp.captions(local)]
    picture = np.asarray(Image.open(io.BytesIO(clip.frame(0))))
    assert (picture == local.frames([0])[0].pixels).all()
    small = Image.open(io.BytesIO(clip.frame(0, "webp", side=32)))
    assert (small.format, max(small.size)) == ("WEBP", 32)
    assert client.clip_of("captions", item.id).about["sha256"] == clip.about["sha256"]


def test_answers_stream_and_end_with_what_they_show(client: mp.Client) -> None:
    clip = client.clip_of("reveal", "reveal-001")
    question = load_set("reveal").items[0].question
    assert question is not None
    events = list(
        client.events(
            "POST", f"{clip.path}/ask", json={"model": "blip-nano", "question": question.en, "k": 3}
        )
    )
    names = [name for name, _ in events]
    assert names == ["plan", *["answer"] * events[0][1]["answers"], "result"]
    assert {d["condition"] for n, d in events if n == "answer"} >= {"single@1", "keyframes"}
    assert all(d["receipt"]["frames_shown"] >= 1 for n, d in events if n == "answer")
    (found,) = events[-1][1]["first_picture"].values()
    assert found["only_first"] in {"yes", "no", "cannot_tell"}
    path = load_set("reveal").media_path(load_set("reveal").items[0])
    local = mp.look(path, mp.load_model("blip-nano"), question.en, k=3)
    said = {d["condition"]: d["text"] for n, d in events if n == "answer"}
    assert said == {a.condition: a.text for a in local.answers}


def test_a_run_is_started_watched_and_read_and_the_store_has_it(
    client: mp.Client, served: Served, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    job = client.run("reveal", "known:first-frame", limit=6)
    run = job.wait(lambda done, planned: seen.append((done, planned)), seconds=300)
    assert seen[-1][0] == seen[-1][1] > 0
    assert run.verdicts["first_frame"]["key"]
    with Store(served.workspace) as store:  # what the pages and the command line read
        assert store.run(run.id).model == run.result["model"]
    page = run.report(tmp_path / "report.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>") and run.id in page
    rows = run.export("csv", tmp_path / "run.csv").read_text("utf-8").splitlines()
    assert len(rows) > 6 and "reveal-001" in rows[1]
    assert run.id in [row["run"] for row in client.list_runs()]
    assert [j.about["state"] for j in client.jobs() if j.id == job.id] == ["finished"]
    assert client.open_run(run.id[:8]).id == run.id


def test_the_same_run_is_not_begun_twice_and_can_be_cancelled(client: mp.Client) -> None:
    first = client.run("order", "known:fair")
    second = client.run("order", "known:fair")
    assert second.id == first.id
    assert first.cancel()["state"] in {"cancelled", "finished"}
    other = client.run("order", "known:fair")
    assert other.id != first.id
    other.cancel()


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "kind", "says"),
    [
        ("GET", "/v1/clips/00", {}, 404, "not_found", "upload it first"),
        ("POST", "/v1/runs", {"json": {"set": "reveel"}}, 404, "not_found", "reveal"),
        ("POST", "/v1/runs", {"json": {"set": "/etc"}}, 404, "not_found", "unknown set"),
        ("POST", "/v1/runs", {"json": {"set": "reveal", "k": 0}}, 422, "spec_error", "1 to 64"),
        (
            "POST",
            "/v1/runs",
            {"json": {"set": "reveal", "model": "blip-nan"}},
            422,
            "model_error",
            "blip-nano",
        ),
        ("POST", "/v1/runs", {"json": {"set": "reveal", "preset": "x"}}, 422, "job_error", "quick"),
        ("POST", "/v1/runs", {"json": []}, 422, "invalid_request", "object"),
        ("POST", "/v1/runs", {"content": b"{"}, 422, "invalid_request", ""),
        ("GET", "/v1/runs/nothing", {}, 404, "store_error", "nothing"),
        ("GET", "/v1/jobs/nothing", {}, 404, "not_found", "nothing"),
        ("GET", "/v1/elsewhere", {}, 404, "not_found", ""),
        ("POST", "/v1/clips", {"files": {"file": ("a.gif", b"GIF89a")}}, 422, "media_error", "gif"),
    ],
)
def test_every_refusal_has_a_type_and_says_what_was_wrong(
    client: mp.Client,
    stored: str,
    method: str,
    path: str,
    options: dict[str, Any],
    status: int,
    kind: str,
    says: str,
) -> None:
    with pytest.raises(mp.ServiceError) as caught:
        client.request(method, path, **options)
    assert (caught.value.status, caught.value.type) == (status, kind)
    assert says in str(caught.value)


def test_a_question_that_cannot_be_put_ends_the_stream_with_an_error(client: mp.Client) -> None:
    clip = client.clip_of("reveal", "reveal-001")
    for model, says in (("known:fair", "run"), ("blip-nan", "did you mean")):
        with pytest.raises(mp.ServiceError, match=says):
            list(clip.ask(model))
    with pytest.raises(mp.ServiceError, match="supports"):
        list(clip.ask("blip-nano", deliveries=["telepathy"]))


def test_what_is_too_large_or_too_slow_or_foreign_is_refused(served: Served) -> None:
    with httpx.Client(base_url=served.url) as http:
        large = http.post("/v1/clips", files={"file": ("a.gif", bytes(33 * 2**20))})
        assert (large.status_code, large.json()["error"]["type"]) == (413, "too_large")

        def pieces() -> Iterator[bytes]:
            for _ in range(40):
                yield bytes(2**20)

        with_no_length = http.post(
            "/v1/clips",
            content=pieces(),
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        assert with_no_length.status_code in (400, 413)
        page = http.get("/v1/sets", headers={"Origin": "https://elsewhere.example"})
        assert (page.status_code, page.json()["error"]["type"]) == (403, "foreign_origin")
        rebound = http.get("/v1/sets", headers={"Host": "elsewhere.example"})
        assert rebound.json()["error"]["type"] == "unknown_host"


def test_other_machines_are_let_in_with_a_token_only(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "memeprobe", "serve", "--host", "0.0.0.0", "--port", "0"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2 and "MEMEPROBE_SERVICE_TOKENS" in refused.stderr
    service = Served(tmp_path / "w.sqlite", "--host", "0.0.0.0", tokens=TOKEN)
    try:
        url = service.url.replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=url) as http:
            assert http.get("/health").json()["status"] == "ok"
            for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
                assert http.get("/v1/sets", headers=given).status_code == 401
        with mp.Client(url, TOKEN) as known:
            assert "reveal" in [s["name"] for s in known.sets()]
            with pytest.raises(mp.ServiceError, match="--model"):
                known.run("reveal", "server:http://10.0.0.1/v1#m")
    finally:
        service.end()


def test_clients_at_once_get_each_their_own(served: Served, tmp_path: Path) -> None:
    def visit(seed: int) -> tuple[int, int, int]:
        with mp.Client(served.url) as client:
            clip = uploaded(client, tmp_path, gif(seed, 3 + seed), f"{seed}.gif")
            picture = Image.open(io.BytesIO(clip.frame(0)))
            return clip.about["width"], clip.about["frames"], picture.width

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        found = list(pool.map(visit, range(10)))
    assert found == [(40 + seed, 3 + seed, 40 + seed) for seed in range(10)]


def test_metrics_and_the_description_are_there(client: mp.Client) -> None:
    client.sets()
    text = client.request("GET", "/metrics").text
    assert re.search(r'memeprobe_requests_total\{route="/v1/sets",status="200"\} [1-9]', text)
    paths = client.get("/openapi.json")["paths"]
    assert {"/v1/clips", "/v1/runs", "/v1/clips/{sha256}/ask"} <= set(paths)


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "memeprobe", "serve", "--port"]
        done = subprocess.run(
            [*command, str(taken.getsockname()[1])], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 2 and "cannot listen" in done.stderr


def test_uploads_are_forgotten_when_there_are_too_many(tmp_path: Path) -> None:
    from memeprobe.service.problems import NotFound
    from memeprobe.service.shelf import Shelf

    shelf = Shelf(3, 10)
    first = shelf.put("a", b"1234")
    second = shelf.put("b", b"5678")
    assert shelf.get(first.sha256).data == b"1234"
    third = shelf.put("c", b"abcd")  # 12 bytes: the second was not used for longest
    assert shelf.get(first.sha256) and shelf.get(third.sha256)
    with pytest.raises(NotFound):
        shelf.get(second.sha256)
    for i in range(5):
        shelf.put("d", bytes([i]))
    assert len(list(first.path.parent.iterdir())) <= 3
    shelf.close()
    assert not first.path.parent.exists()


def test_a_body_that_drips_is_given_up(tmp_path: Path) -> None:
    import asyncio

    from memeprobe.service.access import Gate
    from memeprobe.service.settings import ServiceSettings

    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    gate = Gate(app, ServiceSettings(tmp_path, upload_seconds=0.3))
    scope = {"type": "http", "path": "/v1/clips", "headers": [(b"host", b"127.0.0.1")]}
    began = time.monotonic()
    asyncio.run(gate(scope, drip, send))
    assert time.monotonic() - began < 5
    assert sent[0]["status"] == 408

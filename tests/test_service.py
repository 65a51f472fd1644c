"""The REST service as its users meet it: a process of its own, asked over HTTP."""

import concurrent.futures
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import memeprobe as mp
from frames import open_clip
from meme_sets import load_set
from memeprobe.store.store import Store
from tests.service import Served

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')


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


def test_a_frame_that_a_client_has_is_not_sent_again(client: mp.Client, tmp_path: Path) -> None:
    clip = uploaded(client, tmp_path, gif(77, 3))
    address = f"{clip.path}/frames/1.png"
    first = client.request("GET", address)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[!-~]+"', tag) and first.content[:4] == b"\x89PNG"
    for named in (tag, f'"other", W/{tag}', "*"):
        again = client.request("GET", address, headers={"If-None-Match": named})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    others = ("/frames/0.png", "/frames/1.webp", "/frames/1.png?side=16")
    for other in others:
        found = client.request("GET", clip.path + other, headers={"If-None-Match": tag})
        assert found.status_code == 200 and found.headers["etag"] != tag
    with pytest.raises(mp.ServiceError) as caught:
        client.request("GET", f"{clip.path}/frames/9.png", headers={"If-None-Match": "*"})
    assert caught.value.status == 404


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
    named = client.open_run(run.id[:8]).describe(name="from afar")
    assert (named["run"], named["name"], named["note"]) == (run.id, "from afar", "")
    assert named in client.list_runs()
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
    for model, says in (("known:guesser", "run"), ("blip-nan", "did you mean")):
        with pytest.raises(mp.ServiceError, match=says):
            list(clip.ask(model))
    with pytest.raises(mp.ServiceError, match="supports"):
        list(clip.ask("blip-nano", deliveries=["telepathy"]))


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

"""What strangers send who have read /openapi.json only half: told what was wrong, never a 500."""

import base64
import gzip
import json
import threading
from collections.abc import Iterator

import httpx2 as httpx
import pytest

import memeprobe as mp
from tests.service import Served
from tests.test_frames_formats import FILES

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')

GIF = FILES["gif by Pillow"][1]()
JSON, FORM = "application/json", "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.gif"\r\n\r\n'
END = b"\r\n--x--\r\n"

BODIES: list[tuple[str, bytes, str, int, str]] = [
    # (route, body, its type, status, what is said)
    ("/v1/runs", b'{"set": "reveal", "set": "order"}', JSON, 422, "set: the field is given twice"),
    ("/v1/runs", b'{"set": "x", "a": {"b": 1, "b": 2}}', JSON, 422, "b: the field is given twice"),
    ("/v1/runs", b'\xef\xbb\xbf{"set": "none"}', JSON, 404, "unknown set 'none'"),
    ("/v1/runs", b'{"set": "none"}', "application/hal+json", 404, "unknown set 'none'"),
    ("/v1/runs", b"<set/>", "text/xml", 422, "taken as JSON, with Content-Type: application/json"),
    ("/v1/runs", b'{"set": "none"}', ";;", 422, "taken as JSON"),
    ("/v1/runs", b"set=reveal", "application/x-www-form-urlencoded", 422, "taken as JSON"),
    (
        "/v1/runs",
        gzip.compress(b'{"set": "order"}', mtime=0),
        JSON,
        400,
        "it is taken as JSON in UTF-8",
    ),
    ("/v1/runs", b'{"a":' * 9000, JSON, 400, "the body cannot be read"),
    (
        "/v1/runs",
        b'{"set": "order"}{"set": "order"}',
        JSON,
        422,
        "from character 16 on: Extra data",
    ),
    ("/v1/runs", b"{'set': 'order'}", JSON, 422, "no JSON, from character 1 on"),
    ("/v1/runs", b'{"set": "order", "limit": 1e400}', JSON, 422, "integer, not 'inf'"),
    ("/v1/runs", b'{"set": "order", "limit": NaN}', JSON, 422, "integer, not 'nan'"),
    ("/v1/runs", b'{"set": "order", "limit": 2.0}', JSON, 422, "integer, not '2.0'"),
    ("/v1/runs", b'{"set": "order", "seed": 9223372036854775808}', JSON, 422, "seed: "),
    ("/v1/runs", b'{"set": "order", "conditions": []}', JSON, 422, "at least 1 item"),
    ("/v1/runs", b'{"set": "order", "conditions": [null]}', JSON, 422, "conditions.0: "),
    ("/v1/runs", b'{"set": "order", "conditions": ["frist"]}', JSON, 422, "did you mean 'first'?"),
    ("/v1/runs", b'{"set": "order", "k": 65}', JSON, 422, "must be 1 to 64, got 65"),
    ("/v1/runs", b'{"set": "order", "language": "EN"}', JSON, 422, "it has en, zh"),
    ("/v1/runs", b'{"set": "order", "delivery": "collage"}', JSON, 422, "it supports concat"),
    ("/v1/runs", b'{"set": "order", "preset": null}', JSON, 422, "preset: "),
    ("/v1/runs", b'{"set": "' + b"a" * 2**20 + b'"}', JSON, 413, "may hold 1 MiB"),
    ("{clip}/ask", b'{"model": "known:guesser"}', JSON, 422, "ask it in a run"),
    ("{clip}/ask", b'{"model": "server:ftp://a#b"}', JSON, 422, "write server:http://"),
    ("{clip}/ask", b'{"deliveries": "native"}', JSON, 422, "deliveries: "),
    ("{clip}/ask", b'{"max_new_tokens": 2049}', JSON, 422, "less than or equal to 2048"),
    ("/v1/clips/from-set", b'{"set": "reveal"}', JSON, 422, "item is missing"),
    ("/v1/clips/from-set", b'{"set": "revael", "item": "a"}', JSON, 404, "mean 'reveal'?"),
    ("/v1/clips", GIF, "image/gif", 422, "send it as multipart/form-data"),
    ("/v1/clips", b'{"file": "R0lG"}', JSON, 422, "send it as multipart/form-data"),
    ("/v1/clips", PART[:50], FORM, 422, "file is missing, or the form breaks off"),
    ("/v1/clips", PART + GIF[:99], FORM, 422, "file is missing, or the form breaks off"),
    ("/v1/clips", PART + GIF, FORM, 422, "file is missing, or the form breaks off"),
    ("/v1/clips", PART + GIF + END, "multipart/form-data", 400, "Missing boundary"),
    ("/v1/clips", PART + GIF + END, FORM.replace("x", "y"), 400, "the form cannot be read: "),
    ("/v1/clips", PART.replace(b'name="file"; ', b"") + GIF + END, FORM, 400, "the form cannot"),
    ("/v1/clips", PART + base64.b64encode(GIF) + END, FORM, 422, "a.gif: its content is none of"),
    ("/v1/clips", PART.replace(b"a.gif", b"a" * 9000) + GIF + END, FORM, 400, "the form cannot"),
    (
        "/v1/clips",
        PART.replace(b'"file"', b'"FILE"') + GIF + END,
        FORM,
        422,
        "unknown field 'FILE'",
    ),
    ("/v1/clips", PART + GIF + b"\r\n" + PART + GIF + END, FORM, 422, "one file a request"),
]
PATHS: list[tuple[str, int, str]] = [
    ("/v1/runs?limit=1&limit=2", 422, "limit is given 2 times; give it once"),
    ("{clip}/keyframes?policy=first&policy=first", 422, "policy is given 2 times"),
    ("{clip}/frames/0.png?side=16&side=32", 422, "side is given 2 times"),
    ("/v1/runs?limit=", 422, "limit: "),
    ("/v1/runs?limit=1.5", 422, "not '1.5'"),
    ("/v1/jobs?offset=-1", 422, "greater than or equal to 0, not '-1'"),
    ("/v1/runs?=1", 422, "unknown parameter ''"),
    ("/v1/runs?%00=1", 422, "there are limit, offset"),
    ("/v1/sets?limit=1", 422, "takes no parameters"),
    ("{clip}/keyframes?k=65", 422, "k: "),
    ("{clip}/keyframes?engine=", 422, "there are rapidocr, paddleocr"),
    ("{clip}/captions?engine=paddle", 422, "did you mean 'paddleocr'?"),
    ("{clip}/frames/1e0.png", 422, "index: "),
    ("{clip}/frames/0.PNG", 422, "should be 'png' or 'webp', not 'PNG'"),
    ("{clip}/frames/0.png?side=15", 422, "greater than or equal to 16, not '15'"),
    ("{clip}/frames/999.png", 404, "the clip has frames 0 to 2, not 999"),
    ("/v1/clips/{run}", 404, "upload it first"),
    ("/v1/clips/%F0%9F%98%80", 404, "upload it first"),
    ("/v1/runs/{job}", 404, "there is no run"),
    ("/v1/runs/%00/record", 404, "there is no run"),
    ("/v1/runs/%25", 404, "there is no run '%'"),
    ("/v1/runs/%ff/trials", 404, "there is no run"),
    ("/v1/jobs/{run}", 404, "/v1/jobs lists those that there are"),
    ("/v1/runs/{run}/export/CSV", 404, "there are parquet, csv"),
    ("/v1/runs/{run}/export/..%2fcsv", 404, "/docs shows every route"),
    ("/v1//sets", 404, "/docs shows every route"),
    ("/v1/compare", 422, "runs is missing"),
    ("/v1/compare?runs={run}", 422, "name at least two runs"),
    ("/v1/compare?runs={run}&runs={run}", 422, "two different runs"),
]


@pytest.fixture(scope="module")
def http(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=300) as client:
        yield client


@pytest.fixture(scope="module")
def places(http: httpx.Client, served: Served) -> dict[str, str]:
    """A clip, a run and a job that are there."""
    sha = http.post("/v1/clips", files={"file": ("a.gif", GIF)}).json()["sha256"]
    with mp.Client(served.url) as client:
        job = client.run("static", "known:fair", limit=1, conditions=["picture"])
        return {"clip": f"/v1/clips/{sha}", "job": job.id, "run": job.wait(seconds=300).id}


def problem(answer: httpx.Response) -> str:
    from memeprobe.service.problems import KINDS

    said = answer.json()["error"]
    assert set(said) == {"type", "message"} and said["type"] in KINDS
    return str(said["message"])


@pytest.mark.parametrize(("route", "body", "kind", "status", "says"), BODIES, ids=lambda v: None)
def test_a_body_is_refused_with_what_was_wrong(
    http: httpx.Client,
    places: dict[str, str],
    route: str,
    body: bytes,
    kind: str,
    status: int,
    says: str,
) -> None:
    path = route.format(**places)
    answer = http.post(path, content=body, headers={"content-type": kind})
    assert answer.status_code == status and says in problem(answer), answer.text


@pytest.mark.parametrize(("path", "status", "says"), PATHS, ids=[path for path, *_ in PATHS])
def test_an_address_is_refused_with_what_was_wrong(
    http: httpx.Client, places: dict[str, str], path: str, status: int, says: str
) -> None:
    answer = http.get(path.format(**places))
    assert answer.status_code == status and says in problem(answer), answer.text


def test_names_of_all_scripts_come_back_as_they_were_sent(http: httpx.Client) -> None:
    for name in ("猫 😀.gif", "../../etc/passwd", "a\\b.gif", "‮gif.exe", "é\x7f", " "):
        told = http.post("/v1/clips", files={"file": (name, GIF)})
        assert (told.status_code, told.json()["name"]) == (201, name)


def test_what_is_compressed_is_refused_and_what_is_not_is_taken(http: httpx.Client) -> None:
    body, kind = b'{"set": "none"}', {"content-type": JSON}
    for encoding, status in (("gzip", 415), ("br, gzip", 415), ("Identity", 404)):
        sent = gzip.compress(body, mtime=0) if status == 415 else body
        headers = {**kind, "content-encoding": encoding}
        answer = http.post("/v1/runs", content=sent, headers=headers)
        assert answer.status_code == status and problem(answer)


def test_headers_that_mean_nothing_here_change_nothing(
    http: httpx.Client, places: dict[str, str]
) -> None:
    address = f"{places['clip']}/frames/0.png"
    whole = http.get(address)
    for name, value in (
        ("Range", "bytes=0-9"),
        ("Range", "bytes=-1--5"),
        ("Range", "lines=1"),
        ("If-Range", '"x"'),
        ("If-None-Match", ",,,"),
        ("If-None-Match", "a" * 50_000),
        ("If-Modified-Since", "yesterday"),
        ("Accept", "application/xml"),
        ("X-HTTP-Method-Override", "DELETE"),
    ):
        answer = http.get(address, headers={name: value})
        assert (answer.status_code, answer.content) == (200, whole.content), (name, value)
    known = f'"x", W/{whole.headers["etag"]}'
    assert http.get(address, headers={"If-None-Match": known}).status_code == 304


@pytest.mark.parametrize("last", ["0", "-1", "x", "9" * 30])
def test_who_watches_again_is_told_how_the_job_is_now(
    http: httpx.Client, places: dict[str, str], last: str
) -> None:
    told = http.get(f"/v1/jobs/{places['job']}/events", headers={"Last-Event-ID": last}).text
    (data,) = [line[6:] for line in told.splitlines() if line.startswith("data: ")]
    assert json.loads(data)["state"] == "finished"


def test_methods_are_refused_with_those_that_are_taken(
    http: httpx.Client, places: dict[str, str]
) -> None:
    for method, path, says in (
        ("OPTIONS", "/v1/clips", "takes POST"),
        ("TRACE", "/v1/sets", "takes GET"),
        ("PROPFIND", "{clip}", "takes GET"),
        ("DELETE", "/v1/jobs/{job}", "takes GET"),
        ("GET", "/v1/jobs/{job}/pause", "takes POST"),
        ("PATCH", "/v1/runs", "takes GET, POST"),
        ("PUT", "/v1/runs/{run}/record", "takes GET"),
    ):
        answer = http.request(method, path.format(**places))
        assert answer.status_code == 405 and answer.headers["allow"] in says
        assert problem(answer).endswith(says)
    unknown = http.post(f"/v1/jobs/{places['job']}/PAUSE")
    assert unknown.status_code == 404 and "pause, resume, cancel" in problem(unknown)


def test_many_who_steer_one_job_at_once_each_get_its_state(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=300) as http:
        wanted = {"set": "reveal", "model": "known:fair", "preset": "full"}
        path = f"/v1/jobs/{http.post('/v1/runs', json=wanted).json()['job']}"
        told: list[tuple[int, str]] = []

        def steer(action: str) -> None:
            answer = httpx.post(f"{served.url}{path}/{action}", timeout=300)
            told.append((answer.status_code, answer.json()["state"]))

        actions = ["pause", "resume", "cancel", "resume", "cancel", "pause"]
        threads = [threading.Thread(target=steer, args=(one,)) for one in actions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(told) == len(actions) and {status for status, _ in told} == {200}
        assert http.post(f"{path}/cancel").json()["state"] == "cancelled"
        assert http.get(path).json()["state"] == "cancelled"

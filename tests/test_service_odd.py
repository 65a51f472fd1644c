"""Requests that nobody should send: each gets a typed error that says what and where, no 500."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

import memeprobe as mp
from tests.service import Served
from tests.test_frames_formats import FILES

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')

MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.gif"\r\n\r\n'


@pytest.fixture(scope="module")
def http(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=300) as client:
        yield client


@pytest.fixture(scope="module")
def clip(http: httpx.Client) -> str:
    files = {"file": ("a.gif", FILES["gif by Pillow"][1]())}
    return f"/v1/clips/{http.post('/v1/clips', files=files).json()['sha256']}"


@pytest.fixture(scope="module")
def run(served: Served) -> str:
    with mp.Client(served.url) as client:
        return f"/v1/runs/{client.run('reveal', 'known:first-frame', limit=1).wait().id}"


def error_of(answer: httpx.Response) -> tuple[int, str, str]:
    said = answer.json()["error"]
    assert set(said) == {"type", "message"} and 0 < len(said["message"]) < 3000
    return answer.status_code, said["type"], said["message"]


def sent(http: httpx.Client, path: str, body: object, method: str = "POST") -> httpx.Response:
    """A body as it is, or as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http.request(method, path, content=content, headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"set": "\xe9"}',
        b'{"set": "reveal", "limit": ' + b"9" * 5000 + b"}",
        None,
        {"set": 5},
        {"set": "reveal", "k": True},
        {"set": "reveal", "k": 10**30},
        {"set": "reveal", "limit": "3"},
        {"set": "reveal", "limit": -3},
        {"set": "reveal", "model": ""},
        {"set": "reveal", "model": "x" * 100_000},
        {"set": "reveal", "model": "/" + "x" * 300},
        {"set": "reveal", "model": "a/" + "x" * 300},
        {"set": "reveal", "model": "~nobody-at-all/x"},
        {"set": "reveal", "model": "server:file:///etc/passwd"},
        {"set": "reveal", "model": "server:http://[::1"},
        {"set": "reveal", "model": "server:http://127.0.0.1:99999/v1"},
        {"set": "reveal", "model": "batch:openai#m"},
        b'{"set": "\\ud800"}',
        b'{"set": "reveal", "\\ud800": 1}',
        {"set": "../../etc"},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_run_that_cannot_be_is_refused_before_it_begins(http: httpx.Client, body: object) -> None:
    status, _, _ = error_of(sent(http, "/v1/runs", body))
    assert status in (400, 404, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/keyframes?k=-1",
        "/keyframes?k=99999999999999999999",
        "/keyframes?policy=%00",
        "/keyframes?policy=" + "x" * 9000,
        "/frames/99999999999999999999.png",
        "/frames/-1.png",
        "/frames/0.png?side=-5",
        "/frames/0.exe",
        "/nothing",
    ],
    ids=lambda path: path[:40],
)
def test_a_frame_that_is_not_there_is_refused(http: httpx.Client, clip: str, path: str) -> None:
    assert error_of(http.get(clip + path))[0] in (404, 422)


def test_a_body_that_is_not_what_a_route_takes_is_told_plainly(
    http: httpx.Client, clip: str
) -> None:
    said = error_of(sent(http, "/v1/runs", {"set": "reveal", "modle": "blip-nano"}))[2]
    assert said.startswith("modle: unknown field 'modle'; did you mean 'model'? There are set,")
    said = error_of(sent(http, f"{clip}/ask", b"{"))[2]
    assert said.startswith("the body is no JSON, from character 1 on: ")
    said = error_of(http.post(f"{clip}/ask", content=b'{"k": 2}'))[2]
    assert "Content-Type: application/json" in said
    for given in (b"", b"GIF89a"):
        said = error_of(http.post("/v1/clips", content=given))[2]
        assert said.startswith("file is missing; send it as multipart/form-data")
    assert error_of(sent(http, "/v1/runs", {}))[2] == "set is missing"
    for body in (b"[]", b"null", b'"x"'):
        said = error_of(sent(http, f"{clip}/ask", body))[2]
        assert said.startswith("the body must be a JSON object with fields of these: model,")
    status, kind, said = error_of(sent(http, f"{clip}/ask", {"question": " \n"}))
    assert (status, kind) == (422, "job_error") and said.startswith("the question is empty")
    assert "policy 'x'; there are captions" in error_of(http.get(f"{clip}/keyframes?policy=x"))[2]


def test_what_a_route_would_pass_over_is_refused(http: httpx.Client, clip: str) -> None:
    for path in ("/v1/runs?limt=1", f"{clip}/keyframes?limit=4", "/v1/sets?token=secret"):
        status, kind, said = error_of(http.get(path))
        assert (status, kind) == (422, "invalid_request") and path.partition("?")[2].partition("=")[
            0
        ] in said
    assert http.get("/v1/runs?limit=1&offset=0").status_code == 200
    still = ("a.png", b"x")
    forms: list[tuple[list[tuple[str, Any]], str]] = [
        ([("file", still), ("k", (None, "4"))], "unknown field 'k'"),
        ([("file", still), ("file", still)], "one file a request"),
        ([("file", (None, "GIF89a"))], "file is no file; send it as multipart/form-data"),
    ]
    for parts, says in forms:
        assert error_of(http.post("/v1/clips", files=parts))[2].startswith(says)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"name": "x" * 81}, 422),
        ({"note": "y" * 4001}, 422),
        ({"name": ["a"]}, 422),
        ({"nam": "a"}, 422),
        (b"", 422),
    ],
    ids=lambda given: str(given)[:20],
)
def test_a_name_that_no_run_can_have(http: httpx.Client, run: str, said: Any, status: int) -> None:
    assert error_of(sent(http, run, said, "PATCH"))[0] == status


def test_markup_in_a_name_comes_back_as_it_was_given(http: httpx.Client, run: str) -> None:
    name, note = '<img src=x onerror="alert(1)"> **b** $x$', "![](http://a.example/b)\n=1+1"
    given = sent(http, run, {"name": name, "note": note}, "PATCH").json()
    assert (given["name"], given["note"]) == (name, note)
    assert sent(http, run, {}, "PATCH").json() == given
    assert "<img src=x" not in http.get(f"{run}/report").text


def test_methods_are_told(http: httpx.Client, run: str) -> None:
    for path in ("/health", "/v1/sets", run, f"{run}/report", "/docs"):
        whole = http.get(path)
        head = http.head(path)
        assert head.status_code == 200 and head.content == b""
        assert head.headers["content-length"] == str(len(whole.content))
    assert http.head("/v1/runs/nothing").status_code == 404
    refused = http.delete(run)
    assert refused.headers["allow"] == "GET, PATCH"
    assert error_of(refused)[2] == f"DELETE is not taken at {run}, which takes GET, PATCH"
    assert error_of(http.options("/v1/runs"))[2].endswith("which takes GET, POST")
    nowhere = error_of(http.get("/nowhere"))[2]
    assert nowhere == "there is nothing at /nowhere; /docs shows every route"


def test_an_upload_in_pieces_is_taken_and_one_without_an_end_is_not(http: httpx.Client) -> None:
    body = PART + FILES["gif by Pillow"][1]() + b"\r\n--x--\r\n"

    def pieces() -> Iterator[bytes]:
        yield from (body[i : i + 99] for i in range(0, len(body), 99))

    def endless() -> Iterator[bytes]:
        yield PART
        for _ in range(33):
            yield bytes(2**20)

    assert http.post("/v1/clips", content=pieces(), headers=MULTIPART).status_code == 201
    large = http.post("/v1/clips", content=endless(), headers=MULTIPART)
    assert error_of(large) == (413, "too_large", "a request may hold 32 MiB")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Host: [::1\r\n", 421),
        (b"Host: 127.0.0.1\r\nOrigin: http://[::1\r\n", 403),
        (b"Host: 127.0.0.1\r\nOrigin: null\r\n", 403),
        (b"Host: 127.0.0.1\r\nOrigin: \xff\xfe\r\n", 403),
    ],
    ids=str,
)
def test_headers_that_are_no_addresses(served: Served, headers: bytes, status: int) -> None:
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        raw.sendall(b"GET /v1/sets HTTP/1.1\r\nConnection: close\r\n" + headers + b"\r\n")
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()) and b'"error"' in answer


def test_a_store_that_cannot_be_read_is_the_services_trouble(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE runs (x)")  # another program's file
    service = Served(path)
    try:
        with httpx.Client(base_url=service.url, timeout=60) as http:
            status, kind, message = error_of(http.get("/v1/runs"))
            assert (status, kind) == (503, "store_error") and "w.sqlite" in message
            assert http.get("/health").status_code == 200
    finally:
        service.end()

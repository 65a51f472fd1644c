"""Connections on which half a request arrives, or none: they end, and nobody waits for them."""

import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.service import Served

pytestmark = pytest.mark.slow

uvicorn = pytest.importorskip("uvicorn", reason='needs pip install "memeprobe[service]"')

HEAD = b"GET /fast HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: "
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"
BODY = b"Host: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n"
SECONDS = 1.0


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once, without a look at the body; on /slow a line every half second."""
    if scope["type"] != "http":
        raise NotImplementedError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/slow":
        import asyncio

        for _ in range(6):
            await asyncio.sleep(SECONDS / 2)
            await send({"type": "http.response.body", "body": b"line\n", "more_body": True})
    await send({"type": "http.response.body", "body": b"whole"})


@contextmanager
def serving(most: int = 400) -> Iterator[int]:
    """The application behind connections with short limits; gives the port."""
    from memeprobe.service.connection import BoundedConnection

    limits = {"head_seconds": SECONDS, "linger_seconds": SECONDS, "most": most}
    kind = type("Short", (BoundedConnection,), limits)
    config = uvicorn.Config(
        app,
        port=0,
        http=kind,
        ws="none",
        log_level="error",
        lifespan="off",
        h11_max_incomplete_event_size=65536,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def opened(port: int, sent: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", port), timeout=30)
    found.sendall(sent)
    return found


def until_closed(connection: socket.socket, drip: bytes = b"") -> tuple[float, bytes]:
    """(seconds until the server hung up, what it said), sending a drip every tenth of a second."""
    began, said = time.monotonic(), b""
    connection.settimeout(0.1)
    while time.monotonic() - began < 30:
        try:
            if drip:
                connection.sendall(drip)
            got = connection.recv(65536)
            if not got:
                return time.monotonic() - began, said
            said += got
        except TimeoutError:
            continue
        except OSError:
            return time.monotonic() - began, said
    raise AssertionError("it is still open")


@pytest.mark.parametrize("drip", [b"", b"a"], ids=["silent", "dripping"])
def test_half_a_head_is_given_up_and_told(drip: bytes) -> None:
    with serving() as port:
        seconds, said = until_closed(opened(port, HEAD), drip)
        assert SECONDS * 0.9 < seconds < SECONDS + 10
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ") and b"application/json" in head
        assert json.loads(body)["error"]["type"] == "timeout"
        assert until_closed(opened(port, b""))[1] == b""  # who says nothing is told nothing


def test_the_rest_of_a_body_that_was_answered_ends(drip: bytes = b"a") -> None:
    with serving() as port:
        seconds, said = until_closed(opened(port, b"POST /fast HTTP/1.1\r\n" + BODY), drip)
        assert said.endswith(b"whole\r\n0\r\n\r\n") and seconds < SECONDS + 10


def test_each_request_of_a_connection_has_its_time_and_an_answer_takes_its_own() -> None:
    with serving() as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        for path, said in (("/fast", "whole"), ("/slow", "line\n" * 6 + "whole")):
            for _ in range(2):
                assert http.get(path, timeout=30).text == said
                time.sleep(SECONDS * 0.6)
        raw = opened(port, b"GET /fast HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HEAD)
        seconds, answers = until_closed(raw, b"a")
        assert answers.count(b"HTTP/1.1 ") == 2 and b"HTTP/1.1 408 " in answers
        assert seconds < SECONDS + 10


def test_the_longest_awaited_makes_room_for_who_comes() -> None:
    with serving(most=20) as port:
        slow = [opened(port, b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") for _ in range(3)]
        assert all(b"200 OK" in one.recv(65536) for one in slow)
        half = [opened(port, HEAD) for _ in range(100)]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            assert http.get("/fast").text == "whole"
        assert all(until_closed(one)[1] == b"" for one in half[:70])
        assert all(b"whole" in until_closed(one)[1] for one in slow)  # who is served stays


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"\r\n\r\nHELP\r\n\r\n",
        HEAD + b"a" * 70_000,
    ],
    ids=["TLS", "version", "words", "endless head"],
)
def test_what_is_no_request_is_told_as_every_problem(sent: bytes) -> None:
    with serving() as port:
        head, _, body = until_closed(opened(port, sent))[1].partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        said = json.loads(body)["error"]
        assert said["type"] == "bad_request" and "longer than 64 KiB" in said["message"]


def test_two_hundred_halves_keep_nobody_waiting(tmp_path: Path) -> None:
    service = Served(tmp_path / "w.sqlite")
    port = int(service.url.rpartition(":")[2])
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (600, 600))
    halves = [HEAD, b"POST /v1/runs HTTP/1.1\r\nContent-Type: application/json\r\n" + BODY + b"{"]
    halves.append(b"POST /v1/clips HTTP/1.1\r\n" + FORM + BODY + b"--x\r\nContent-Disposition: ")
    try:
        with httpx.Client(base_url=service.url, timeout=60) as http:
            alone = min(_seconds(http, "/v1/models") for _ in range(5))
            opened_ones = [opened(port, halves[i % 3]) for i in range(200)]
            beside = min(_seconds(http, "/v1/models") for _ in range(5))
            assert beside < alone + 1, (alone, beside)
            for path in ("/health", "/v1/sets", "/v1/runs"):
                assert http.get(path).status_code == 200
            assert len(opened_ones) == 200
            again = [opened(port, HEAD) for _ in range(900)]  # more than it has files
            assert http.get("/health").status_code == 200
            assert httpx.get(f"{service.url}/v1/sets", timeout=60).status_code == 200
            assert len(again) == 900
    finally:
        service.end()


def _seconds(http: httpx.Client, path: str) -> float:
    began = time.monotonic()
    assert http.get(path).status_code == 200
    return time.monotonic() - began

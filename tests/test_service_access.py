"""Who may use the REST service, and how much of it."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

import memeprobe as mp
from tests.service import TOKEN, Served

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')


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
                answer = http.get("/v1/sets", headers=given)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"].startswith("Bearer ")
        with mp.Client(url, TOKEN) as known:
            assert "reveal" in [s["name"] for s in known.sets()]
            with pytest.raises(mp.ServiceError, match="--model"):
                known.run("reveal", "server:http://10.0.0.1/v1#m")
    finally:
        service.end()


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
    headers = [(b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "POST", "path": "/v1/clips", "headers": headers}
    began = time.monotonic()
    asyncio.run(gate(scope, drip, send))
    assert time.monotonic() - began < 30
    assert sent[0]["status"] == 408

"""What passes through the recording proxy: all of it, unchanged; keys are kept nowhere."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx2 as httpx
import numpy as np
import pytest

from memeprobe.proxy.clips import KnownClip
from memeprobe.proxy.report import write
from tests.applications import asked, clip, data_url

ONE = clip(7001)
CLIPS = [KnownClip.of("clip-7001", [np.asarray(f) for f in ONE])]
STREAM = b'data: {"a": 1}\n\n'


class Upstream(BaseHTTPRequestHandler):
    """Answers with a stream in three pieces, and keeps what it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {k.lower(): v for k, v in self.headers.items()}
        self.asked.append((self.path, headers, body))
        self.send_response(201)
        self.send_header("content-type", "text/event-stream")
        self.send_header("x-own", "kept")
        self.end_headers()
        for _ in range(3):
            self.wfile.write(STREAM)
            self.wfile.flush()
            time.sleep(0.2)


@contextmanager
def running(upstream: str | None) -> Iterator[tuple[str, Any]]:
    pytest.importorskip("starlette", reason="pip install 'memeprobe[service]'")
    uvicorn = pytest.importorskip("uvicorn", reason="pip install 'memeprobe[service]'")
    from memeprobe.proxy.app import Recorder, proxy

    recorder = Recorder(CLIPS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(proxy(upstream, recorder), port=port, log_level="error", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}", recorder
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def upstream() -> Iterator[str]:
    Upstream.asked.clear()
    http = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


def test_requests_and_streams_pass_unchanged_and_keys_are_kept_nowhere(
    upstream: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = "sk-passed-on-only"
    raw = json.dumps(asked([data_url(ONE[0])])).encode()
    with running(upstream) as (address, recorder):
        headers = {"authorization": f"Bearer {secret}", "x-mine": "1"}
        came = []
        url = f"{address}/v1/chat/completions?key={secret}"
        with httpx.stream("POST", url, content=raw, headers=headers) as reply:
            for piece in reply.iter_raw():
                came.append((time.monotonic(), piece))
        assert (reply.status_code, reply.headers["x-own"]) == (201, "kept")
        recorder.close()
    assert b"".join(p for _, p in came) == 3 * STREAM
    assert came[-1][0] - came[0][0] > 0.25  # as it arrives, not when it is whole
    path, got, body = Upstream.asked[0]
    assert path == f"/v1/chat/completions?key={secret}" and body == raw
    assert got["authorization"] == f"Bearer {secret}" and got["x-mine"] == "1"
    (found,) = recorder.reports
    assert found.clips[0].key == "frame_0_only"
    for name in ("r.html", "r.json"):
        write(tmp_path / name, recorder.reports)
        text = (tmp_path / name).read_text("utf-8")
        assert "frame 0 only" in text and "What happens?" in text and secret not in text
    assert secret not in repr(recorder.reports)
    assert secret not in "".join(r.getMessage() for r in caplog.records if r.name != "httpx2")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.html", "r.json"]


def test_a_server_that_is_gone_is_one_clear_answer() -> None:
    with running("http://127.0.0.1:9") as (address, _):
        reply = httpx.post(f"{address}/v1/chat/completions", json=asked([]))
    assert reply.status_code == 502 and "no answer from" in reply.json()["error"]["message"]


def test_without_a_server_it_answers_itself() -> None:
    with running(None) as (address, recorder):
        body = asked([data_url(f) for f in ONE[::4]])
        whole = httpx.post(f"{address}/v1/chat/completions", json=body).json()
        streamed = httpx.post(f"{address}/v1/chat/completions", json={**body, "stream": True}).text
        recorder.close()
    assert whole["choices"][0]["message"]["content"] == "ok"
    assert streamed.endswith("data: [DONE]\n\n")
    assert [r.clips[0].key for r in recorder.reports] == ["several", "several"]

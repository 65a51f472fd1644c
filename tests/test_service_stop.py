"""A service that is told to stop while it is watched and asked; and what its log keeps."""

import logging
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2 as httpx
import pytest

from tests.service import Served
from tests.stand_in_server import StandIn
from tests.test_service import gif
from tests.test_service_together import endless_job

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_one_signal_ends_it_however_many_watch(tmp_path: Path, how: signal.Signals) -> None:
    served = Served(tmp_path / "w.sqlite")
    with (
        endless_job(served) as job,
        StandIn() as model,
        httpx.Client(base_url=served.url, timeout=60) as http,
        ThreadPoolExecutor(2) as pool,
    ):
        model.state.slow = 0.5
        clip = http.post("/v1/clips", files={"file": gif(1)}).json()["sha256"]
        wanted = {"model": f"server:{model.url}#stand-in", "k": 16}

        def read(method: str, path: str, body: Any = None) -> list[str]:
            with http.stream(method, path, json=body) as stream:
                return [line for line in stream.iter_lines() if line.startswith("event")]

        watched = pool.submit(read, "GET", f"/v1/jobs/{job}/events")
        asked = pool.submit(read, "POST", f"/v1/clips/{clip}/ask", wanted)
        until = time.monotonic() + 60
        while len(model.state.bodies) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert not watched.done() and not asked.done()
        served.process.send_signal(how)
        served.process.wait(timeout=30)
        assert watched.result(30) == ["event: running"]
        assert asked.result(30)[-1] == "event: error"


def test_a_defect_in_a_stream_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client is told no more than that there is one."""
    from memeprobe.service import asking

    def broken(*_: object) -> object:
        raise KeyError("within")

    monkeypatch.setattr(asking, "_events", broken)
    clip: Any = SimpleNamespace(sha256="0" * 64)
    state: Any = SimpleNamespace(outside=str)
    with caplog.at_level(logging.ERROR):
        (event,) = asking.ask(clip, asking.Question(), state)
    assert event.event == "error" and event.data["type"] == "internal_error"
    assert "KeyError: 'within'" in caplog.text and "0" * 64 in caplog.text

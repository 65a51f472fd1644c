"""Clients of one service that do the same at once, watch in numbers, or go away in a stream."""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2 as httpx
import pytest

import memeprobe as mp
from memeprobe.workspace import sets_beside
from tests.colour_set import write_set
from tests.service import Served
from tests.stand_in_server import StandIn

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')


@contextmanager
def endless_job(served: Served) -> Iterator[str]:
    """A job that is under way and never gets on: this process holds its lock."""
    with (served.job_folder("endless") / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield "endless"


@pytest.fixture
def endless(served: Served) -> Iterator[str]:
    with endless_job(served) as job:
        yield job


def at_once(times: int, ask: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return [one.result() for one in [pool.submit(ask) for _ in range(times)]]


def test_one_job_is_begun_and_steered_by_many(served: Served) -> None:
    wanted = {"set": "order", "model": "known:fair"}
    with httpx.Client(base_url=served.url, timeout=120) as http:
        begun = at_once(8, lambda: http.post("/v1/runs", json=wanted))
        assert sorted(answer.status_code for answer in begun) == [200] * 7 + [202]
        (job,) = {answer.json()["job"] for answer in begun}
        for action, states in (
            ("pause", {"paused", "finished"}),
            ("resume", {"running", "finished"}),
            ("cancel", {"cancelled", "finished"}),
        ):
            path = f"/v1/jobs/{job}/{action}"
            said = at_once(8, lambda path=path: http.post(path))  # type: ignore[misc]
            assert {answer.status_code for answer in said} == {200}, action
            assert {answer.json()["state"] for answer in said} <= states, action


def test_many_who_watch_leave_room_for_others(served: Served, endless: str) -> None:
    """More than the threads of the service: what holds one each would never answer again."""
    left = threading.Event()

    def watch() -> None:
        with httpx.stream("GET", f"{served.url}/v1/jobs/{endless}/events", timeout=120) as answer:
            lines = answer.iter_lines()
            while not left.is_set() and not next(lines).startswith("event: running"):
                pass
            left.wait(120)

    watchers = [threading.Thread(target=watch, daemon=True) for _ in range(110)]
    for watcher in watchers:
        watcher.start()
    try:
        with httpx.Client(base_url=served.url, timeout=60) as http:
            for path in ("/health", "/v1/jobs", "/v1/models"):
                assert http.get(path).status_code == 200
    finally:
        left.set()
    for watcher in watchers:
        watcher.join(120)


def test_waiting_ends_in_time_for_a_job_that_stands_still(served: Served, endless: str) -> None:
    with mp.Client(served.url) as client:
        (job,) = (job for job in client.jobs() if job.id == endless)
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="still runs after 1 s"):
            job.wait(seconds=1)
        assert time.monotonic() - began < 30


def test_who_watches_sees_what_another_client_asks(served: Served) -> None:
    with mp.Client(served.url) as client:
        job = client.run("captions", "known:fair")
        seen = client.events("GET", f"/v1/jobs/{job.id}/events")
        assert next(seen)[0] == "running"
        job.cancel()
        assert [name for name, _ in seen][-1] in {"cancelled", "finished"}


def test_who_goes_away_in_a_stream_gives_the_turn_back(served: Served) -> None:
    with mp.Client(served.url) as client, StandIn() as model:
        model.state.slow = 0.2
        clip = client.clip_of("reveal", "reveal-001")
        asked = {"model": f"server:{model.url}#stand-in", "k": 8}
        for _ in range(3):
            events = client.events("POST", f"{clip.path}/ask", json=asked)
            assert next(events)[0] == "plan"
            del events  # what closes a stream that is left
        until = time.monotonic() + 60
        while "memeprobe_working 0.0" not in client.request("GET", "/metrics").text:
            assert time.monotonic() < until, "a turn was not given back"
            time.sleep(0.1)
        assert len(model.state.bodies) <= 3 * 3  # of 12 questions each


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/v1/runs", {"set": "reveal", "limitt": 3}, "limitt"),
        ("{clip}/ask", {"modell": "blip-nano"}, "modell"),
        ("{clip}/ask", {"model": "known:guesser"}, "in a run"),
        ("{clip}/ask", {"deliveries": ["telepathy"]}, "telepathy"),
        ("{clip}/ask", {"policy": "telepathy"}, "telepathy"),
    ],
)
def test_what_cannot_be_asked_has_a_status(
    served: Served, path: str, body: dict[str, Any], says: str
) -> None:
    """Not 200 and an error in the stream; and a name that is misspelt is not passed over."""
    with mp.Client(served.url) as client:
        clip = client.clip_of("reveal", "reveal-001").path
        with pytest.raises(mp.ServiceError, match=says) as caught:
            client.request("POST", path.format(clip=clip), json=body)
        assert caught.value.status == 422


def test_sets_are_listed_by_the_names_that_runs_take(served: Served) -> None:
    """A saved set is asked for by its folder's name; a broken one does not hide the others."""
    saved = sets_beside(served.workspace)
    write_set(saved / "我的 set", clips=2)
    (saved / "broken").mkdir()
    (saved / "broken" / "items.jsonl").write_text("{", "utf-8")
    with mp.Client(served.url) as client:
        rows = {row["name"]: row for row in client.sets()}
        assert rows["我的 set"]["items"] == 2 and "error" not in rows["我的 set"]
        assert "items.jsonl line 1: not JSON" in rows["broken"]["error"]
        assert {"reveal", "captions"} <= set(rows)
        run = client.run("我的 set", "known:fair", conditions=["first"]).wait(seconds=120)
        assert run.trials
        with pytest.raises(mp.ServiceError, match="not JSON"):
            client.run("broken", "known:fair")


def test_runs_are_listed_in_parts(served: Served) -> None:
    with mp.Client(served.url) as client:
        for limit in (4, 5):
            client.run("reveal", "known:first-frame", limit=limit).wait(seconds=300)
        runs = client.list_runs()
        assert len(runs) >= 2
        parts = [row for place in range(len(runs)) for row in client.list_runs(1, place)]
        assert parts == runs
        ids = [job.id for job in client.jobs()]
        assert [job.id for job in client.jobs(2, 1)] == ids[1:3]


def test_errors_stand_in_the_description(served: Served) -> None:
    with mp.Client(served.url) as client:
        told = client.get("/openapi.json")
        problem = {"$ref": "#/components/schemas/Problem"}
        for path, method in (("/v1/clips", "post"), ("/v1/runs/{run}", "get")):
            answers = told["paths"][path][method]["responses"]
            assert {"4XX", "5XX", "422"} <= set(answers)
            assert answers["422"]["content"]["application/json"]["schema"] == problem
    answers = {
        (path, method, status): set(answer.get("content", ()))
        for path, methods in told["paths"].items()
        for method, about in methods.items()
        for status, answer in about["responses"].items()
    }
    assert {tuple(kinds) for (*_, s), kinds in answers.items() if s[0] in "45"} == {
        ("application/json",)
    }
    assert all(kinds for (*_, status), kinds in answers.items() if status != "304")
    frame = ("/v1/clips/{sha256}/frames/{index}.{form}", "get", "200")
    assert answers[frame] == {"image/png", "image/webp"}

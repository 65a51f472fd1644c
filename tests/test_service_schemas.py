"""/openapi.json says of every answer what it holds: each field with type and meaning."""

import fcntl
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from PIL import Image
from pydantic import TypeAdapter

import memeprobe as mp
from memeprobe.workers.slots import PAUSED
from memeprobe.workspace import sets_beside
from tests.described_service import EVENTS, JSON, DescribedService
from tests.service import Served

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')
pytest.importorskip("jsonschema")

FIELDLESS = {"text/plain", "text/html", "image/png", "image/webp", "application/octet-stream"}


@pytest.fixture(scope="module")
def described(served: Served) -> Iterator[DescribedService]:
    """The service, after every route was asked about what there is and what there is not."""
    found = DescribedService(served.url)
    clips(found)
    jobs(found, served)
    runs(found, served.workspace)
    lists(found, served.workspace)
    refusals(found)
    yield found
    found.http.close()


def clips(service: DescribedService) -> None:
    """A clip with captions, and a still; a model that answers, and one that is not there."""
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    still = service.ask("POST", "/v1/clips", files={"file": ("静.png", drawn.getvalue())})
    moving = next(i for i in mp.load_set("captions").items if i.media.endswith(".gif"))
    item = {"set": "captions", "item": moving.id}
    clip = service.ask("POST", "/v1/clips/from-set", json=item)
    for sha in (still["sha256"], clip["sha256"]):
        service.ask("GET", "/v1/clips/{sha256}", sha)
        service.ask("GET", "/v1/clips/{sha256}/keyframes", sha, params={"k": 2})
        service.ask("GET", "/v1/clips/{sha256}/captions", sha)
        service.ask("POST", "/v1/clips/{sha256}/ask", sha, json={"k": 2})
    gone = {"model": "server:http://127.0.0.1:9/v1#gone", "k": 1}
    service.ask("POST", "/v1/clips/{sha256}/ask", still["sha256"], json=gone)


def jobs(service: DescribedService, served: Served) -> None:
    """Jobs that run, wait, have failed, have paused; one is steered."""
    served.job_folder("failed")
    (served.job_folder("paused") / PAUSED).write_text("its server is gone", "utf-8")
    with (served.job_folder("endless") / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = {"set": "order", "model": "known:fair", "limit": 4}
        begun, same = (service.ask("POST", "/v1/runs", json=wanted) for _ in range(2))
        assert begun["job"] == same["job"]
        states = {(job["job"], job["state"]) for job in service.ask("GET", "/v1/jobs")}
        assert {("failed", "failed"), ("paused", "paused"), ("endless", "running")} <= states
    for action in ("pause", "resume", "cancel"):
        service.ask("POST", "/v1/jobs/{job}/{action}", (begun["job"], action))
    service.ask("GET", "/v1/jobs/{job}", begun["job"])
    service.ask("GET", "/v1/jobs/{job}/events", begun["job"])


def runs(service: DescribedService, workspace: Path) -> None:
    """Runs with verdicts on frames and on captions, with a judge, with listed options, with none
    of all that."""
    asked: tuple[dict[str, Any], ...] = (
        {"set": "reveal", "model": "known:first-frame", "preset": "full", "limit": 4},
        {"set": "reveal", "model": "known:fair", "limit": 4, "conditions": ["first"]},
        {"set": "captions", "model": "known:fair", "preset": "quick", "limit": 3},
        {"set": "reveal", "scoring": "listed", "limit": 2, "conditions": ["keyframes"]},
    )
    ids = [finished(service, one) for one in asked]
    judged = mp.run(
        "reveal",
        "blip-nano",
        conditions=["first"],
        limit=2,
        judge="blip-nano",
        workspace=workspace,
        progress=False,
    )
    for run in (*ids, judged.id):
        service.ask("GET", "/v1/runs/{run}", run)
        service.ask("GET", "/v1/runs/{run}/trials", run)
        service.ask("GET", "/v1/runs/{run}/record", run)
    service.ask("PATCH", "/v1/runs/{run}", ids[0], json={"name": "a name", "note": "a note"})
    service.ask("GET", "/v1/runs")
    service.ask("GET", "/v1/compare", params={"runs": ids[:2]})


def finished(service: DescribedService, wanted: dict[str, Any]) -> str:
    job = service.ask("POST", "/v1/runs", json=wanted)["job"]
    until = time.monotonic() + 300
    while (now := service.ask("GET", "/v1/jobs/{job}", job))["state"] == "running":
        assert time.monotonic() < until
        time.sleep(0.3)
    assert now["state"] == "finished", now
    return str(now["run"])


def lists(service: DescribedService, workspace: Path) -> None:
    """What there is; a saved set that cannot be read is among it."""
    broken = sets_beside(workspace) / "broken"
    broken.mkdir(parents=True)
    (broken / "items.jsonl").write_text("{", "utf-8")
    for route in ("/health", "/v1/models", "/v1/sets"):
        service.ask("GET", route)


def refusals(service: DescribedService) -> None:
    """What is not there, or cannot be."""
    service.ask("GET", "/v1/runs/{run}", "none")
    service.ask("GET", "/v1/jobs/{job}", "none")
    service.ask("POST", "/v1/runs", json={"set": "reveal", "limitt": 3})
    service.ask("POST", "/v1/clips", files={"file": ("a.gif", b"GIF89a")})
    service.ask("POST", "/v1/clips/{sha256}/ask", "none", json={"modell": "blip-nano"})


def test_what_is_sent_is_what_is_described(described: DescribedService) -> None:
    wrong = {(one[:3], what) for one in described.sent for what in described.wrong(*one)}
    assert wrong == set()


def test_every_answer_with_fields_is_described_and_was_looked_at(
    described: DescribedService,
) -> None:
    seen = {(method, route, status) for method, route, status, _ in described.sent}
    for method, route, status, kind, said in described.answers():
        if status[0] != "2" or kind in FIELDLESS:
            continue
        assert kind in (JSON, EVENTS) and (method, route, status) in seen, (method, route, status)
        schema = said["schema"]
        assert "$ref" in str(schema) and "'additionalProperties': True" not in str(schema), route
    assert {status for *_, status, _ in described.sent} == {"200", "201", "202", "404", "422"}


def test_every_field_has_a_description(described: DescribedService) -> None:
    bare = [
        (name, field)
        for name, schema in described.told["components"]["schemas"].items()
        for field, about in schema.get("properties", {}).items()
        if "description" not in about and "$ref" not in about
    ]
    assert bare == []


def test_what_the_sent_content_shows(described: DescribedService) -> None:
    """The odd cases that the other tests rest on were met."""
    said = str(described.sent)
    for field in ("accuracy_per_call", "accuracy_sum", "judge", "p_holm", "why", "log", "receipt"):
        assert f"'{field}': " in said or f'"{field}":' in said, field
    assert {
        name
        for *_, body in described.sent
        if isinstance(body, list)
        for name, *_ in body
        if isinstance(name, str)
    } >= {"plan", "answer", "result", "error"}


def test_a_description_changes_nothing_of_what_is_sent() -> None:
    from memeprobe.service.answers.clips import Clip
    from memeprobe.service.answers.described import As

    told = TypeAdapter(Annotated[dict[str, Any], As(Clip)])
    assert told.dump_json(told.validate_python({"more": [1]})) == b'{"more":[1]}'
    assert "sha256" in told.json_schema(mode="serialization")["properties"]

"""A client of ``memeprobe serve``, with the surface of the local API.

client = mp.Client("http://127.0.0.1:8600")
clip = client.open_clip("cat.gif")
clip.keyframes(4), clip.captions(), clip.frame(0)
for answer in clip.ask("blip-nano", "What happens?"):
    print(answer["condition"], answer["text"])
run = client.run("reveal", "blip-nano").wait()
run.verdicts, run.report("report.html")
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx


class ServiceError(RuntimeError):
    """The service refused; ``type`` is for programs, the message says what was wrong."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(f"{message} ({kind}, HTTP {status})")
        self.status, self.type = status, kind


class Client:
    """Talks to one service. ``token``: one of MEMEPROBE_SERVICE_TOKENS, where it asks for one.

    ``timeout``: seconds without a byte from the service. Every method raises ServiceError for a
    refusal and httpx2.HTTPError where the service cannot be reached.
    """

    def __init__(self, url: str, token: str | None = None, timeout: float = 300.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; the response's status is a good one."""
        return _good(self._http.request(method, path, **options))

    def get(self, path: str, **params: Any) -> Any:
        """What a path holds, as plain values."""
        given = {k: v for k, v in params.items() if v is not None}
        return self.request("GET", path, params=given).json()

    def events(self, method: str, path: str, **options: Any) -> Iterator[tuple[str, Any]]:
        """(event, data) of a stream, as they come. Raises ServiceError for the event 'error'."""
        with self._http.stream(method, path, **options) as response:
            if response.status_code >= 400:
                response.read()
            for name, data in _parsed(_good(response).iter_lines()):
                if name == "error":
                    raise ServiceError(response.status_code, data["type"], data["message"])
                yield name, data

    def open_clip(self, file: str | Path) -> "RemoteClip":
        """Upload a GIF, picture or clip."""
        path = Path(file)
        files = {"file": (path.name, path.read_bytes())}
        return RemoteClip(self, self.request("POST", "/v1/clips", files=files).json())

    def clip_of(self, meme_set: str, item: str) -> "RemoteClip":
        """The file of an item of a built-in set."""
        body = {"set": meme_set, "item": item}
        return RemoteClip(self, self.request("POST", "/v1/clips/from-set", json=body).json())

    def models(self) -> dict[str, Any]:
        """As ``memeprobe models --json``."""
        found: dict[str, Any] = self.get("/v1/models")
        return found

    def sets(self) -> list[dict[str, Any]]:
        """The built-in sets and those saved in the workspace."""
        found: list[dict[str, Any]] = self.get("/v1/sets")
        return found

    def run(self, meme_set: str, model: str = "blip-nano", **choices: Any) -> "RemoteJob":
        """Start a run; ``choices``: preset, delivery, k, policy, language, limit."""
        body = {"set": meme_set, "model": model, **choices}
        return RemoteJob(self, self.request("POST", "/v1/runs", json=body).json())

    def jobs(self, limit: int | None = None, offset: int = 0) -> list["RemoteJob"]:
        """Every job of the workspace, latest first; ``limit``: at most so many from ``offset``."""
        rows = self.get("/v1/jobs", limit=limit, offset=offset)
        return [RemoteJob(self, row) for row in rows]

    def list_runs(self, limit: int | None = None, offset: int = 0) -> list[dict[str, Any]]:
        """Every stored run, latest first; ``limit``: at most so many from ``offset`` on."""
        found: list[dict[str, Any]] = self.get("/v1/runs", limit=limit, offset=offset)
        return found

    def open_run(self, run: str) -> "RemoteRun":
        """The stored run whose id is or begins with ``run``."""
        return RemoteRun(self, str(self.get(f"/v1/runs/{run}")["run"]))

    def compare(self, *runs: str) -> dict[str, Any]:
        """Runs on the same items, each against the first one."""
        found: dict[str, Any] = self.get("/v1/compare", runs=list(runs))
        return found


@dataclass(frozen=True)
class RemoteClip:
    """A clip that the service holds."""

    client: Client = field(repr=False)
    about: dict[str, Any]
    """sha256, kind, width, height, frames, duration_ms, timings, warnings."""

    @property
    def path(self) -> str:
        """Where the service has it."""
        return f"/v1/clips/{self.about['sha256']}"

    def keyframes(self, k: int = 4, policy: str | None = None) -> list[dict[str, Any]]:
        """The frames that a model is shown, each with what OCR reads on it."""
        found = self.client.get(f"{self.path}/keyframes", k=k, policy=policy)
        rows: list[dict[str, Any]] = found["keyframes"]
        return rows

    def captions(self) -> list[dict[str, Any]]:
        """Every caption with its time in ms, box in pixels and confidence."""
        rows: list[dict[str, Any]] = self.client.get(f"{self.path}/captions")["captions"]
        return rows

    def frame(self, index: int, form: str = "png", side: int | None = None) -> bytes:
        """One frame as the bytes of a PNG or WebP."""
        params = {} if side is None else {"side": side}
        path = f"{self.path}/frames/{index}.{form}"
        return self.client.request("GET", path, params=params).content

    def ask(self, model: str, question: str | None = None, **choices: Any) -> Iterator[Any]:
        """The answers as they come. ``choices``: deliveries, k, policy, max_new_tokens."""
        body = {"model": model, **({"question": question} if question else {}), **choices}
        for name, data in self.client.events("POST", f"{self.path}/ask", json=body):
            if name == "answer":
                yield data

    def look(self, model: str, question: str | None = None, **choices: Any) -> dict[str, Any]:
        """All answers, and whether the first picture alone decides."""
        body = {"model": model, **({"question": question} if question else {}), **choices}
        events = list(self.client.events("POST", f"{self.path}/ask", json=body))
        answers = [data for name, data in events if name == "answer"]
        return {"answers": answers, **events[-1][1]}


@dataclass(frozen=True)
class RemoteJob:
    """A run that was started as a job."""

    client: Client = field(repr=False)
    about: dict[str, Any]
    """As it was when it was asked for: job, state, done, planned, run."""

    @property
    def id(self) -> str:
        """The job's own id."""
        return str(self.about["job"])

    def state(self) -> dict[str, Any]:
        """As it is now."""
        found: dict[str, Any] = self.client.get(f"/v1/jobs/{self.id}")
        return found

    def pause(self) -> dict[str, Any]:
        """End its process; ``resume`` goes on from there."""
        return self._steer("pause")

    def resume(self) -> dict[str, Any]:
        """Go on where it stopped."""
        return self._steer("resume")

    def cancel(self) -> dict[str, Any]:
        """End it for good; what was answered stays."""
        return self._steer("cancel")

    def _steer(self, action: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.request("POST", f"/v1/jobs/{self.id}/{action}").json()
        return found

    def wait(
        self, progress: Callable[[int, int], None] | None = None, seconds: float | None = None
    ) -> "RemoteRun":
        """Until it has ended. ``progress`` is called with (done, planned).

        Raises ServiceError: it failed, was paused or cancelled; TimeoutError after ``seconds``.
        """
        until = None if seconds is None else time.monotonic() + seconds
        for state, now in self.client.events("GET", f"/v1/jobs/{self.id}/events"):
            if progress is not None:
                progress(now["done"], now["planned"])
            if state == "finished":
                return RemoteRun(self.client, str(now["run"]))
            if state != "running":
                raise ServiceError(
                    200, f"job_{state}", now.get("log") or now.get("why") or f"the job was {state}"
                )
            if until is not None and time.monotonic() > until:
                raise TimeoutError(f"the job {self.id} still runs after {seconds:.0f} s")
        raise ServiceError(200, "job_lost", f"the service no longer tells of the job {self.id}")


@dataclass(frozen=True)
class RemoteRun:
    """A stored run."""

    client: Client = field(repr=False)
    id: str

    @property
    def result(self) -> dict[str, Any]:
        """Everything that follows from the answers, as ``memeprobe run --json`` prints it."""
        found: dict[str, Any] = self.client.get(f"/v1/runs/{self.id}")
        return found

    @property
    def verdicts(self) -> dict[str, Any]:
        """Probe -> verdict."""
        found: dict[str, Any] = self.result["verdicts"]
        return found

    def describe(self, name: str | None = None, note: str | None = None) -> dict[str, Any]:
        """Call the run something, and say something of it; None keeps what there is."""
        said = {k: v for k, v in {"name": name, "note": note}.items() if v is not None}
        path = f"/v1/runs/{self.id}"
        found: dict[str, Any] = self.client.request("PATCH", path, json=said).json()
        return found

    def report(self, path: str | Path) -> Path:
        """Write the HTML report; returns where it is."""
        page = self.client.request("GET", f"/v1/runs/{self.id}/report").content
        Path(path).write_bytes(page)
        return Path(path)

    def export(self, form: str, path: str | Path) -> Path:
        """Write the run as a table: parquet, csv, latex, markdown."""
        table = self.client.request("GET", f"/v1/runs/{self.id}/export/{form}").content
        Path(path).write_bytes(table)
        return Path(path)


def _good(response: httpx.Response) -> httpx.Response:
    if response.status_code < 400:
        return response
    try:
        found = response.json()["error"]
        kind, message = str(found["type"]), str(found["message"])
    except (ValueError, KeyError, TypeError):
        kind, message = "unknown", response.text[:500]
    raise ServiceError(response.status_code, kind, message)


def _parsed(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events (HTML standard, 9.2.6) whose data is JSON; comments are passed over."""
    name = "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))

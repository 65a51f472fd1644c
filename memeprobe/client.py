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
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from memeprobe.remote import RemoteClip, RemoteJob, RemoteRun, ServiceError

if TYPE_CHECKING:
    from memeprobe.api.runs import Comparison


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

    def open_clip(self, file: str | Path) -> RemoteClip:
        """Upload a GIF, picture or clip."""
        path = Path(file)
        files = {"file": (path.name, path.read_bytes())}
        return RemoteClip(self, self.request("POST", "/v1/clips", files=files).json())

    def clip_of(self, meme_set: str, item: str) -> RemoteClip:
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

    def run(self, meme_set: str, model: str = "blip-nano", **choices: Any) -> RemoteJob:
        """Start a run; ``choices``: preset, conditions, delivery, k, policy, language, limit,
        sample, seed, scoring, as ``mp.run`` takes them."""
        body = {"set": meme_set, "model": model, **choices}
        return RemoteJob(self, self.request("POST", "/v1/runs", json=body).json())

    def jobs(self, limit: int | None = None, offset: int = 0) -> list[RemoteJob]:
        """Every job of the workspace, latest first; ``limit``: at most so many from ``offset``."""
        rows = self.get("/v1/jobs", limit=limit, offset=offset)
        return [RemoteJob(self, row) for row in rows]

    def list_runs(self, limit: int | None = None, offset: int = 0) -> list[dict[str, Any]]:
        """Every stored run, latest first; ``limit``: at most so many from ``offset`` on."""
        found: list[dict[str, Any]] = self.get("/v1/runs", limit=limit, offset=offset)
        return found

    def open_run(self, run: str) -> RemoteRun:
        """The stored run whose id is or begins with ``run``."""
        return RemoteRun(self, str(self.get(f"/v1/runs/{run}")["run"]))

    def compare(self, *runs: RemoteRun | str) -> "Comparison":
        """Every other run against the first, condition by condition, paired by item.

        ``runs``: as ``open_run`` gives them, or their ids.
        """
        from memeprobe.api.runs import Comparison

        ids = [run if isinstance(run, str) else run.id for run in runs]
        return Comparison(self.get("/v1/compare", runs=ids))


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

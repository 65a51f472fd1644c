"""A client of ``memeprobe serve``, with the surface of the local API.

client = mp.Client("http://127.0.0.1:8600")
clip = client.open_clip("cat.gif")
clip.keyframes(4), clip.captions(), clip.frame(0)
for answer in clip.ask("blip-nano", "What happens?"):
    print(answer["condition"], answer["text"])
run = client.run("reveal", "blip-nano").wait()
run.verdicts, run.report("report.html")
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from memeprobe.client.connection import Connection
from memeprobe.client.remote import RemoteClip, RemoteJob, RemoteRun

if TYPE_CHECKING:
    from memeprobe.api.runs import Comparison


class Client(Connection):
    """Talks to one service. ``token``: one of MEMEPROBE_SERVICE_TOKENS, where it asks for one.

    ``timeout``: seconds without a byte from the service. Every method raises ServiceError for a
    refusal and httpx2.HTTPError where the service cannot be reached.
    """

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

"""What a service holds, as ``mp.Client`` hands it out: clips, jobs, runs."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memeprobe.client.connection import Connection, ServiceError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RemoteClip:
    """A clip that the service holds."""

    client: Connection = field(repr=False)
    about: dict[str, Any]
    """sha256, kind, width, height, frames, duration_ms, timings, warnings."""

    @property
    def path(self) -> str:
        """Where the service has it."""
        return f"/v1/clips/{self.about['sha256']}"

    def keyframes(
        self, k: int = 4, policy: str | None = None, engine: str | None = None
    ) -> list[dict[str, Any]]:
        """The frames that a model is shown, each with what OCR reads on it."""
        found = self.client.get(f"{self.path}/keyframes", k=k, policy=policy, engine=engine)
        rows: list[dict[str, Any]] = found["keyframes"]
        return rows

    def captions(self, engine: str | None = None) -> list[dict[str, Any]]:
        """Every caption with its time in ms, box in pixels and confidence."""
        found = self.client.get(f"{self.path}/captions", engine=engine)
        rows: list[dict[str, Any]] = found["captions"]
        return rows

    def frame(self, index: int, form: str = "png", side: int | None = None) -> bytes:
        """One frame as the bytes of a PNG or WebP."""
        params = {} if side is None else {"side": side}
        path = f"{self.path}/frames/{index}.{form}"
        return self.client.request("GET", path, params=params).content

    def ask(self, model: str, question: str | None = None, **choices: Any) -> Iterator[Any]:
        """The answers as they come. ``choices``: deliveries, k, policy, max_new_tokens."""
        return (data for name, data in self._asked(model, question, choices) if name == "answer")

    def look(self, model: str, question: str | None = None, **choices: Any) -> dict[str, Any]:
        """All answers, and whether the first picture alone decides."""
        events = list(self._asked(model, question, choices))
        answers = [data for name, data in events if name == "answer"]
        return {"answers": answers, **events[-1][1]}

    def _asked(
        self, model: str, question: str | None, choices: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        body = {"model": model, **({"question": question} if question else {}), **choices}
        return self.client.events("POST", f"{self.path}/ask", json=body)


@dataclass(frozen=True)
class RemoteJob:
    """A run that was started as a job."""

    client: Connection = field(repr=False)
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
        """End it, and nothing begins it again but ``resume``; what was answered stays."""
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
        until = math.inf if seconds is None else time.monotonic() + seconds
        told: tuple[int, int] | None = None
        while True:  # a stream of events says nothing of a job that stands still
            now = self.state()
            state, done = now["state"], (now["done"], now["planned"])
            if progress is not None and done != told:
                progress(*done)
            told = done
            if state == "finished":
                return RemoteRun(self.client, str(now["run"]))
            if state != "running":
                raise ServiceError(
                    200, f"job_{state}", now.get("log") or now.get("why") or f"the job was {state}"
                )
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the job {self.id} still runs after {seconds:.0f} s")
            time.sleep(min(0.5, left))


@dataclass(frozen=True)
class RemoteRun:
    """A stored run."""

    client: Connection = field(repr=False)
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

    @property
    def measures(self) -> dict[str, Any]:
        """Measure -> value with its 95 % interval (low, high), n, and p where it is tested."""
        found: dict[str, Any] = self.result["measures"]
        return found

    @property
    def record(self) -> dict[str, Any]:
        """What was run, how far it is, and what people call it, as ``list_runs`` has it."""
        found: dict[str, Any] = self.client.get(f"/v1/runs/{self.id}/record")
        return found

    @property
    def trials(self) -> list[dict[str, Any]]:
        """One row a trial, in the set's order."""
        found: list[dict[str, Any]] = self.client.get(f"/v1/runs/{self.id}/trials")
        return found

    def to_pandas(self) -> "pd.DataFrame":
        """One typed row a trial; ``memeprobe.api.table.COLUMNS`` documents the columns."""
        from memeprobe.api.table import dataframe

        return dataframe(self.trials)

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
        """Write the run as a file: parquet, csv, latex, markdown, inspect, every-eval-ever."""
        table = self.client.request("GET", f"/v1/runs/{self.id}/export/{form}").content
        Path(path).write_bytes(table)
        return Path(path)

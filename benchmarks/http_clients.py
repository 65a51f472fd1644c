"""Clients of the REST service at once: ``python -m benchmarks.http_clients --clients 10``.

Each uses nothing but HTTP: it uploads a GIF, reads its captions, asks blip-nano, starts a run on
``reveal`` of its own size, follows its progress, and downloads result, report and CSV. Then it is
checked that every client got its own clip and its own run, that the store and the page Runs have
the same runs, and what memory the service and all that it started took at most.

Each client's GIF is the file that is named (../shared/memes/gif/ep_002.gif, else one drawn here)
with a comment of its own, so that no two are the same file.
"""

import argparse
import io
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from memeprobe.fonts import font
from memeprobe.store.store import Store
from tests.app_test import app
from tests.service import Served

REAL = Path(__file__).resolve().parents[2] / "shared" / "memes" / "gif" / "ep_002.gif"
WORDS = (
    "MONDAY",
    "RIVER",
    "ZEBRA",
    "APPLE",
    "WINTER",
    "MUSIC",
    "TIGER",
    "BREAD",
    "HAMMER",
    "PLANET",
)
"""Captions of the clips that are drawn here."""


@dataclass
class Visit:
    """What one client got."""

    client: int
    clip: str = ""
    captions: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    run: str = ""
    items: int = 0
    progress: list[int] = field(default_factory=list)
    report: str = ""
    rows: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def own_gif(number: int, file: Path | None) -> bytes:
    """The GIF with a comment of its own; None: one drawn here, a caption of its own on it."""
    buffer = io.BytesIO()
    if file is not None:
        data = file.read_bytes()
        text = f"client {number}".encode()
        comment = b"\x21\xfe" + bytes([len(text)]) + text + b"\x00"
        return data[:-1] + comment + b"\x3b" if data.endswith(b"\x3b") else data + comment
    pictures = []
    for place in range(4):
        picture = Image.new("RGB", (240, 160), (255, 40 * place, 0))
        ImageDraw.Draw(picture).text((20, 110), WORDS[number % len(WORDS)], "white", font(32))
        pictures.append(picture)
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=200)
    return buffer.getvalue()


def events(client: httpx.Client, method: str, path: str, **more: Any) -> Iterator[tuple[str, Any]]:
    """Server-sent events as (name, data)."""
    with client.stream(method, path, **more) as answer:
        answer.raise_for_status()
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def visit(url: str, number: int, file: Path | None, model: str = "blip-nano") -> Visit:
    """One client's whole visit. Raises httpx.HTTPError, AssertionError."""
    got, begun = Visit(number), time.monotonic()

    def passed(what: str) -> None:
        got.seconds[what] = round(time.monotonic() - begun, 1)

    with httpx.Client(base_url=url, timeout=1800) as client:
        files = {"file": (f"{number}.gif", own_gif(number, file))}
        sent = client.post("/v1/clips", files=files).raise_for_status().json()
        got.clip = sent["sha256"]
        passed("uploaded")
        read = client.get(f"/v1/clips/{got.clip}/captions").raise_for_status().json()
        got.captions = [track["text"] for track in read["captions"]]
        passed("captions")
        question = {"model": "blip-nano", "question": f"What happens? ({number})", "k": 3}
        for name, data in events(client, "POST", f"/v1/clips/{got.clip}/ask", json=question):
            assert name != "error", data
            if name == "answer":
                got.answers[data["condition"]] = data["text"]
        passed("answers")
        wanted = {"set": "reveal", "model": model, "preset": "quick", "limit": 4 + number}
        job = client.post("/v1/runs", json=wanted).raise_for_status().json()
        for name, data in events(client, "GET", f"/v1/jobs/{job['job']}/events"):
            assert name in ("running", "finished"), data
            got.progress.append(data["done"])
            got.run = data["run"] or got.run
        passed("run")
        result = client.get(f"/v1/runs/{got.run}").raise_for_status().json()
        got.items = result["items"]
        got.report = client.get(f"/v1/runs/{got.run}/report").raise_for_status().text
        table = client.get(f"/v1/runs/{got.run}/export/csv").raise_for_status().text
        got.rows = len(table.splitlines()) - 1
        passed("all")
    return got


def together(url: str, clients: int, file: Path | None, model: str = "blip-nano") -> list[Visit]:
    """What so many clients got that came at the same moment."""
    with ThreadPoolExecutor(clients) as pool:
        jobs = [pool.submit(visit, url, n, file, model) for n in range(clients)]
        return [job.result() for job in jobs]


@contextmanager
def peak_memory(pid: int) -> Iterator[list[float]]:
    """Most MiB that the process and all that it started held together: [service, everything]."""
    most, ended = [0.0, 0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            sizes = {p: _private(p) for p in _family(pid)}
            most[0] = max(most[0], sizes.get(pid, 0.0))
            most[1] = max(most[1], sum(sizes.values()))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield most
    ended.set()
    thread.join()


def _family(pid: int) -> set[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, new = {pid}, [pid]
    while new:
        new = [child for parent in new for child in children.get(parent, ())]
        found |= set(new)
    return found


def _private(pid: int) -> float:
    """Proportional memory of a process in MiB: what is shared is divided."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def page_shows(run: str) -> bool:
    """Whether the page Runs opens this run by its address."""
    at: AppTest = app("runs")
    at.query_params["run"] = run
    at.run()
    return not at.exception and at.selectbox(key="run_chosen").value == run


def checked(visits: list[Visit], workspace: Path) -> None:
    """Raises AssertionError: something was mixed up."""
    for what in ("clip", "run"):
        assert len({getattr(v, what) for v in visits}) == len(visits), what
    with Store(workspace) as store:
        assert {r.run for r in store.runs()} == {v.run for v in visits}
        for v in visits:
            record = store.run(v.run)
            assert record.limit == v.items == 4 + v.client, (record.limit, v)
            assert record.done == record.planned == v.rows == v.progress[-1]
            assert v.progress == sorted(v.progress)
            assert v.run in v.report and "<html" in v.report
            others = {w.run for w in visits} - {v.run}
            assert not any(other in v.report for other in others)
    assert len({tuple(sorted(v.answers)) for v in visits}) == 1 and visits[0].answers


def main() -> None:
    """Print the figures as one line of JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=10)
    options.add_argument("--gif", type=Path, default=REAL)
    asked = options.parse_args()
    file = asked.gif if asked.gif.is_file() else None
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "store.sqlite"
        os.environ["MEMEPROBE_WORKSPACE"] = str(workspace)
        served = Served(workspace)
        begun = time.monotonic()
        try:
            with (
                peak_memory(served.process.pid) as memory,
                ThreadPoolExecutor(asked.clients) as pool,
            ):
                jobs = [pool.submit(visit, served.url, n, file) for n in range(asked.clients)]
                visits = [job.result() for job in jobs]
            took = time.monotonic() - begun
            checked(visits, workspace)
            shown = sum(page_shows(v.run) for v in visits)
        finally:
            served.end()
    stages = {
        k: [min(s), max(s)] for k in visits[0].seconds if (s := [v.seconds[k] for v in visits])
    }
    figures = {
        "clients": asked.clients,
        "file": asked.gif.name if file else "drawn here",
        "captions": sorted({len(v.captions) for v in visits}),
        "trials": sum(v.rows for v in visits),
        "seconds": round(took, 1),
        "seconds until (first, last client)": stages,
        "MiB of the service": round(memory[0]),
        "MiB of it and all it started": round(memory[1]),
        "runs on the page": shown,
        "load before": round(os.getloadavg()[2], 1),
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()

"""A planted key that a server quotes wherever it can: it is in nothing that memeprobe writes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frames import isolated
from meme_sets import load_set
from memeprobe.running.ahead import Ahead
from memeprobe.store.store import Store
from memeprobe.workers.batch import Job, jobs, start
from tests.command_line import CommandLine
from tests.not_none import not_none
from tests.stand_in_server import Handler, StandIn

KEY = "sk-planted/mid4711dle-never-to-be-seen"
PARTS = ("planted", "mid4711", "never-to-be")
ASKED = ("run", "reveal", "--limit", 3, "-c", "first", "-c", "keyframes", "-c", "blind")
PLAIN = ("--policy", "uniform_time")


def quotes(handler: Handler, met: int) -> bool:
    """Answer with the key in one place or another."""
    said = f"the key is {handler.headers['authorization']}"
    message: dict[str, Any] = {"content": said, "reasoning_content": said}
    choice: dict[str, Any] = {"message": message, "finish_reason": KEY if met % 2 else "stop"}
    if met % 3:
        rows = [{"token": t, "logprob": -1.0} for t in ("A", "B", "C", "D", KEY)]
        choice["logprobs"] = {"content": [{"token": KEY, "top_logprobs": rows}]}
    body = {"id": KEY, "model": KEY, "choices": [choice], KEY: KEY, "usage": {KEY: 1}}
    refusal = {"choices": [{"message": {"content": None, "refusal": f"not with {KEY}"}}]}
    replies: list[tuple[int, dict[str, Any]]] = [
        (200, body),
        (200, refusal),
        (200, body),
        (400, {"error": {"message": f"{KEY} is wrong"}}),
        (200, {"error": {"message": f"{KEY} is wrong"}}),
        (200, body),
        (200, {"choices": KEY}),
    ]
    status, sent = replies[met % len(replies)]
    handler.reply(status, sent, {"x-key": KEY, "retry-after": KEY})
    return True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    for name, value in {"LONGEST_WAIT": "0.01", "ATTEMPTS": "2", "TIMEOUT": "60"}.items():
        monkeypatch.setenv(f"MEMEPROBE_SERVER_{name}", value)
    monkeypatch.setenv("MEMEPROBE_API_KEY", KEY)
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "0")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    with StandIn() as running:
        running.state.faults[""] = quotes
        yield running


def told_in(folder: Path) -> list[str]:
    """Files below a folder that hold a part of the key."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".parquet":  # which is packed
                tables = pytest.importorskip("pyarrow.parquet")
                data = str(tables.read_table(path).to_pydict()).encode()
            found += [str(path) for part in PARTS if part.encode() in data]
    return found


def environments(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """The command of every process that is started from now on, and what it gets of the
    environment."""
    for decoder in isolated._PROCESSES.values():
        decoder.stop()  # it may be that of another test
    seen: list[tuple[str, dict[str, str]]] = []
    real = subprocess.Popen.__init__

    def note(self: Any, *args: Any, **named: Any) -> None:
        given = named.get("env")
        seen.append((str(args[0]), dict(os.environ if given is None else given)))
        real(self, *args, **named)

    monkeypatch.setattr(subprocess.Popen, "__init__", note)
    return seen


def ended(name: str, workspace: Path) -> Job:
    """A job, once its process is gone."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        (job,) = (j for j in jobs(workspace) if j.id == name)
        if job.state != "running":
            return job
        time.sleep(0.1)
    raise AssertionError(job.log())


@pytest.mark.slow
def test_a_key_that_a_server_quotes_is_written_nowhere(
    server: StandIn,
    memeprobe: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = environments(monkeypatch)
    model, said = f"server:{server.url}#stand-in", []
    runs = []
    for more in ((), ("--scoring", "free"), ("--scoring", "free", "--judge", model)):
        code, out, err = memeprobe(*ASKED, "-m", model, *PLAIN, "--json", *more)
        said += [out, err]
        assert out, (code, err)
        runs.append(json.loads(out)["run"])
    quoted = [body for body in server.state.bodies if "messages" in body]
    assert len(quoted) > 20 and f"Bearer {KEY}" in server.state.keys
    reveal = load_set("reveal")
    meme = reveal.media_path(reveal.items[0])
    commands: list[tuple[object, ...]] = [
        (*ASKED, "-m", model, *PLAIN),
        ("report", *runs, "--html", tmp_path / "r.html"),
        *(("export", runs[0], "-f", f, "-o", tmp_path / f"t.{f}") for f in ("csv", "parquet")),
        *(("export", runs[1], "-f", f, "-o", tmp_path / f"t.{f}") for f in ("markdown", "latex")),
        ("compare", *runs),
        ("audit", runs[1], "--sheet", tmp_path / "audit.csv"),
        ("look", meme, "-m", model, "--json", *PLAIN),
        ("store", "check"),
        ("doctor", model),
        ("run", "reveal", "-m", model, "-c", "first", "--language", "xx"),
    ]
    for command in commands:
        code, out, err = memeprobe(*command)
        said += [out, err]
    job = start("run", [*map(str, ASKED[1:]), "-m", model, *PLAIN], tmp_path / "j.sqlite", {})
    assert ended(job.id, tmp_path / "j.sqlite").result() is not None
    with Store.existing(tmp_path / "store.sqlite") as store:
        texts = [row.text or row.problem or "" for run in runs for row in store.outcomes(run)]
    assert any("the key is" in text for text in texts), "answers are kept but for the key"
    assert any("is wrong" in text for text in texts), "and errors too"
    assert [t for t in said if any(part in t for part in PARTS)] == []
    assert told_in(tmp_path) == []
    # The job asks the server itself; the other Python process decodes.
    ours = [
        (command, KEY in env.values())
        for command, env in seen
        if "memeprobe" in command or "frames" in command
    ]
    assert sorted(has for _, has in ours) == [False, True], seen


def test_processes_that_make_stimuli_get_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMEPROBE_API_KEY", KEY)
    monkeypatch.setenv("MEMEPROBE_CACHE_BYTES", "123456")
    tells = "import json, os; print(json.dumps(dict(os.environ)), flush=True); input()"
    with Ahead({}, (), 1, [sys.executable, "-c", tells]) as helpers:
        process = helpers._process()
        got = json.loads(not_none(process.stdout).readline())
    assert KEY not in got.values() and "MEMEPROBE_API_KEY" not in got
    assert got["MEMEPROBE_CACHE_BYTES"] == "123456" and got["MEMEPROBE_OCR_THREADS"] == "1"

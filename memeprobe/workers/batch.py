"""Batch runs: the command line in a process of its own, which goes on when the page is closed.

A job is a folder beside the workspace: what was asked (``job.json``), the process's log and its
result. Whether it runs is told by a lock that the process holds, so a pid used again deceives
nobody. Ending it is safe at any time: the store keeps what was answered, and the same command
goes on from there.
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from memeprobe.store.queries import StoreReader, exists
from memeprobe.store.rows import RunRecord
from memeprobe.workers.slots import JOB, PAUSED, WAITING

RUN_FILE = "run.txt"
"""In a job's folder: the id of the run that it works on."""
COMMAND = [
    sys.executable,
    "-c",
    "from memeprobe.workers.slots import take_turn; take_turn(); "
    "from memeprobe.cli.app import main; main()",
]
STATES = ("running", "finished", "paused", "cancelled", "failed")


@dataclass(frozen=True)
class Job:
    """One background command."""

    id: str
    folder: Path
    kind: str
    """'run' or 'calibrate'."""
    arguments: tuple[str, ...]
    workspace: Path
    started: float
    """Seconds of the epoch, of the latest start."""
    wanted: str = "running"
    """'running', 'paused' or 'cancelled': what the user asked for last."""
    pid: int | None = None
    about: dict[str, Any] = field(default_factory=dict)
    """For the page: set, model, delivery, k, policy, language, limit."""

    @property
    def state(self) -> str:
        """One of ``STATES``."""
        if _held(self.folder / "lock"):
            return "running"
        if self.result() is not None:
            return "finished"
        if self.wanted in ("paused", "cancelled"):
            return self.wanted
        return "paused" if self.why else "failed"

    @property
    def why(self) -> str:
        """Why it paused by itself; empty if it did not."""
        with contextlib.suppress(OSError):
            return (self.folder / PAUSED).read_text("utf-8", "replace")
        return ""

    @property
    def waiting(self) -> bool:
        """Whether it runs, but waits for other jobs to end (``slots``)."""
        return (self.folder / WAITING).exists() and _held(self.folder / "lock")

    def result(self) -> Any:
        """What the command printed as JSON; None if it has not (yet)."""
        try:
            return json.loads((self.folder / "result.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def log(self, lines: int = 12) -> str:
        """The last lines of what the command said."""
        try:
            text = (self.folder / "log.txt").read_text("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.replace("\r", "\n").splitlines()[-lines:])


def jobs_folder(workspace: Path) -> Path:
    """Where the jobs of a workspace lie."""
    return workspace.with_name(workspace.name + ".jobs")


def start(kind: str, arguments: Sequence[str], workspace: Path, about: dict[str, Any]) -> Job:
    """Start ``memeprobe KIND ARGUMENTS --json --workspace ...``."""
    name = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)
    folder = jobs_folder(workspace) / name
    folder.mkdir(parents=True)
    job = Job(name, folder, kind, tuple(arguments), workspace, time.time(), about=about)
    return _launch(job)


def start_once(
    kind: str, arguments: Sequence[str], workspace: Path, about: dict[str, Any]
) -> tuple[Job, bool]:
    """(the job, whether it is new): one under way with these very arguments is not begun twice."""
    with _alone(jobs_folder(workspace)):
        same = (j for j in jobs(workspace, kind) if j.arguments == tuple(arguments))
        found = next((j for j in same if j.state == "running"), None)
        if found is not None:
            return found, False
        return start(kind, arguments, workspace, about), True


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other thread or process starts or ends what lies in this folder meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "steering").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _launch(job: Job) -> Job:
    for name in ("result.json", WAITING, PAUSED):
        (job.folder / name).unlink(missing_ok=True)
    command = [*COMMAND, job.kind, *job.arguments, "--json"]
    if job.kind == "run":
        command += ["--workspace", str(job.workspace), "--run-file", str(job.folder / RUN_FILE)]
    lock = os.open(job.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with (
            (job.folder / "log.txt").open("ab") as log,
            (job.folder / "result.json").open("wb") as result,
        ):
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=result,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock,),
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                    JOB: str(job.folder),
                },
            )
    finally:
        os.close(lock)  # the process holds it now
    return _save(job, wanted="running", pid=process.pid, started=time.time())


def _save(job: Job, **changes: Any) -> Job:
    changed = Job(**{**{f: getattr(job, f) for f in job.__dataclass_fields__}, **changes})
    plain = {**asdict(changed), "folder": str(changed.folder), "workspace": str(changed.workspace)}
    temporary = changed.folder / "job.json.new"
    temporary.write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
    temporary.replace(changed.folder / "job.json")
    return changed


def _held(lock: Path) -> bool:
    try:
        with lock.open("rb+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
    except OSError:
        return False


def jobs(workspace: Path, kind: str | None = None) -> list[Job]:
    """All jobs of a workspace, latest first; folders that hold none are passed over."""
    found = []
    for path in sorted(jobs_folder(workspace).glob("*/job.json"), reverse=True):
        with contextlib.suppress(OSError, ValueError, TypeError):
            found.append(_read(path.parent))
    return [j for j in found if kind in (None, j.kind)]


def as_it_is_now(job: Job) -> Job:
    """The job with what others have asked of it since it was read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return _read(job.folder)
    return job


def _read(folder: Path) -> Job:
    record = json.loads((folder / "job.json").read_text("utf-8"))
    record |= {
        "folder": folder,
        "workspace": Path(record["workspace"]),
        "arguments": tuple(record["arguments"]),
    }
    return Job(**record)


def _end(job: Job, wanted: str) -> Job:
    with _alone(job.folder):
        return _ended(as_it_is_now(job), wanted)


def _ended(job: Job, wanted: str) -> Job:
    job = _save(job, wanted=wanted)
    if job.pid is not None and _held(job.folder / "lock"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(job.pid, signal.SIGTERM)
        for _ in range(50):
            if not _held(job.folder / "lock"):
                break
            time.sleep(0.1)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(job.pid, signal.SIGKILL)
    return job


def pause(job: Job) -> Job:
    """End the process; ``resume`` goes on from the last batch stored."""
    return _end(job, "paused")


def cancel(job: Job) -> Job:
    """End the process for good; what was answered stays in the store."""
    return _end(job, "cancelled")


def resume(job: Job) -> Job:
    """Start the same command again, unless it runs or has finished."""
    with _alone(job.folder):
        job = as_it_is_now(job)
        return job if job.state in ("running", "finished") else _launch(job)


def run_of(job: Job, reader: StoreReader) -> RunRecord | None:
    """The stored run that a job works on; None before it has begun one."""
    path = job.folder / RUN_FILE
    return reader.run(path.read_text("utf-8")) if path.is_file() else None


def progress_of(job: Job) -> tuple[int, int, RunRecord | None]:
    """(trials done, planned, run) of a job; zeros before it has begun a run."""
    if not exists(job.workspace):
        return 0, 0, None
    with StoreReader(job.workspace) as reader:
        run = run_of(job, reader)
        return (*reader.progress(run.run), run) if run else (0, 0, None)

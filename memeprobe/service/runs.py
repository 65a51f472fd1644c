"""Runs over HTTP: start, watch, pause, resume, cancel; results, reports, tables."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from meme_sets import BUILTIN, load_set
from memeprobe import jobs
from memeprobe.api.table import rows_of
from memeprobe.comparison.runs import compare
from memeprobe.errors import JobError, unknown
from memeprobe.report.formats import FORMATS
from memeprobe.run_listing import describe_run
from memeprobe.service.answers.described import As
from memeprobe.service.answers.results import Comparison, Result, Trial
from memeprobe.service.answers.runs import Job as JobSent
from memeprobe.service.answers.runs import JobEvent, RunRow, StartedJob
from memeprobe.service.asking import allowed
from memeprobe.service.clips import State
from memeprobe.service.problems import NotFound
from memeprobe.service.run_request import RunNames, RunRequest
from memeprobe.service.state import ServiceState
from memeprobe.store.notes import name_run
from memeprobe.store.queries import exists
from memeprobe.store.store import Store
from memeprobe.workers import batch
from memeprobe.workers.batch import Job
from memeprobe.workers.run_request import begin, plan
from memeprobe.workspace import sets_beside

router = APIRouter(prefix="/v1", tags=["runs"])
ENDED = ("finished", "paused", "cancelled", "failed")


def job_of(job: str, state: State) -> Job:
    """The job that a path names."""
    found = next((j for j in batch.jobs(state.settings.workspace) if j.id == job), None)
    if found is None:
        raise NotFound(f"there is no job {job[:80]!r}")
    return found


Limit = Annotated[int | None, Query(ge=1, description="At most so many; all if left out.")]
Offset = Annotated[int, Query(ge=0, description="So many of the latest are passed over.")]
NamedJob = Annotated[Job, Depends(job_of)]


@router.post(
    "/runs",
    status_code=202,
    responses={200: {"model": StartedJob, "description": "It is under way already."}},
)
def start(
    asked: RunRequest, state: State, response: Response
) -> Annotated[dict[str, Any], As(StartedJob)]:
    """Start a run as a job of its own, which outlives the service.

    The same run that is under way already is not begun twice: then the status is 200.
    """
    source = set_source(state, asked.set)
    allowed(state, asked.model)
    spec = asked.spec(source)
    meme_set = load_set(source)
    size = plan(spec, meme_set).size
    job, new = begin(spec, meme_set, source, asked.preset, state.settings.workspace)
    if not new:
        response.status_code = 200
    return {**describe_job(job), "trials": size.trials, "calls": size.calls}


def set_source(state: ServiceState, name: str) -> str:
    """A built-in set's name, or the folder of one saved in the workspace. Raises NotFound."""
    if name in BUILTIN:
        return name
    saved = {p.parent.name: str(p.parent) for p in saved_sets(state)}
    if name not in saved:
        raise NotFound(unknown("set", name[:80], [*BUILTIN, *saved]))
    return saved[name]


def saved_sets(state: ServiceState) -> list[Path]:
    """The item files of the sets saved beside the store."""
    return sorted(sets_beside(state.settings.workspace).glob("*/items.jsonl"))


@router.get("/jobs")
def list_jobs(
    state: State, limit: Limit = None, offset: Offset = 0
) -> Annotated[list[dict[str, Any]], As(list[JobSent])]:
    """Every job of the workspace, whoever began it, latest first."""
    found = batch.jobs(state.settings.workspace, "run")
    return [describe_job(job) for job in found[offset:][:limit]]


@router.get("/jobs/{job}")
def job_state(job: NamedJob) -> Annotated[dict[str, Any], As(JobSent)]:
    """State and progress of a job."""
    return describe_job(job)


@router.post("/jobs/{job}/{action}")
def steer(job: NamedJob, action: str) -> Annotated[dict[str, Any], As(JobSent)]:
    """``pause``, ``resume`` or ``cancel`` a job; what was answered stays."""
    steps: dict[str, Callable[[Job], Job]] = {
        "pause": batch.pause,
        "resume": batch.resume,
        "cancel": batch.cancel,
    }
    if action not in steps:
        raise NotFound(unknown("action", action, steps))
    return describe_job(steps[action](job))


@router.get(
    "/jobs/{job}/events",
    response_class=EventSourceResponse,
    responses={200: {"model": list[JobEvent]}},
)
async def watch(job: NamedJob, state: State) -> AsyncIterator[ServerSentEvent]:
    """The job's progress each time that it changes, until it ends or the service does."""
    before: dict[str, Any] | None = None
    while not state.closing.is_set():  # between two looks it holds no thread, however many watch
        now = await run_in_threadpool(lambda: describe_job(batch.as_it_is_now(job)))
        if now != before:
            yield ServerSentEvent(event=now["state"], data=now)
        if now["state"] in ENDED:
            return
        before = now
        await asyncio.sleep(0.5)


def describe_job(job: Job) -> dict[str, Any]:
    """A job as plain values; ``log`` only where it failed, ``why`` where it paused by itself."""
    state = job.state
    done, planned, run = batch.progress_of(job)
    return {
        "job": job.id,
        "state": state,
        "waiting": state == "running" and job.waiting,
        "done": done,
        "planned": planned,
        "run": run.run if run is not None else None,
        "about": job.about,
        **({"log": job.log()} if state == "failed" else {}),
        **({"why": job.why} if state == "paused" and job.why else {}),
    }


def opened(state: ServiceState) -> Store:
    """The store, for a ``with`` of the route's own. Raises NotFound: nothing has been run yet.

    No dependency of FastAPI: that is made and closed in other threads than the route's, and a
    connection of SQLite belongs to one.
    """
    if not exists(state.settings.workspace):
        raise NotFound("nothing has been run in this workspace yet")
    return Store(state.settings.workspace)


@router.get("/runs")
def list_runs(
    state: State, limit: Limit = None, offset: Offset = 0
) -> Annotated[list[dict[str, Any]], As(list[RunRow])]:
    """Every stored run, latest first."""
    if not exists(state.settings.workspace):
        return []
    with Store(state.settings.workspace) as store:
        return [describe_run(run) for run in store.runs()[offset:][:limit]]


@router.get("/runs/{run}")
def result(run: str, state: State) -> Annotated[dict[str, Any], As(Result)]:
    """Verdicts, measures and conditions of a run, as ``memeprobe run --json`` prints them."""
    with opened(state) as store:
        return jobs.result_of(store, run).as_json()


@router.patch("/runs/{run}")
def describe(run: str, said: RunNames, state: State) -> Annotated[dict[str, Any], As(RunRow)]:
    """Call a run something, and say something of it; the run as ``GET /v1/runs`` lists it."""
    with opened(state) as store:
        known = store.run(run).run
        name_run(state.settings.workspace, known, said.name, said.note)
        return describe_run(store.run(known))


@router.get("/runs/{run}/trials")
def trials(run: str, state: State) -> Annotated[list[dict[str, Any]], As(list[Trial])]:
    """One row a trial, with the columns that ``Run.to_pandas`` has."""
    with opened(state) as store:
        info = store.run(run)
        return rows_of(info, store.outcomes(info.run))


@router.get("/runs/{run}/report", response_class=HTMLResponse)
def report(run: str, state: State) -> HTMLResponse:
    """The self-contained HTML report."""
    with opened(state) as store:
        return HTMLResponse(jobs.report(store, [jobs.result_of(store, run)]))


@router.get(
    "/runs/{run}/export/{form}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def export(run: str, form: str, state: State) -> Response:
    """The run as a file: parquet, csv, latex, markdown, inspect, every-eval-ever."""
    if form not in FORMATS:
        raise NotFound(unknown("format", form, FORMATS))
    suffix = FORMATS[form][0]
    with tempfile.TemporaryDirectory() as folder, opened(state) as store:
        info = store.run(run)
        path = Path(folder) / f"run{suffix}"
        jobs.write_export(store, info.run, form, path)
        name = f'attachment; filename="run-{info.run}{suffix}"'
        return Response(
            path.read_bytes(),
            media_type="application/octet-stream",
            headers={"Content-Disposition": name},
        )


@router.get("/compare")
def compare_runs(
    runs: Annotated[list[str], Query()], state: State
) -> Annotated[dict[str, Any], As(Comparison)]:
    """Runs on the same items, each against the first one."""
    if len(runs) < 2:
        raise JobError("name at least two runs: ?runs=A&runs=B")
    with opened(state) as store:
        return compare(store, runs)

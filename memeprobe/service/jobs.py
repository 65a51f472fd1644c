"""Jobs over HTTP: which there are, how they do; watch, pause, resume, cancel."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from memeprobe.errors import unknown
from memeprobe.service.answers.described import As, OneOf
from memeprobe.service.answers.runs import Job as JobSent
from memeprobe.service.answers.runs import JobEvent
from memeprobe.service.clips import State
from memeprobe.service.parameters import JobId, Limit, Offset
from memeprobe.service.problems import NotFound
from memeprobe.service.state import ServiceState
from memeprobe.workers import batch
from memeprobe.workers.batch import Job

router = APIRouter(prefix="/v1/jobs", tags=["runs"])
ENDED = ("finished", "paused", "cancelled", "failed")
STEPS: dict[str, Callable[[Job], Job]] = {
    "pause": batch.pause,
    "resume": batch.resume,
    "cancel": batch.cancel,
}


def job_of(job: JobId, state: State) -> Job:
    """The job that a path names."""
    found = next((j for j in batch.jobs(state.settings.workspace) if j.id == job), None)
    if found is None:
        raise NotFound(f"there is no job {job[:80]!r}; /v1/jobs lists those that there are")
    return found


NamedJob = Annotated[Job, Depends(job_of)]
Action = Annotated[str, OneOf(STEPS), InPath(description="What is to become of it.")]


@router.get("", response_description="The jobs, latest first.")
def list_jobs(
    state: State, limit: Limit = None, offset: Offset = 0
) -> Annotated[list[dict[str, Any]], As(list[JobSent])]:
    """Every job of the workspace, whoever began it, latest first."""
    found = batch.jobs(state.settings.workspace, "run")
    return [describe_job(job, state) for job in found[offset:][:limit]]


@router.get("/{job}", response_description="The job as it is now.")
def job_state(job: NamedJob, state: State) -> Annotated[dict[str, Any], As(JobSent)]:
    """State and progress of a job."""
    return describe_job(job, state)


@router.post("/{job}/{action}", response_description="The job after it.")
def steer(job: NamedJob, action: Action, state: State) -> Annotated[dict[str, Any], As(JobSent)]:
    """``pause``, ``resume`` or ``cancel`` a job; what was answered stays."""
    if action not in STEPS:
        raise NotFound(unknown("action", action[:80], STEPS))
    return describe_job(STEPS[action](job), state)


@router.get(
    "/{job}/events",
    response_class=EventSourceResponse,
    response_description="Server-sent events: the whole job each time that it has changed.",
    responses={200: {"model": list[JobEvent]}},
)
async def watch(job: NamedJob, state: State) -> AsyncIterator[ServerSentEvent]:
    """The job's progress each time that it changes, until it ends or the service does."""
    before: dict[str, Any] | None = None
    while not state.closing.is_set():  # between two looks it holds no thread, however many watch
        now = await run_in_threadpool(lambda: describe_job(batch.as_it_is_now(job), state))
        if now != before:
            yield ServerSentEvent(event=now["state"], data=now)
        if now["state"] in ENDED:
            return
        before = now
        await asyncio.sleep(0.5)


def describe_job(job: Job, service: ServiceState) -> dict[str, Any]:
    """A job as plain values; ``log`` only where it failed, ``why`` where it paused by itself."""
    state, outside = job.state, service.outside
    done, planned, run = batch.progress_of(job)
    about = {**job.about, **({"set": Path(job.about["set"]).name} if "set" in job.about else {})}
    return {
        "job": job.id,
        "state": state,
        "waiting": state == "running" and job.waiting,
        "done": done,
        "planned": planned,
        "run": run.run if run is not None else None,
        "about": about,
        **({"log": outside(job.log())} if state == "failed" else {}),
        **({"why": outside(job.why)} if state == "paused" and job.why else {}),
    }

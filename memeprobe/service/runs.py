"""Runs over HTTP: start; results, records, reports, tables."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from meme_sets import BUILTIN, load_set
from memeprobe import jobs
from memeprobe.api.table import rows_of
from memeprobe.comparison.runs import compare
from memeprobe.errors import JobError, unknown
from memeprobe.report.formats import FORMATS
from memeprobe.run_listing import describe_run
from memeprobe.service.answers.described import As, OneOf
from memeprobe.service.answers.results import Comparison, Result, Trial
from memeprobe.service.answers.runs import RunRow, StartedJob
from memeprobe.service.asking import allowed
from memeprobe.service.clips import State
from memeprobe.service.jobs import describe_job
from memeprobe.service.outside import OutsideStore
from memeprobe.service.parameters import Limit, Offset, RunId
from memeprobe.service.problems import NotFound
from memeprobe.service.run_request import RunNames, RunRequest
from memeprobe.service.state import ServiceState
from memeprobe.store.notes import name_run
from memeprobe.store.queries import exists
from memeprobe.store.store import Store
from memeprobe.workers.run_request import begin, plan
from memeprobe.workspace import sets_beside

router = APIRouter(prefix="/v1", tags=["runs"])
Form = Annotated[str, OneOf(FORMATS), InPath(description="The format of the file.")]
Compared = Annotated[
    list[str],
    Query(description="Ids of two runs or more on the same items: ?runs=A&runs=B."),
]


@router.post(
    "/runs",
    status_code=202,
    response_description="The job that was started.",
    responses={200: {"model": StartedJob, "description": "The job that is under way already."}},
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
    return {**describe_job(job, state), "trials": size.trials, "calls": size.calls}


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


def opened(state: ServiceState) -> Store:
    """The store, for a ``with`` of the route's own. Raises NotFound: nothing has been run yet.

    No dependency of FastAPI: that is made and closed in other threads than the route's, and a
    connection of SQLite belongs to one.
    """
    if not exists(state.settings.workspace):
        raise NotFound("nothing has been run in this workspace yet")
    return OutsideStore(state.settings.workspace, state.outside)


@router.get("/runs", response_description="The runs, latest first.")
def list_runs(
    state: State, limit: Limit = None, offset: Offset = 0
) -> Annotated[list[dict[str, Any]], As(list[RunRow])]:
    """Every stored run, latest first."""
    if not exists(state.settings.workspace):
        return []
    with Store(state.settings.workspace) as store:
        return [describe_run(run) for run in store.runs()[offset:][:limit]]


@router.get("/runs/{run}", response_description="What the run shows.")
def result(run: RunId, state: State) -> Annotated[dict[str, Any], As(Result)]:
    """Verdicts, measures and conditions of a run, as ``memeprobe run --json`` prints them."""
    with opened(state) as store:
        found = jobs.result_of(store, run).as_json()
    if found["provenance"] and found["provenance"]["set_folder"]:
        found["provenance"]["set_folder"] = state.outside(found["provenance"]["set_folder"])
    return found


@router.get("/runs/{run}/record", response_description="The run, as the list has it.")
def record(run: RunId, state: State) -> Annotated[dict[str, Any], As(RunRow)]:
    """What was run, how far it is, and what people call it: its row of ``GET /v1/runs``."""
    with opened(state) as store:
        return describe_run(store.run(run))


@router.patch("/runs/{run}", response_description="The run, as the list has it.")
def describe(run: RunId, said: RunNames, state: State) -> Annotated[dict[str, Any], As(RunRow)]:
    """Call a run something, and say something of it; the run as ``GET /v1/runs`` lists it."""
    with opened(state) as store:
        known = store.run(run).run
        name_run(state.settings.workspace, known, said.name, said.note)
        return describe_run(store.run(known))


@router.get("/runs/{run}/trials", response_description="The trials, in the set's order.")
def trials(run: RunId, state: State) -> Annotated[list[dict[str, Any]], As(list[Trial])]:
    """One row a trial, with the columns that ``Run.to_pandas`` has."""
    with opened(state) as store:
        info = store.run(run)
        return rows_of(info, store.outcomes(info.run))


@router.get(
    "/runs/{run}/report", response_class=HTMLResponse, response_description="A page in one file."
)
def report(run: RunId, state: State) -> HTMLResponse:
    """The self-contained HTML report."""
    with opened(state) as store:
        return HTMLResponse(jobs.report(store, [jobs.result_of(store, run)]))


@router.get(
    "/runs/{run}/export/{form}",
    response_class=Response,
    response_description="The file's bytes.",
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def export(run: RunId, form: Form, state: State) -> Response:
    """The run as a file: parquet, csv, latex, markdown, inspect, every-eval-ever."""
    if form not in FORMATS:
        raise NotFound(unknown("format", form[:80], FORMATS))
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


@router.get("/compare", response_description="Differences, paired by item.")
def compare_runs(runs: Compared, state: State) -> Annotated[dict[str, Any], As(Comparison)]:
    """Runs on the same items, each against the first one."""
    if len(runs) < 2:
        raise JobError("name at least two runs: ?runs=A&runs=B")
    with opened(state) as store:
        return compare(store, runs)

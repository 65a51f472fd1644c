"""What there is: models, sets; whether the service is well."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from meme_sets import BUILTIN, SetError, load_set
from memeprobe.model_listing import describe_model, describe_subject
from memeprobe.service.answers.described import As
from memeprobe.service.answers.runs import Health, ModelRow, SetRow
from memeprobe.service.clips import State
from memeprobe.service.outside import Outside
from memeprobe.service.runs import saved_sets
from memeprobe.set_listing import describe_builtin, describe_set
from memeprobe.version import __version__
from memeprobe.workers import batch
from vlm import MODELS
from vlm.subjects import SUBJECTS

router = APIRouter()


@router.get("/health", tags=["service"], response_description="It answers.")
async def health() -> Annotated[dict[str, str], As(Health)]:
    """Whether the service answers; needs no token."""
    return {"status": "ok", "version": __version__}


@router.get(
    "/metrics",
    tags=["service"],
    response_class=Response,
    response_description="Counters and gauges, a line each.",
    responses={200: {"content": {"text/plain": {}}}},
)
def metrics(state: State) -> Response:
    """Counters in Prometheus' text format."""
    states = Counter(job.state for job in batch.jobs(state.settings.workspace))
    for name in batch.STATES:
        state.metrics.jobs.labels(name).set(states[name])
    return Response(generate_latest(state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/models", tags=["lists"], response_description="Name -> what it is.")
def models(state: State) -> Annotated[dict[str, Any], As(dict[str, ModelRow])]:
    """Models and known subjects, as ``memeprobe models --json`` prints them."""
    named = {name: describe_model(name, entry) for name, entry in MODELS.items()}
    for row in named.values():
        row["source"] = state.outside(row["source"])
    subjects = {f"known:{name}": describe_subject(name) for name in SUBJECTS}
    return {**named, **subjects}


@router.get("/v1/sets", tags=["lists"], response_description="The sets.")
def sets(state: State) -> Annotated[list[dict[str, Any]], As(list[SetRow])]:
    """The built-in sets and those saved in the workspace, by the names that runs take.

    A saved one that cannot be read has an ``error``.
    """
    rows = [describe_builtin(name) for name in BUILTIN]
    rows += [_saved(path.parent, state.outside) for path in saved_sets(state)]
    return [{k: v for k, v in row.items() if k != "folder"} for row in rows]


def _saved(folder: Path, outside: Outside) -> dict[str, Any]:
    try:
        return {**describe_set(load_set(folder)), "name": folder.name}
    except SetError as error:
        told = {"name": folder.name, "items": 0, "languages": [], "about": ""}
        return {**told, "error": outside(str(error))}

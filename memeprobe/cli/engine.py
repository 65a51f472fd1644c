"""``memeprobe run --engine``: a run is asked in this process, or by workers of a Ray cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from meme_sets import MemeSet
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import RunSpec
from vlm import LoadOptions, Model, load_model

if TYPE_CHECKING:
    from memeprobe.running.runner import Engine

ENGINES = ("local", "ray")
_PANEL = "Where it is asked (docs/scale.md)"
Name = Annotated[
    str,
    typer.Option(
        "--engine",
        help="local: in this process. ray: by workers of the Ray cluster at $RAY_ADDRESS, else on "
        "the devices of this machine.",
        rich_help_panel=_PANEL,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Workers of Ray, each with the model. Default: one a GPU, else one a machine.",
        rich_help_panel=_PANEL,
    ),
]


@dataclass(frozen=True)
class AskedBy:
    """What the options say."""

    engine: str = "local"
    workers: int | None = None


@dataclass(frozen=True)
class Loaded:
    """The models of a run, and where they are if they are not here."""

    model: Model
    judge: Model | None = None
    engine: "Engine | None" = None


def asked_by(asked_by_engine: Name = "local", workers: Workers = None) -> AskedBy:
    """The options together. Raises JobError: there is no such engine."""
    if asked_by_engine not in ENGINES:
        said = unknown("engine", asked_by_engine, ENGINES)
        raise JobError(f"{said} (what reads captions is chosen by --ocr)")
    if workers is not None and asked_by_engine == "local":
        raise JobError("--workers goes with --engine ray; in this process there is one")
    return AskedBy(asked_by_engine, workers)


def check(by: AskedBy, *models: str | None) -> None:
    """Raise JobError for models that nobody but this process should ask."""
    for model in models:
        if by.engine == "ray" and model is not None and model.startswith(("server:", "batch:")):
            raise JobError(
                f"{model} is not held by a worker: it answers many questions at a time by itself, "
                "and its key stays in this process; ask it without --engine ray"
            )


@contextmanager
def loaded(
    by: AskedBy, spec: RunSpec, chosen: MemeSet, loading: LoadOptions, judge: str | None
) -> Iterator[Loaded]:
    """The models, for as long as the block lasts. Raises ModelError, SpecError, JobError."""
    from memeprobe import jobs

    if by.engine == "local":
        judging = load_model(judge, replace(loading, translators=None)) if judge else None
        model = jobs.model_for(spec.model, chosen, spec.language, loading, spec.limits)
        yield Loaded(model, judging)
        return
    from memeprobe.on_ray.engine import opened
    from memeprobe.on_ray.workers import Loading

    folder = str(chosen.folder.resolve())
    what = Loading(spec.model, folder, spec.language, loading, spec.limits, judge)
    with opened(what, by.workers) as engine:
        yield Loaded(engine.model, engine.judge, engine)

"""Where a run is asked: in this process, or by workers of a Ray cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meme_sets import MemeSet
from memeprobe.cache.file import Cache
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import RunSpec
from vlm import LoadOptions, Model, load_model

if TYPE_CHECKING:
    from memeprobe.running.runner import Engine

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class AskedBy:
    """An engine, and how many workers of Ray."""

    engine: str = "local"
    workers: int | None = None

    def __post_init__(self) -> None:
        """Raises JobError: there is no such engine, or it has no workers."""
        if self.engine not in ENGINES:
            said = unknown("engine", self.engine, ENGINES)
            raise JobError(f"{said} (what reads captions is chosen by --ocr, from Python ocr=)")
        if self.workers is not None and self.engine == "local":
            raise JobError(
                "--workers (workers=) goes with --engine ray; in this process there is one"
            )


@dataclass(frozen=True)
class Loaded:
    """The models of a run, and where they are if they are not here."""

    model: Model
    judge: Model | None = None
    engine: "Engine | None" = None


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
    by: AskedBy,
    spec: RunSpec,
    chosen: MemeSet,
    loading: LoadOptions,
    judge: str | None,
    cache: Cache,
) -> Iterator[Loaded]:
    """The models, for as long as the block lasts; ``cache``: the workspace's. Raises ModelError,
    SpecError, JobError."""
    from memeprobe import jobs

    if by.engine == "local":
        judging = load_model(judge, replace(loading, translators=None)) if judge else None
        model = jobs.model_for(spec.model, chosen, spec.language, loading, spec.limits)
        yield Loaded(model, judging)
        return
    from memeprobe.on_ray.engine import opened
    from memeprobe.on_ray.workers import Loading

    folder = str(chosen.folder.resolve())
    path = cache.path.resolve() if cache.path is not None else None
    what = Loading(
        spec.model, folder, spec.language, loading, spec.limits, judge, path, cache.bound
    )
    with opened(what, by.workers) as engine:
        yield Loaded(engine.model, engine.judge, engine)

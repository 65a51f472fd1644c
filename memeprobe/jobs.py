"""What the command line and the pages do alike: load, run, analyse, report."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from frames import Limits
from meme_sets import BUILTIN, MemeSet, load_set
from meme_sets.catalog import builtin_folder
from memeprobe.cache.file import cache_beside
from memeprobe.errors import JobError, Stopped
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import language_of
from memeprobe.experiment.spec import RunSpec
from memeprobe.files import whole_file
from memeprobe.report.stored import Stored
from memeprobe.running.estimate import Estimate, estimate
from memeprobe.running.runner import Engine
from memeprobe.running.runner import run as run_trials
from memeprobe.stats import number
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.schema import Recheck
from memeprobe.store.store import Store
from memeprobe.verdicts import analyse
from memeprobe.verdicts.run_result import Batching, Problem, RunResult
from memeprobe.workspace import sets_beside
from vlm import DEFAULTS, MODELS, LoadOptions, Model, load_model

_DEMO_FRAMES = (
    "blind",
    "first",
    "last",
    "keyframes",
    "reversed",
    "first_repeated",
    "position",
    "decisive",
)
_DEMO_CAPTION = ("as_is", "erased", "replaced", "told", "transcribe")
DEMO = (
    RunSpec("reveal", "blip-nano", "concat", conditions=_DEMO_FRAMES),
    RunSpec("reveal", "blip-nano", "first_only", conditions=("blind", "keyframes", "decisive")),
    RunSpec("captions", "blip-nano", "concat", conditions=_DEMO_CAPTION),
)
"""The demo: clips with all keyframes, the same as the demos of 2023 delivered them, captions."""


def model_for(
    spec: str,
    meme_set: MemeSet,
    language: str,
    options: LoadOptions = DEFAULTS,
    limits: Limits | None = None,
) -> Model:
    """The model of this name; a known subject gets a viewer of the set.

    Raises ModelError, or SpecError if the set has no questions in this language.
    """
    language_of(meme_set, language)
    return load_model(
        spec, options, scripted=lambda n: ScriptedViewer(meme_set, limits=limits).subject(n)
    )


def announce(experiment: Experiment, store: Store | None = None) -> list[str]:
    """What a run is about to do, and what to beware of. Raises SpecError.

    With a ``store`` also how long it will take, for which its first trials may be asked.
    """
    if store is None:
        lines = [Estimate(experiment.plan.size, None, False).text]
    else:
        lines = [estimate(experiment, store).text]
    known = is_builtin(experiment.meme_set.folder) or is_generated(experiment.meme_set)
    warning = None if known else caution(experiment.model, str(experiment.meme_set.folder))
    return [*lines, *([warning] if warning else [])]


def run_and_analyse(
    experiment: Experiment,
    store: Store,
    progress: Callable[[int, int], None] | None = None,
    started: Callable[[str], None] | None = None,
    engine: Engine | None = None,
) -> RunResult:
    """Run to the end and return the result; ``engine``: where, None = here. Raises Stopped on
    Ctrl-C."""
    try:
        run = run_trials(experiment, store, progress=progress, started=started, engine=engine)
    except KeyboardInterrupt:
        raise Stopped(
            "stopped; what was answered is kept, and the same command goes on from there"
        ) from None
    return result_of(store, run)


def result_of(store: Store, run: str) -> RunResult:
    """The result of a stored run. Raises StoreError: there is none."""
    record = store.run(run)
    rows = store.outcomes(record.run)
    problems = Counter(r.problem for r in rows if r.problem)
    return replace(
        analyse(rows, record),
        batching=batching(store.rechecks(record.run)),
        problems=tuple(Problem(p, n) for p, n in problems.most_common(3)),
        truncated=sum(r.truncated for r in rows),
    )


def batching(rechecks: Sequence[Recheck]) -> Batching | None:
    """Whether answers given in batches were given again alone; None if none was asked again."""
    if not rechecks:
        return None
    largest = [r.difference for r in rechecks if r.difference is not None]
    return Batching(
        asked_again=len(rechecks),
        same=sum(r.same for r in rechecks),
        largest_difference=number(max(largest), 6) if largest else None,
    )


def write_report(store: Store, results: Sequence[RunResult], path: Path) -> None:
    """One self-contained HTML file about the runs. Raises JobError: it cannot be written."""
    page = report(store, results)
    try:
        with whole_file(path) as beside:
            beside.write_text(page, encoding="utf-8")
    except OSError as error:
        raise JobError(f"cannot write the report to {path}: {error.strerror}") from error


def report(store: Store, results: Sequence[RunResult]) -> str:
    """The HTML of that file."""
    from memeprobe.report.html import render

    outcomes = {r.record.run: store.outcomes(r.record.run) for r in results}
    return render(results, outcomes, cache_beside(store.path))


def stored(store: Store, run: str) -> Stored:
    """A run with all that an export may show. Raises StoreError: there is none."""
    result = result_of(store, run)
    record = store.run(run)
    saved = sets_beside(store.path)
    return Stored(record, store.outcomes(record.run), result, cache_beside(store.path), saved)


def write_export(store: Store, run: str, form: str, path: Path) -> None:
    """A run as a file of one of ``formats.FORMATS``. Raises JobError: it cannot be written."""
    from memeprobe.report.formats import write

    made = stored(store, run)
    try:
        with whole_file(path) as beside:
            write(form, made, beside)
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror}") from error


def is_builtin(path: Path) -> bool:
    """Whether a file or folder is one of a built-in set."""
    here = path.resolve()
    return any(here.is_relative_to(builtin_folder(name)) for name in BUILTIN)


def is_generated(meme_set: MemeSet) -> bool:
    """Whether ``memeprobe make-set`` drew a set: its name and words are a built-in set's, its clips
    are of the same rendered world."""
    stem = re.sub(r"(-\d+)?(-seed\d+)?$", "", meme_set.name)
    return stem in BUILTIN and load_set(stem).description == meme_set.description


def caution(model: Model | None, file: str) -> str | None:
    """What to say before a model is believed on this file: None if there is nothing."""
    if model is None or model.name not in MODELS or not MODELS[model.name].caution:
        return None
    if is_builtin(Path(file)):
        return None
    return MODELS[model.name].caution

"""Whole sets: run them, open what was run before, compare."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meme_sets import MemeSet, load_set
from memeprobe import jobs
from memeprobe.api.models import loaded_as, spec_to_load
from memeprobe.api.table import dataframe, rows_of
from memeprobe.asked_where import AskedBy, Loaded, check, loaded
from memeprobe.cache.file import Cache, cache_beside
from memeprobe.comparison.runs import compare as compare_runs
from memeprobe.conditions.presets import PRESETS
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import RunSpec
from memeprobe.progress import run_progress
from memeprobe.report.notebook import run_html
from memeprobe.running.runner import Engine
from memeprobe.store.notes import name_run
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.store.store import Store
from memeprobe.verdicts.common import Verdict
from memeprobe.verdicts.run_result import Measured, RunResult
from memeprobe.workspace import workspace_path
from ocr import DEFAULT_ENGINE
from vlm import DEFAULTS, Model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """A stored run. Shows itself in a notebook."""

    id: str
    workspace: Path
    """The SQLite file that holds it."""

    @property
    def record(self) -> RunRecord:
        """What was run, and what made it."""
        with Store.existing(self.workspace) as store:
            return store.run(self.id)

    @property
    def result(self) -> RunResult:
        """Everything that follows from the answers; ``as_json`` is what --json prints."""
        with Store.existing(self.workspace) as store:
            return jobs.result_of(store, self.id)

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Probe -> verdict, with its text in English and Chinese and the numbers behind it."""
        return self.result.verdicts

    @property
    def measures(self) -> Mapping[str, Measured]:
        """Measure -> value with its 95 % interval (low, high), n, and p where it is tested."""
        return self.result.measures

    @property
    def trials(self) -> list[TrialRow]:
        """One row a trial, in the set's order."""
        with Store.existing(self.workspace) as store:
            return store.outcomes(self.id)

    def to_pandas(self) -> "pd.DataFrame":
        """One typed row a trial; ``memeprobe.api.table.COLUMNS`` documents the columns."""
        return dataframe(rows_of(self.record, self.trials))

    def describe(self, name: str | None = None, note: str | None = None) -> None:
        """Call the run something, and say something of it; None keeps what there is.

        Both are in ``record``, and no part of what identifies the run. Raises StoreError.
        """
        name_run(self.workspace, self.id, name, note)

    def report(self, path: str | Path) -> Path:
        """Write the self-contained HTML report; returns where it is. Raises JobError."""
        with Store.existing(self.workspace) as store:
            jobs.write_report(store, [jobs.result_of(store, self.id)], Path(path))
        return Path(path)

    def _repr_html_(self) -> str:
        return run_html(self.result)


@dataclass(frozen=True)
class Comparison:
    """Runs on the same items, each against the first one."""

    values: Mapping[str, Any]
    """As ``memeprobe compare --json`` prints it."""

    @property
    def summary(self) -> str:
        """One sentence for each run that is compared with the first."""
        return "\n".join(one["summary"] for one in self.values["comparisons"])

    def to_pandas(self) -> "pd.DataFrame":
        """One row for each run and condition: difference with its interval, p (Holm), gained and
        lost."""
        import pandas as pd

        rows = [
            {
                "first": one["first"],
                "second": one["second"],
                "condition": condition,
                "difference": row["difference"]["value"],
                "low": row["difference"]["low"],
                "high": row["difference"]["high"],
                "n": row["difference"]["n"],
                "p_holm": row["p_holm"],
                "gained": len(row["gained"]),
                "lost": len(row["lost"]),
            }
            for one in self.values["comparisons"]
            for condition, row in one["conditions"].items()
        ]
        return pd.DataFrame(rows)


def run(
    meme_set: str | Path | MemeSet,
    model: str | Model,
    *,
    preset: str = "standard",
    conditions: Sequence[str] | None = None,
    workspace: str | Path | None = None,
    judge: str | Model | None = None,
    progress: bool = True,
    engine: str = "local",
    workers: int | None = None,
    ocr: str = DEFAULT_ENGINE,
    **choices: Any,
) -> Run:
    """Ask a model about a whole set. The same call goes on where an earlier one was stopped.

    ``meme_set``: a built-in name, a folder, or a loaded set. ``model``: a spec, or a model from
    ``load_model`` or of one's own. ``conditions`` replace those of the ``preset``. ``engine``:
    'local', or 'ray' for ``workers`` of a Ray cluster (docs/scale.md), which load the model
    themselves. ``ocr`` reads captions. ``choices``: the other fields of ``RunSpec`` (k, policy,
    delivery, language, limit, sample, seed, scoring, limits). Raises SetError, ModelError,
    SpecError, JobError before anything is asked.
    """
    by = AskedBy(engine, workers)
    chosen = meme_set if isinstance(meme_set, MemeSet) else load_set(meme_set)
    spec_of, options = (model, DEFAULTS) if isinstance(model, str) else loaded_as(model)
    if preset not in PRESETS:
        raise JobError(unknown("preset", preset, PRESETS))
    size = PRESETS[preset]
    if conditions is None and "limit" not in choices:
        choices.setdefault("sample", size.items)
    names = tuple(conditions) if conditions is not None else size.conditions
    spec = RunSpec(str(chosen.folder), spec_of, conditions=names, engine=ocr, **choices)
    path = workspace_path(workspace)
    with _models(by, spec, chosen, (model, judge), cache_beside(path)) as there:
        named = judge if isinstance(judge, str) else None
        experiment = Experiment.of(spec, chosen, there.model, options, there.judge, named)
        with Store(path) as store:
            found = _run(experiment, store, progress, there.engine)
    return Run(found.record.run, path)


@contextmanager
def _models(
    by: AskedBy,
    spec: RunSpec,
    chosen: MemeSet,
    models: tuple[str | Model, str | Model | None],
    cache: Cache,
) -> Iterator[Loaded]:
    """Model and judge where they are asked; those that are loaded already stay what they are."""
    model, judge = models
    if by.engine == "local":
        one, other = (
            jobs.model_for(m, chosen, spec.language) if isinstance(m, str) else m for m in models
        )
        assert one is not None
        yield Loaded(one, other)
        return
    named, options = spec_to_load(model)
    judging, _ = spec_to_load(judge) if judge is not None else (None, None)
    check(by, named, judging)
    with loaded(by, spec, chosen, options, judging, cache) as there:
        yield there


def _run(experiment: Experiment, store: Store, progress: bool, engine: Engine | None) -> RunResult:
    with run_progress(show=progress) as bar:
        task = bar.add_task(f"{experiment.model.name} on {experiment.meme_set.name}", total=None)
        return jobs.run_and_analyse(
            experiment,
            store,
            lambda done, total: bar.update(task, completed=done, total=total),
            engine=engine,
        )


def open_run(name: str, workspace: str | Path | None = None) -> Run:
    """The stored run whose id is or begins with ``name``. Raises StoreError: none, or several."""
    path = workspace_path(workspace)
    with Store.existing(path) as store:
        return Run(store.run(name).run, path)


def list_runs(workspace: str | Path | None = None) -> list[RunRecord]:
    """Every stored run, latest first."""
    path = workspace_path(workspace)
    if not path.exists():
        return []
    with Store.existing(path) as store:
        return store.runs()


def compare(first: Run, *others: Run) -> Comparison:
    """Every other run against the first, condition by condition, paired by item.

    Raises CompareError: not the same set in the same language, or another workspace.
    """
    with Store.existing(first.workspace) as store:
        return Comparison(compare_runs(store, [first.id, *(other.id for other in others)]))

"""``memeprobe run`` and ``demo``: ask a model about whole sets."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from frames import Limits
from meme_sets import MemeSet, load_set
from memeprobe import asked_where
from memeprobe.cache.file import cache_beside
from memeprobe.cli import batch, terminal
from memeprobe.cli import engine as engines
from memeprobe.cli.common import (
    Delivery,
    Keyframes,
    ModelOption,
    Policy,
    check_request,
    limits,
    load_options,
    ocr_engine,
)
from memeprobe.cli.console import AsJson, Workspace, err, out, print_json, some_of
from memeprobe.cli.groups import grouped
from memeprobe.cli.merge import part_of
from memeprobe.conditions.presets import PRESETS
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import RunSpec
from memeprobe.messages import labels
from memeprobe.progress import run_progress
from memeprobe.store.store import Store
from memeprobe.workspace import own_cache, workspace_path
from ocr import AUTO, DEFAULT_POLICY
from vlm import LoadOptions, check_spec

if TYPE_CHECKING:
    from memeprobe.experiment.experiment import Experiment
    from memeprobe.running.runner import Engine
    from memeprobe.verdicts.run_result import RunResult

PresetName = Annotated[
    str,
    typer.Option(
        "--preset",
        "-p",
        help="How much to ask: "
        + "; ".join(f"[bold]{n}[/bold] {labels.preset(n, p.items)}" for n, p in PRESETS.items())
        + ".",
    ),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--condition",
        "-c",
        help="Only these conditions, on all items; may stand several times. A probe's name "
        "(frames, caption, language) stands for all of its own.",
    ),
]
Scoring = Annotated[
    str,
    typer.Option(
        help="auto: by log-probability, else listed. listed: options in the "
        "prompt, in every rotation. free: the model's own words."
    ),
]
Judge = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help="A second model that judges the free answers; both verdicts are kept.",
    ),
]


Language = Annotated[str, typer.Option("--language", "-l", help="en or zh.")]
Limit = Annotated[int | None, typer.Option(help="Only the first so many items.")]
Sample = Annotated[
    int | None,
    typer.Option(min=1, help="At most so many items, drawn by the seed. Default: the preset's."),
]
Seed = Annotated[int, typer.Option(help="For the sample of items and the shuffled order.")]
Shard = Annotated[
    str | None,
    typer.Option(
        metavar="I/N", help="Only the I-th of N parts; `memeprobe merge` puts them together."
    ),
]
RunFile = Annotated[
    Path | None, typer.Option(help="Write the run's id into this file as soon as it has begun.")
]


@grouped(
    loading=load_options,
    accepted=limits,
    files=batch.batch_files,
    by=engines.asked_by,
    engine=ocr_engine,
)
def run(
    *,
    meme_set: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    model: ModelOption = "blip-nano",
    preset: PresetName = "standard",
    delivery: Delivery = None,
    keyframes: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    language: Language = "en",
    limit: Limit = None,
    sample: Sample = None,
    condition: Conditions = None,
    shard: Shard = None,
    scoring: Scoring = "auto",
    judge: Judge = None,
    seed: Seed = 0,
    engine: str,
    loading: LoadOptions,
    accepted: Limits,
    files: batch.Asked,
    by: asked_where.AskedBy,
    workspace_file: Workspace = None,
    run_file: RunFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model about a whole set under every condition, and say what that shows.

    Says how many model calls that takes and about how long. Killed at any moment, the same
    command goes on where it stopped. --delivery all makes one run for each delivery that the
    model supports. --batch-out writes requests for a batch API instead, --batch-in reads answers.

    [dim]Examples:[/dim]  memeprobe run reveal  ·  memeprobe run ./my-set -m ./checkpoint --json
    """
    check_request(model, None if delivery == "all" else delivery, policy, engine)
    batch.check(files, model, judge)
    asked_where.check(by, model, judge)
    check_spec(judge or model)
    names, size = _asked(preset, condition)
    spec = RunSpec(
        meme_set,
        model,
        None if delivery == "all" else delivery,
        k=keyframes if keyframes != AUTO else _auto(meme_set, accepted, as_json),
        policy=policy,
        language=language,
        limit=limit,
        conditions=names,
        engine=engine,
        seed=seed,
        limits=accepted,
        sample=sample or (None if limit else size),
        scoring=batch.scoring(scoring, model),
        shard=part_of(shard),
    )
    chosen = _set_of(spec)  # the last that is checked without a model; now it gets slow
    path = workspace_path(workspace_file)
    with asked_where.loaded(by, spec, chosen, loading, judge, cache_beside(path)) as models:
        experiments = _experiments(spec, chosen, models, loading, judge, every=delivery == "all")
        with Store(path) as store:
            _ask(experiments, models.engine, files, store, as_json, run_file)


def _ask(
    experiments: "list[Experiment]",
    engine: "Engine | None",
    files: batch.Asked,
    store: Store,
    as_json: bool,
    run_file: Path | None,
) -> None:
    """Run them, or have them asked by files, and print what came of it."""
    if files.given:
        _by_files(files, experiments, store, as_json, run_file)
        return
    for one in experiments:
        _tell(run_one(one, store, as_json, run_file, engine), as_json)


def _by_files(
    asked: batch.Asked,
    experiments: "list[Experiment]",
    store: Store,
    as_json: bool,
    run_file: Path | None,
) -> None:
    """Write what is to be asked and read what was answered; a result where there is any."""
    from memeprobe import jobs

    with batch.opened(asked, experiments) as files:
        runs = [batch.run_files(one, store, as_json, run_file) for one in experiments]
    results = [jobs.result_of(store, run) for run in runs]
    if as_json:
        printed = {"runs": runs, "batch": batch.summary(files)}
        print_json({**printed, "results": [r.as_json() for r in results if r.record.done]})
        return
    batch.show(files, bool(asked.read))
    for result in results:
        answered = any(tally.accuracy.n for tally in result.conditions.values())
        if answered or not files.left:
            _tell(result, as_json)


def _auto(meme_set: str, accepted: Limits, as_json: bool) -> int:
    """As many keyframes as the set needs, and says so."""
    from memeprobe.auto_keyframes import keyframes_for

    number, read = keyframes_for(load_set(meme_set), accepted, own_cache())
    if not as_json:
        out.print(
            f"{number} keyframes: what the clip takes that needs most of {read} that were read"
        )
    return number


def _set_of(spec: RunSpec) -> MemeSet:
    """The set, and what was left out of it is said."""
    chosen = load_set(spec.set_name)
    if chosen.left_out:
        fewer = f"left out: {len(chosen.left_out)} files that are no media, by their content: "
        err.print(f"[yellow]{escape(fewer + some_of(chosen.left_out))}[/yellow]", soft_wrap=True)
    return chosen


def _experiments(
    spec: RunSpec,
    chosen: MemeSet,
    models: asked_where.Loaded,
    loading: LoadOptions,
    judge: str | None,
    every: bool,
) -> "list[Experiment]":
    """The one that was asked for, or with ``every`` one for each delivery of the model."""
    from memeprobe.experiment.experiment import Experiment

    deliveries = models.model.deliveries if every else (spec.delivery,)
    specs = (replace(spec, delivery=each) for each in deliveries)
    return [Experiment.of(s, chosen, models.model, loading, models.judge, judge) for s in specs]


def _asked(preset: str, condition: list[str] | None) -> tuple[tuple[str, ...] | None, int | None]:
    """(conditions, items) to ask; None = all. Raises JobError for an unknown preset."""
    if preset not in PRESETS:
        raise JobError(unknown("preset", preset, PRESETS))
    if condition:
        return tuple(condition), None
    return PRESETS[preset].conditions, PRESETS[preset].items


def _tell(result: "RunResult", as_json: bool) -> None:
    if as_json:
        print_json(result.as_json())
    else:
        terminal.print_result(out, result)
    run = result.record.run
    if all(tally.accuracy.n == 0 for tally in result.conditions.values()):
        raise JobError(f"no trial of run {run} was answered; see the problems above")
    if not as_json:
        out.print(f"Run {run}: memeprobe report {run}")


def run_one(
    experiment: "Experiment",
    store: Store,
    quiet: bool,
    run_file: Path | None = None,
    engine: "Engine | None" = None,
) -> "RunResult":
    """One run with a progress bar on stderr; its result.

    ``run_file`` is given the run's id as soon as the run has begun. ``engine``: where it is asked,
    None = here.
    """
    from memeprobe import jobs

    if not quiet:
        for line in jobs.announce(experiment, store):
            err.print(f"[dim]{escape(line)}[/dim]")
    title = f"{experiment.model.name} on {experiment.meme_set.name}"
    with run_progress(err, err.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        return jobs.run_and_analyse(
            experiment,
            store,
            lambda done, total: bar.update(task, completed=done, total=total),
            started=lambda run: None if run_file is None else _note(run_file, run),
            engine=engine,
        )


def _note(path: Path, run: str) -> None:
    path.write_text(run, "utf-8")

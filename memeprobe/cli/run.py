"""``memeprobe run`` and ``demo``: ask a model about whole sets."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from frames import DEFAULT_POLICY
from meme_sets import MemeSet, load_set
from memeprobe.cli import terminal
from memeprobe.cli.common import (
    Delivery,
    Device,
    Dtype,
    Engine,
    Keyframes,
    MaxDecodedBytes,
    MaxFileBytes,
    MaxFramePixels,
    MaxFrames,
    ModelOption,
    Policy,
    Quantise,
    Translator,
    check_request,
    limits,
    load_options,
)
from memeprobe.cli.console import AsJson, Workspace, err, out, print_json, workspace
from memeprobe.conditions.presets import PRESETS
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.store import Store
from vlm import LoadOptions, Model, check_spec, load_model

PresetName = Annotated[
    str,
    typer.Option(
        "--preset",
        "-p",
        help="How much to ask: "
        + "; ".join(f"[bold]{n}[/bold] {p.doc}" for n, p in PRESETS.items())
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


def run(
    meme_set: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    model: ModelOption = "blip-nano",
    preset: PresetName = "standard",
    delivery: Delivery = None,
    keyframes: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    language: Annotated[str, typer.Option("--language", "-l", help="en or zh.")] = "en",
    limit: Annotated[int | None, typer.Option(help="Only the first so many items.")] = None,
    condition: Conditions = None,
    scoring: Scoring = "auto",
    judge: Judge = None,
    seed: Annotated[int, typer.Option(help="For the sample of items and the shuffled order.")] = 0,
    engine: Engine = "rapidocr",
    device: Device = None,
    dtype: Dtype = None,
    quantise: Quantise = None,
    translator: Translator = None,
    max_file_bytes: MaxFileBytes = None,
    max_frame_pixels: MaxFramePixels = None,
    max_frames: MaxFrames = None,
    max_decoded_bytes: MaxDecodedBytes = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model about a whole set under every condition, and say what that shows.

    Says beforehand how many model calls that takes and roughly how long. Killed at any moment,
    the same command goes on where it stopped. --delivery all makes one run for each delivery
    that the model supports.

    [dim]Examples:[/dim]  memeprobe run reveal  ·  memeprobe run ./my-set -m ./checkpoint --json
    """
    accepted = limits(max_file_bytes, max_frame_pixels, max_frames, max_decoded_bytes)
    options = load_options(device, dtype, quantise, translator)
    if preset not in PRESETS:
        raise JobError(unknown("preset", preset, PRESETS))
    check_request(model, None if delivery == "all" else delivery, policy, engine)
    if judge is not None:
        check_spec(judge)
    names, size = (
        (tuple(condition), None)
        if condition
        else (PRESETS[preset].conditions, PRESETS[preset].items)
    )
    spec = RunSpec(
        meme_set,
        model,
        None if delivery == "all" else delivery,
        keyframes,
        policy,
        language,
        limit,
        names,
        engine,
        seed,
        accepted,
        None if limit else size,
        scoring,
    )
    chosen = load_set(meme_set)
    # All that can be checked without a model is checked; from here on it gets slow.
    from memeprobe import jobs

    asked = jobs.model_for(model, chosen, language, options, accepted)
    judging = load_model(judge, LoadOptions(device, dtype, quantise)) if judge else None
    specs = [replace(spec, delivery=d) for d in asked.deliveries] if delivery == "all" else [spec]
    with Store(workspace(workspace_file)) as store:
        for spec in specs:
            _tell(run_one(spec, chosen, asked, store, as_json, judging), as_json)


def _tell(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    terminal.print_result(out, result)
    if all(row["n"] == 0 for row in result["conditions"].values()):
        raise JobError(f"no trial of run {result['run']} was answered; see the problems above")
    out.print(f"Run {result['run']}: memeprobe report {result['run']}")


def run_one(
    spec: RunSpec,
    chosen: MemeSet,
    model: Model,
    store: Store,
    quiet: bool,
    judge: Model | None = None,
) -> dict[str, Any]:
    """One run with a progress bar on stderr; its result object."""
    from memeprobe import jobs

    if not quiet:
        for line in jobs.announce(spec, chosen, model, store, judge):
            err.print(f"[dim]{escape(line)}[/dim]")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(f"{model.name} on {chosen.name}", total=None)
        return jobs.run_and_analyse(
            spec,
            chosen,
            model,
            store,
            lambda done, total: bar.update(task, completed=done, total=total),
            judge,
        )


def demo(
    html: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("out/demo.html"),
    workspace_file: Workspace = None,
) -> None:
    """Run the whole job with the embedded model: both probes, two verdicts, one HTML report."""
    from memeprobe import jobs

    with Store(workspace(workspace_file)) as store:
        results = []
        for spec in jobs.DEMO:
            chosen = load_set(spec.set_name)
            model = jobs.model_for(spec.model, chosen, spec.language, LoadOptions("cpu"))
            results.append(run_one(spec, chosen, model, store, False))
            terminal.print_result(out, results[-1])
            out.print()
        jobs.write_report(store, results, html)
    first, frames_gone, captions = results
    out.print("[bold]In short[/bold]")
    terminal.print_short(out, first, frames_gone, captions)
    out.print(f"Report: {html.resolve()}", soft_wrap=True)

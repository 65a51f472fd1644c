"""``memeprobe run`` and ``demo``: ask a model about whole sets."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from frames import DEFAULT_POLICY
from meme_sets import load_set
from probes import jobs, terminal
from probes.cli.common import (
    AsJson,
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
    Workspace,
    err,
    limits,
    load_options,
    out,
    print_json,
    workspace,
)
from probes.spec import RunSpec
from probes.store import Store
from vlm import LoadOptions


def run(
    meme_set: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    model: ModelOption = "blip-nano",
    delivery: Delivery = None,
    keyframes: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    language: Annotated[str, typer.Option("--language", "-l", help="en or zh.")] = "en",
    limit: Annotated[int | None, typer.Option(help="Only the first so many items.")] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option("--condition", "-c", help="Only these conditions; may stand several times."),
    ] = None,
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

    Killed at any moment, the same command goes on where it stopped.

    [dim]Examples:[/dim]  memeprobe run reveal  ·  memeprobe run ./my-set -m ./checkpoint --json
    """  # fmt: skip
    accepted = limits(max_file_bytes, max_frame_pixels, max_frames, max_decoded_bytes)
    options = load_options(device, dtype, quantise, translator)
    spec = RunSpec(meme_set, model, delivery, keyframes, policy, language, limit,
                   tuple(condition) if condition else None, engine, limits=accepted)  # fmt: skip
    with Store(workspace(workspace_file)) as store:
        result = run_one(spec, store, options, as_json)
    if as_json:
        print_json(result)
        return
    terminal.print_result(out, result)
    if all(row["n"] == 0 for row in result["conditions"].values()):
        raise jobs.JobError(f"no trial of run {result['run']} was answered; see the problems above")
    out.print(f"Run {result['run']}: memeprobe report {result['run']}")


def run_one(spec: RunSpec, store: Store, options: LoadOptions, quiet: bool) -> dict[str, Any]:
    """One run with a progress bar on stderr; its result object."""
    chosen = load_set(spec.set_name)
    model = jobs.model_for(spec.model, chosen, spec.language, options, spec.limits)
    if not quiet:
        for line in jobs.announce(spec, chosen, model):
            err.print(f"[dim]{escape(line)}[/dim]")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("time left"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(f"{model.name} on {chosen.name}", total=None)
        return jobs.run_and_analyse(
            spec, chosen, model, store,
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip


def demo(
    html: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("out/demo.html"),
    workspace_file: Workspace = None,
) -> None:
    """Run the whole job with the embedded model: both probes, two verdicts, one HTML report."""
    with Store(workspace(workspace_file)) as store:
        results = []
        for spec in jobs.DEMO:
            results.append(run_one(spec, store, LoadOptions("cpu"), False))
            terminal.print_result(out, results[-1])
            out.print()
        jobs.write_report(store, results, html)
    first, frames_gone, captions = results
    out.print("[bold]In short[/bold]")
    terminal.print_short(out, first, frames_gone, captions)
    out.print(f"Report: {html.resolve()}", soft_wrap=True)

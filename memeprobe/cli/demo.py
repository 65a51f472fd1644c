"""``memeprobe demo``: the whole job with the embedded model."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from meme_sets import load_set
from memeprobe.cli import terminal
from memeprobe.cli.console import Workspace, err, out
from memeprobe.cli.run import run_one
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path
from vlm import LoadOptions, load_model


def demo(
    html: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("out/demo.html"),
    items: Annotated[
        int | None, typer.Option(min=1, help="At most so many items of each set. Default: all.")
    ] = None,
    workspace_file: Workspace = None,
) -> None:
    """Run the whole job with the embedded model: both probes, two verdicts, one HTML report."""
    from memeprobe import jobs
    from memeprobe.experiment.experiment import Experiment

    loading = LoadOptions("cpu")
    # One for all runs: it remembers the pictures that it has encoded.
    model = load_model(jobs.DEMO[0].model, loading)
    with Store(workspace_path(workspace_file)) as store:
        results = []
        for demonstrated in jobs.DEMO:
            spec = replace(demonstrated, sample=items)
            experiment = Experiment.of(spec, load_set(spec.set_name), model, loading)
            # Without the store: learning the pace would make the first pictures one by one.
            for line in jobs.announce(experiment):
                err.print(f"[dim]{line}[/dim]")
            results.append(run_one(experiment, store, True))
            terminal.print_result(out, results[-1])
            out.print()
        jobs.write_report(store, results, html)
    first, frames_gone, captions = results
    out.print("[bold]In short[/bold]")
    terminal.print_short(out, first, frames_gone, captions)
    out.print(f"Report: {html.resolve()}", soft_wrap=True)

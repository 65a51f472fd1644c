"""The command line: ``memeprobe look | run | report | models | sets | demo``."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import platformdirs
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from frames import DEFAULT_POLICY, KEYFRAME_POLICIES, MediaError
from meme_sets import BUILTIN, SetError, load_set
from probes import jobs, terminal
from probes.look import DEFAULT_QUESTION, look
from probes.spec import RunSpec, SpecError
from probes.store import Store, StoreError
from vlm import MODELS, LoadOptions, ModelError, load_model
from vlm.scripted import SUBJECTS

KNOWN_ERRORS = (MediaError, SetError, ModelError, SpecError, StoreError, jobs.JobError)

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Measures what a vision-language model does with memes and animated GIFs: whether it "
    "answers from the first frame only, and whether it reads the caption.\n\n"
    "Start with [bold]memeprobe look FILE[/bold] for one meme, or "
    "[bold]memeprobe demo[/bold] for the whole job with the embedded model.",
)  # fmt: skip
out = Console()
err = Console(stderr=True)

ModelOption = Annotated[
    str,
    typer.Option(
        "--model", "-m", help="A name from [bold]memeprobe models[/bold], a directory, or a hub id."
    ),
]
Keyframes = Annotated[
    int,
    typer.Option(
        "--keyframes", "-k", min=1, max=64, help="How many frames the model gets of a clip."
    ),
]
Policy = Annotated[
    str, typer.Option(help=f"How keyframes are chosen: {', '.join(KEYFRAME_POLICIES)}.")
]
Delivery = Annotated[
    str | None,
    typer.Option(
        "--delivery",
        "-d",
        help="How frames reach the model: native, concat, grid, vote or "
        "first_only. Default: the model's best.",
    ),
]
Engine = Annotated[str, typer.Option(help="OCR engine: rapidocr or paddleocr.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps. Default: the best here.")]
Dtype = Annotated[
    str | None, typer.Option(help="float32, bfloat16 or float16. Default: by device.")
]
Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="MEMEPROBE_WORKSPACE",
        help="The SQLite file that keeps runs and answers.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines, nothing else.")]


def workspace(path: Path | None) -> Path:
    """The store's file: as given, else in the user's data folder."""
    return path or Path(platformdirs.user_data_dir("memeprobe")) / "memeprobe.sqlite"


def fail(message: object) -> None:
    """One clear line on stderr."""
    err.print(f"[red]memeprobe:[/red] {escape(str(message))}", soft_wrap=True)


@app.command("look")
def look_command(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="GIFs, pictures, clips.")],
    model: ModelOption = "blip-nano",
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Keyframes and captions only.")
    ] = False,
    question: Annotated[str, typer.Option("--question", "-q")] = DEFAULT_QUESTION,
    keyframes: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    delivery: Delivery = None,
    engine: Engine = "rapidocr",
    device: Device = None,
    dtype: Dtype = None,
    as_json: AsJson = False,
) -> None:
    """Look at single memes: keyframes, captions with their times, the model's answers.

    [dim]Examples:[/dim]  memeprobe look cat.gif  ·  memeprobe look --no-model --json *.gif
    """
    asked = None if no_model else load_model(model, LoadOptions(device, dtype))
    failed = False
    for file in files:
        try:
            found = look(file, asked, question=question, k=keyframes, policy=policy,
                         delivery=delivery, engine=engine)  # fmt: skip
        except MediaError as error:
            failed = True
            if as_json:
                print(json.dumps({"file": file, "error": str(error)}, ensure_ascii=False))
            fail(error)
            continue
        note = jobs.caution(asked, file)
        if as_json:
            extra = {"model": asked.name if asked else None, "notes": [note] if note else []}
            print(json.dumps({**found.as_json(file), **extra}, ensure_ascii=False), flush=True)
            continue
        terminal.print_look(out, file, found)
        if note:
            out.print(f"[yellow]note: {escape(note)}[/yellow]")
        out.print()
    if failed:
        raise typer.Exit(2)


@app.command()
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
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model about a whole set under every condition, and say what that shows.

    Killed at any moment, the same command goes on where it stopped.

    [dim]Examples:[/dim]  memeprobe run reveal  ·  memeprobe run ./my-set -m ./checkpoint --json
    """  # fmt: skip
    spec = RunSpec(meme_set, model, delivery, keyframes, policy, language, limit,
                   tuple(condition) if condition else None, engine)  # fmt: skip
    with Store(workspace(workspace_file)) as store:
        result = _run(spec, store, device, dtype, as_json)
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    terminal.print_result(out, result)
    if all(row["n"] == 0 for row in result["conditions"].values()):
        raise jobs.JobError(f"no trial of run {result['run']} was answered; see the problems above")
    out.print(f"Run {result['run']}: memeprobe report {result['run']}")


def _run(
    spec: RunSpec, store: Store, device: str | None, dtype: str | None, quiet: bool
) -> dict[str, Any]:
    """One run with a progress bar on stderr."""
    chosen = load_set(spec.set_name)
    model = jobs.model_for(spec.model, chosen, spec.language, LoadOptions(device, dtype))
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


@app.command()
def report(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="Run ids, or their beginnings.")
    ],
    html: Annotated[
        Path | None, typer.Option(help="Where to write it. Default: report-RUN.html")
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML report about one or more runs."""
    with Store(workspace(workspace_file)) as store:
        results = [jobs.result_of(store, run) for run in runs]
        if as_json:
            print(json.dumps(results if len(results) > 1 else results[0], ensure_ascii=False))
            return
        path = html or Path(f"report-{results[0]['run']}.html")
        jobs.write_report(store, results, path)
    out.print(f"Report: {path.resolve()}", soft_wrap=True)


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the models known by name; any directory or hub id with an adapter works too."""
    rows = [{"name": name, **jobs.describe_model(entry)} for name, entry in MODELS.items()]
    rows += [{"name": f"known:{name}", **jobs.describe_subject(subject)}
             for name, subject in SUBJECTS.items()]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table()
    for column in ("name", "parameters", "languages", "deliveries", "here", "licence", "about"):
        table.add_column(column, overflow="fold")
    for row in rows:
        size = f"{row['parameters'] / 1e6:,.1f} M" if row["parameters"] else ""
        here = "yes" if row["available"] else "no"
        texts = [row["languages"], ", ".join(row["deliveries"]), here, row["licence"], row["about"]]
        table.add_row(str(row["name"]), size, *map(str, texts))
    out.print(table)


@app.command()
def sets(as_json: AsJson = False) -> None:
    """List the built-in sets; any folder of media works too (docs/sets.md)."""
    rows = [jobs.describe_set(load_set(name)) for name in BUILTIN]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table()
    for column in ("name", "items", "languages", "about"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["name"], str(row["items"]), " ".join(row["languages"]), row["about"])
    out.print(table)


@app.command()
def demo(
    html: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("out/demo.html"),
    workspace_file: Workspace = None,
) -> None:
    """Run the whole job with the embedded model: both probes, two verdicts, one HTML report."""
    with Store(workspace(workspace_file)) as store:
        results = []
        for spec in jobs.DEMO:
            results.append(_run(spec, store, "cpu", None, False))
            terminal.print_result(out, results[-1])
            out.print()
        jobs.write_report(store, results, html)
    first, frames_gone, captions = results
    out.print("[bold]In short[/bold]")
    terminal.print_short(out, first, frames_gone, captions)
    out.print(f"Report: {html.resolve()}", soft_wrap=True)


def main() -> None:
    """Run the command line; known errors are one line and exit code 2, Ctrl-C is 130."""
    # A closed pipe (`memeprobe models | head`) ends the program quietly, as it does others.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    try:
        app()
    except jobs.Stopped as stopped:
        fail(stopped)
        sys.exit(130)
    except KNOWN_ERRORS as error:
        fail(error)
        sys.exit(2)

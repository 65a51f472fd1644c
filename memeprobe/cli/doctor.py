"""``memeprobe doctor``: what a model will get before a run, or whether all is installed."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cli.common import Delivery, Keyframes, load_options
from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.cli.groups import grouped
from memeprobe.workspace import workspace_path
from vlm import LoadOptions, check_spec, load_model, source_of

_MARKS = {"fine": "[green]·[/green]", "note": "[yellow]![/yellow]", "wrong": "[red]✗[/red]"}


@grouped(loading=load_options)
def doctor(
    *,
    model: Annotated[
        str | None, typer.Argument(help="A name, a directory or a hub id. Default: none.")
    ] = None,
    keyframes: Keyframes = 4,
    delivery: Delivery = None,
    language: Annotated[str, typer.Option("--language", "-l", help="en or zh.")] = "en",
    picture: Annotated[
        Path | None,
        typer.Option(help="Write a known picture as the model gets it, as PNG."),
    ] = None,
    loading: LoadOptions,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Say what a model will get before a run, or whether the installation is sound.

    Exit code 2, with the cure, where a run would be untrue or impossible.

    [dim]Examples:[/dim]  memeprobe doctor  ·  memeprobe doctor ./checkpoint -k 8 --picture seen.png
    """
    from memeprobe.doctor import examine, fits, installation
    from memeprobe.errors import JobError, unknown

    if language not in ("en", "zh"):
        raise JobError(unknown("language", language, ("en", "zh")))
    shown = None
    if model is None:
        found = installation(workspace_path(workspace_file))
    else:
        check_spec(model)
        room = fits(model, loading)
        found = [] if room is None else [room]
        if room is None or room.state != "wrong":  # else the device would run out of memory
            loaded = load_model(model, loading)
            more, shown = examine(loaded, source_of(model), keyframes, delivery, language)
            found += more
    if picture is not None and shown is not None:
        from PIL import Image

        Image.fromarray(shown).save(picture)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        for one in found:
            cure = f" → {one.cure}" if one.cure else ""
            line = f"{one.name:<14} {one.text}{cure}"
            out.print(f"{_MARKS[one.state]} {escape(line)}", highlight=False, soft_wrap=True)
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(2)

"""``memeprobe look``: single memes."""

from typing import Annotated

import typer
from rich.markup import escape

from frames import DEFAULT_POLICY, Limits, MediaError
from memeprobe import jobs
from memeprobe.cli import terminal
from memeprobe.cli.common import (
    AsJson,
    Delivery,
    Engine,
    Keyframes,
    ModelOption,
    Policy,
    fail,
    limits,
    load_options,
    out,
    print_json,
)
from memeprobe.cli.groups import grouped
from memeprobe.one_meme import DEFAULT_QUESTION, look
from vlm import LoadOptions, load_model


@grouped(loading=load_options, accepted=limits)
def look_command(
    *,
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
    loading: LoadOptions,
    accepted: Limits,
    as_json: AsJson = False,
) -> None:
    """Look at single memes: keyframes, captions with their times, the model's answers.

    [dim]Examples:[/dim]  memeprobe look cat.gif  ·  memeprobe look --no-model --json *.gif
    """
    asked = None if no_model else load_model(model, loading)
    failed = False
    for file in files:
        try:
            found = look(
                file,
                asked,
                question=question,
                k=keyframes,
                policy=policy,
                delivery=delivery,
                engine=engine,
                limits=accepted,
            )
        except MediaError as error:
            failed = True
            if as_json:
                print_json({"file": file, "error": str(error)})
            fail(error)
            continue
        note = jobs.caution(asked, file)
        if as_json:
            extra = {"model": asked.name if asked else None, "notes": [note] if note else []}
            print_json({**found.as_json(file), **extra})
            continue
        terminal.print_look(out, file, found)
        if note:
            out.print(f"[yellow]note: {escape(note)}[/yellow]")
        out.print()
    if failed:
        raise typer.Exit(2)

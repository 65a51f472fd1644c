"""``memeprobe look``: single memes."""

from typing import Annotated

import typer
from rich.markup import escape

from frames import Limits, MediaError, open_isolated
from memeprobe.cli import terminal
from memeprobe.cli.common import (
    Delivery,
    Engine,
    Keyframes,
    ModelOption,
    Policy,
    check_request,
    limits,
    load_options,
)
from memeprobe.cli.console import AsJson, fail, out, print_json
from memeprobe.cli.groups import grouped
from memeprobe.one_meme import DEFAULT_QUESTION, look
from memeprobe.workspace import own_cache
from ocr import DEFAULT_POLICY
from vlm import LoadOptions, Model, load_model
from vlm.query import ANSWER_TOKENS


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
    check_request(None if no_model else model, delivery, policy, engine)
    asked: Model | None = None
    kept = own_cache()
    failed = False
    for file in files:
        try:
            clip = open_isolated(file, limits=accepted)
            # Loaded only now: a file that cannot be opened is said at once.
            if asked is None and not no_model:
                asked = load_model(model, loading)
            found = look(
                clip,
                asked,
                question=question,
                k=keyframes,
                policy=policy,
                delivery=delivery,
                engine=engine,
                cache=kept,
                max_new_tokens=loading.max_new_tokens or ANSWER_TOKENS,
            )
        except MediaError as error:
            failed = True
            if as_json:
                print_json({"file": file, "error": str(error)})
            fail(error)
            continue
        note = _caution(asked, file)
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


def _caution(model: Model | None, file: str) -> str | None:
    """What to beware of in the model's answers; nothing to beware of where none was asked."""
    if model is None:
        return None
    from memeprobe.jobs import caution

    return caution(model, file)

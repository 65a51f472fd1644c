"""``memeprobe look``: single memes."""

from typing import Annotated

import typer
from rich.markup import escape

from frames import DEFAULT_POLICY, MediaError, open_clip
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
from memeprobe.cli.console import AsJson, fail, out, print_json
from memeprobe.look import DEFAULT_QUESTION, look
from vlm import Model, load_model


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
    quantise: Quantise = None,
    translator: Translator = None,
    max_file_bytes: MaxFileBytes = None,
    max_frame_pixels: MaxFramePixels = None,
    max_frames: MaxFrames = None,
    max_decoded_bytes: MaxDecodedBytes = None,
    as_json: AsJson = False,
) -> None:
    """Look at single memes: keyframes, captions with their times, the model's answers.

    [dim]Examples:[/dim]  memeprobe look cat.gif  ·  memeprobe look --no-model --json *.gif
    """
    accepted = limits(max_file_bytes, max_frame_pixels, max_frames, max_decoded_bytes)
    options = load_options(device, dtype, quantise, translator)
    check_request(None if no_model else model, delivery, policy, engine)
    asked: Model | None = None
    failed = False
    for file in files:
        try:
            clip = open_clip(file, limits=accepted)
            # Loaded only now: a file that cannot be opened is said at once.
            if asked is None and not no_model:
                asked = load_model(model, options)
            found = look(
                clip,
                asked,
                question=question,
                k=keyframes,
                policy=policy,
                delivery=delivery,
                engine=engine,
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

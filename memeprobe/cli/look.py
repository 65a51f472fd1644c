"""``memeprobe look``: single memes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from frames import Limits, MediaError, open_isolated
from frames.clip import printable
from memeprobe.cache.ahead import engine_ahead
from memeprobe.cli import terminal
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
from memeprobe.cli.console import AsJson, err, fail, out, print_json, some_of
from memeprobe.cli.groups import grouped
from memeprobe.errors import JobError
from memeprobe.one_meme import DEFAULT_QUESTION, Look, look
from memeprobe.subtitles import write_subtitles
from memeprobe.workspace import own_cache
from ocr import DEFAULT_POLICY
from vlm import LoadOptions, Model, load_model
from vlm.query import ANSWER_TOKENS

Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="GIFs, pictures, clips, or folders of them.")
]


def subtitle_files(
    vtt: Annotated[
        Path | None,
        typer.Option("--vtt", metavar="FILE", help="Write the captions as WebVTT (one file only)."),
    ] = None,
    srt: Annotated[
        Path | None,
        typer.Option("--srt", metavar="FILE", help="Write the captions as SubRip (one file only)."),
    ] = None,
) -> dict[str, Path]:
    """Format -> the file into which the captions are written."""
    return {form: path for form, path in (("vtt", vtt), ("srt", srt)) if path is not None}


def own_roles(
    caption: Annotated[
        list[str] | None,
        typer.Option(
            "--caption", metavar="TEXT", help="Take this line for caption, as you see it."
        ),
    ] = None,
    other: Annotated[
        list[str] | None,
        typer.Option("--other", metavar="TEXT", help="Take this line for other text."),
    ] = None,
) -> dict[str, str]:
    """Text of a line -> the role that the user gives it."""
    return {**dict.fromkeys(caption or (), "caption"), **dict.fromkeys(other or (), "other")}


@grouped(
    loading=load_options,
    accepted=limits,
    written=subtitle_files,
    roles=own_roles,
    engine=ocr_engine,
)
def look_command(
    *,
    files: Files,
    model: ModelOption = "blip-nano",
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Keyframes and captions only.")
    ] = False,
    question: Annotated[str, typer.Option("--question", "-q")] = DEFAULT_QUESTION,
    keyframes: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    delivery: Delivery = None,
    engine: str,
    written: dict[str, Path],
    roles: dict[str, str],
    loading: LoadOptions,
    accepted: Limits,
    as_json: AsJson = False,
) -> None:
    """Look at single memes: keyframes, captions with their times, the model's answers.

    [dim]Examples:[/dim]  memeprobe look cat.gif  ·  memeprobe look --no-model --json *.gif
    """
    check_request(None if no_model else model, delivery, policy, engine)
    files, left_out = _with_folders(files)
    if written and len(files) > 1:
        raise JobError(f"--{next(iter(written))} takes the captions of one file, got {len(files)}")
    asked: Model | None = None
    kept = own_cache()
    failed = False
    for file in files:
        try:
            with engine_ahead(file, engine, kept):
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
                    roles=roles,
                    max_new_tokens=loading.max_new_tokens or ANSWER_TOKENS,
                )
        except MediaError as error:
            failed = True
            if as_json:
                print_json({"file": file, "error": str(error)})
            fail(error)
            continue
        for form, path in written.items():
            write_subtitles(path, found.captions, form)
        _tell(found, file, asked, as_json)
    _tell_left_out(left_out, as_json)
    if failed:
        raise typer.Exit(2)


def _tell_left_out(left_out: Mapping[str, list[str]], as_json: bool) -> None:
    for folder, names in left_out.items():
        if as_json:
            print_json({"folder": folder, "left_out": names})
        else:
            said = f"{folder}: left out, no media by their content: {some_of(names)}"
            err.print(f"[yellow]{escape(said)}[/yellow]", soft_wrap=True)


def _with_folders(given: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Files with those of the folders given, told by content; and folder -> what is no media there.

    Raises JobError for a folder without media, or one that cannot be read.
    """
    files: list[str] = []
    left_out: dict[str, list[str]] = {}
    for name in given:
        if not Path(name).is_dir():
            files.append(name)
            continue
        from meme_sets.media_kinds import sorted_out  # with it comes what checks sets

        try:
            media, others = sorted_out(Path(name), deep=True)
        except OSError as error:
            raise JobError(f"{name}: cannot be read: {error.strerror}") from None
        if not media:
            raise JobError(f"{name}: there is no media file in this folder (told by content)")
        files += map(str, media)
        if others:
            left_out[name] = [printable(str(f.relative_to(name))) for f in others]
    return files, left_out


def _tell(found: Look, file: str, asked: Model | None, as_json: bool) -> None:
    """Print what was found, and what to beware of."""
    note = _caution(asked, file)
    if as_json:
        extra = {"model": asked.name if asked else None, "notes": [note] if note else []}
        print_json({**found.as_json(file), **extra})
        return
    terminal.print_look(out, file, found)
    if note:
        out.print(f"[yellow]note: {escape(note)}[/yellow]")
    out.print()


def _caution(model: Model | None, file: str) -> str | None:
    """What to beware of in the model's answers; nothing to beware of where none was asked."""
    if model is None:
        return None
    from memeprobe.jobs import caution

    return caution(model, file)

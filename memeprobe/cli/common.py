"""What the commands share: options, the two consoles, the workspace, and how errors are said."""

import json
from pathlib import Path
from typing import Annotated, Any

import platformdirs
import typer
from rich.console import Console
from rich.markup import escape

from frames import KEYFRAME_POLICIES, Limits
from memeprobe.jobs import JobError
from vlm import LoadOptions

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

_LOADING = "How the model is loaded"
Device = Annotated[
    str | None,
    typer.Option(help="cpu, cuda, cuda:1, mps. Default: the best here.", rich_help_panel=_LOADING),
]
Dtype = Annotated[
    str | None,
    typer.Option(
        help="float32, bfloat16 or float16. Default: by device.", rich_help_panel=_LOADING
    ),
]
Quantise = Annotated[
    str | None,
    typer.Option(help="int8 or int4, for the language model only.", rich_help_panel=_LOADING),
]
Translator = Annotated[
    str | None,
    typer.Option(
        metavar="ZH_EN,EN_ZH",
        help="Translators to put around an English-only model: two directories or hub ids, or one "
        "name for both directions (marian, deltalm).",
        rich_help_panel=_LOADING,
    ),
]

_DECODING = "What is accepted of a media file (also by MEMEPROBE_MAX_... variables)"


def _limit(name: str, what: str) -> Any:
    default = getattr(Limits(), name)
    return typer.Option(
        f"--max-{name.replace('_', '-')}",
        metavar="N",
        rich_help_panel=_DECODING,
        help=f"{what} Default: {default:,}.",
    )


MaxFileBytes = Annotated[int | None, _limit("file_bytes", "Size of the file in bytes.")]
MaxFramePixels = Annotated[int | None, _limit("frame_pixels", "Width times height of a frame.")]
MaxFrames = Annotated[int | None, _limit("frames", "Number of frames.")]
MaxDecodedBytes = Annotated[
    int | None, _limit("decoded_bytes", "Bytes of all frames together, decoded.")
]


def limits(
    max_file_bytes: MaxFileBytes = None,
    max_frame_pixels: MaxFramePixels = None,
    max_frames: MaxFrames = None,
    max_decoded_bytes: MaxDecodedBytes = None,
) -> Limits:
    """The decoding limits: defaults, changed by the environment, changed by options.

    Raises JobError naming the variable or option with a bad value.
    """
    try:
        return Limits.from_environment(
            file_bytes=max_file_bytes,
            frame_pixels=max_frame_pixels,
            frames=max_frames,
            decoded_bytes=max_decoded_bytes,
        )
    except ValueError as error:
        raise JobError(str(error)) from None


def load_options(
    device: Device = None,
    dtype: Dtype = None,
    quantise: Quantise = None,
    translator: Translator = None,
) -> LoadOptions:
    """The options as the models take them. Raises ModelError, or JobError for --translator."""
    pair = None
    if translator is not None:
        parts = [p.strip() for p in translator.split(",")]
        if len(parts) > 2 or not all(parts):
            raise JobError(
                f"--translator takes ZH_EN,EN_ZH or one name for both, got {translator!r}"
            )
        pair = (parts[0], parts[-1])
    return LoadOptions(device, dtype, quantise, pair)


def workspace(path: Path | None) -> Path:
    """The store's file: as given, else in the user's data folder."""
    return path or Path(platformdirs.user_data_dir("memeprobe")) / "memeprobe.sqlite"


def fail(message: object) -> None:
    """One clear line on stderr."""
    err.print(f"[red]memeprobe:[/red] {escape(str(message))}", soft_wrap=True)


def print_json(value: object) -> None:
    """One line of JSON on stdout, Chinese as it is."""
    print(json.dumps(value, ensure_ascii=False), flush=True)

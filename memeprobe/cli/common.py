"""Options that commands about models and media share, and the checks that need no model."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from frames import Limits
from memeprobe.errors import JobError, unknown
from ocr import AUTO, DEFAULT_ENGINE, KEYFRAME_POLICIES, policy_names
from ocr.engines import check_engine
from ocr.own_model import SETTING, chosen_engine
from vlm import (
    DELIVERIES,
    RECIPES,
    LoadOptions,
    check_spec,
    deliveries_of,
    known_names,
    recipes_for,
)

ModelOption = Annotated[
    str,
    typer.Option(
        "--model", "-m", help="A name from [bold]memeprobe models[/bold], a directory, or a hub id."
    ),
]


def _number(value: str | int) -> int:
    """The number of keyframes; ``AUTO`` for 'auto'."""
    if str(value) == "auto":
        return AUTO
    number = int(value) if str(value).isdecimal() else 0
    if not 1 <= number <= 64:
        raise typer.BadParameter(f"must be 1 to 64 or 'auto', got {value!r}")
    return number


Keyframes = Annotated[
    int,
    typer.Option(
        "--keyframes",
        "-k",
        parser=_number,
        metavar="N|auto",
        help="How many frames the model gets of a clip, 1 to 64; auto: as many as it needs.",
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
        help="How frames reach the model: native, concat, video, grid, vote or first_only, or as "
        f"applications send a GIF: {', '.join(RECIPES)}. Default: the model's best.",
    ),
]
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
Revision = Annotated[
    str | None,
    typer.Option(
        help="Commit, tag or branch of a hub id (ID@REVISION says the same). Default: the newest.",
        rich_help_panel=_LOADING,
    ),
]
MaxVisualTokens = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Bound on the visual tokens of a picture, for chat models whose processor has one.",
        rich_help_panel=_LOADING,
    ),
]
MaxNewTokens = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Bound of an answer in tokens, of a chat model that thinks aloud with its thought. "
        "Default: 20, of a transcription 48, with a thought 1024. What was cut off is counted.",
        rich_help_panel=_LOADING,
    ),
]

BatchSize = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Questions that the model is asked at once. Default: a budget of tokens that is found "
        "by itself, halved where the memory does not suffice, and remembered (memeprobe cache).",
        rich_help_panel=_LOADING,
    ),
]
ServerBody = Annotated[
    str | None,
    typer.Option(
        metavar="JSON",
        help="Merged into every request to a server, as it is: no keys in it, for it is kept.",
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
MaxSeconds = Annotated[
    int | None,
    _limit(
        "seconds", "Processor time to decode a file, in seconds; to read it, ten times as many."
    ),
]


def limits(
    max_file_bytes: MaxFileBytes = None,
    max_frame_pixels: MaxFramePixels = None,
    max_frames: MaxFrames = None,
    max_decoded_bytes: MaxDecodedBytes = None,
    max_seconds: MaxSeconds = None,
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
            seconds=max_seconds,
        )
    except ValueError as error:
        raise JobError(str(error)) from None


def load_options(
    device: Device = None,
    dtype: Dtype = None,
    quantise: Quantise = None,
    translator: Translator = None,
    revision: Revision = None,
    max_visual_tokens: MaxVisualTokens = None,
    max_new_tokens: MaxNewTokens = None,
    server_body: ServerBody = None,
    batch_size: BatchSize = None,
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
    return LoadOptions(
        device,
        dtype,
        quantise,
        pair,
        revision,
        max_visual_tokens,
        max_new_tokens,
        server_body,
        batch_size,
    )


OcrModel = Annotated[
    Path | None,
    typer.Option(
        "--ocr-model",
        metavar="FILE",
        help="Read with this recognition model, for scripts that the bundled one does not know: "
        ".onnx (rapidocr) or a folder (paddleocr). MEMEPROBE_OCR_MODEL names one for all commands.",
    ),
]


def ocr_engine(
    engine: Annotated[
        str | None, typer.Option("--ocr", help="OCR engine: rapidocr or paddleocr.")
    ] = None,
    ocr_model: OcrModel = None,
) -> str:
    """The engine's name, with the recognition model that it reads with."""
    if ocr_model is None:
        return engine or chosen_engine(DEFAULT_ENGINE)
    return f"{(engine or DEFAULT_ENGINE).split(':')[0]}:{ocr_model.resolve()}"


def read_by_default(ocr_model: Path | None) -> None:
    """Let this process and those that it starts read with a model where nobody names an engine.

    Raises OcrError: the model is not there, also if MEMEPROBE_OCR_MODEL named it.
    """
    if ocr_model is not None:
        os.environ[SETTING] = str(ocr_model.resolve())
    check_engine(chosen_engine(DEFAULT_ENGINE))


def check_request(model: str | None, delivery: str | None, policy: str, engine: str) -> None:
    """Refuse names that are not known, before anything heavy is imported.

    ``model`` None: none is asked. Raises ModelError, SpecError, or JobError with the nearest name.
    """
    if policy not in policy_names():
        raise JobError(unknown("keyframe policy", policy, policy_names()))
    check_engine(engine)
    if delivery is not None and delivery not in DELIVERIES:
        raise JobError(unknown("delivery", delivery, DELIVERIES))
    if model is None:
        return
    check_spec(model)
    # Of a folder or a hub id only the adapter knows it, and that imports torch.
    if delivery is not None and model in known_names():
        plain = deliveries_of(model)
        taken = (*plain, *recipes_for(plain))
        if delivery not in taken:
            raise JobError(
                f"{model} does not support the delivery {delivery!r}; "
                f"it supports {', '.join(taken)}"
            )

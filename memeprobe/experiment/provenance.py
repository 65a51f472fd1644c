"""What made a run: versions, device, and the command that repeats it."""

import platform
import shlex
from importlib import metadata

from meme_sets import BUILTIN, MemeSet
from meme_sets.catalog import builtin_folder
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.rows import Provenance
from memeprobe.version import __version__
from ocr.policies import package_of
from vlm import DEFAULTS, LoadOptions, Model

LIBRARIES = (
    "torch",
    "transformers",
    "numpy",
    "pillow",
    "av",
    "opencv-python-headless",
    "rapidocr",
    "onnxruntime",
    "paddleocr",
)
"""What an answer can depend on: decoders, OCR, and the code of the models."""


def provenance(
    spec: RunSpec,
    meme_set: MemeSet,
    model: Model,
    options: LoadOptions = DEFAULTS,
    judge: str | None = None,
) -> Provenance:
    """The record of what makes a run of ``spec``; ``judge`` is the judge's spec."""
    folder = meme_set.folder.resolve()
    built_in = meme_set.name in BUILTIN and folder == builtin_folder(meme_set.name)
    place = "" if built_in else str(folder)
    return Provenance(
        model_spec=spec.model,
        load_options={
            "device": options.device,
            "dtype": options.dtype,
            "quantise": options.quantise,
            "translators": options.translators,
            "revision": options.revision,
            "max_visual_tokens": options.max_visual_tokens,
            "max_new_tokens": options.max_new_tokens,
            "server_body": options.server_body,
        },
        set_spec=place or meme_set.name,
        set_folder=place or None,
        device=str(getattr(model, "device", "")),
        command=command(spec, place or meme_set.name, options, judge, getattr(model, "side", None)),
        memeprobe=__version__,
        libraries={
            name: version
            for name in (*LIBRARIES, package_of(spec.policy) or "")
            if name and (version := _version(name))
        },
        platform=f"Python {platform.python_version()}, {platform.platform()}",
        judge_spec=judge,
    )


def command(
    spec: RunSpec,
    source: str,
    options: LoadOptions = DEFAULTS,
    judge: str | None = None,
    side: int | None = None,
) -> str:
    """The shell command that repeats a run: every choice that is not the default is written out.

    ``side``: the pixels on the longer side that pictures were shrunk to, which a sweep does.
    """
    default = RunSpec(spec.set_name, spec.model)
    verb = "run" if side is None else "sweep"
    words = ["memeprobe", verb, source, "--model", spec.model]
    if side is not None:
        words += ["--side", str(side)]
    for option, name in (
        ("--delivery", "delivery"),
        ("--keyframes", "k"),
        ("--policy", "policy"),
        ("--language", "language"),
        ("--limit", "limit"),
        ("--sample", "sample"),
        ("--scoring", "scoring"),
        ("--seed", "seed"),
        ("--ocr", "engine"),
    ):
        value = getattr(spec, name)
        # A sweep's own numbers of keyframes are several.
        if value != getattr(default, name) or (side is not None and name == "k"):
            words += [option, str(value)]
    if spec.conditions is None:
        words += ["--preset", "full"]
    for condition in spec.conditions or ():
        words += ["--condition", condition]
    for option, value in (
        ("--judge", judge),
        ("--device", options.device),
        ("--dtype", options.dtype),
        ("--quantise", options.quantise),
        ("--translator", ",".join(options.translators) if options.translators else None),
        ("--revision", options.revision),
        ("--max-visual-tokens", options.max_visual_tokens),
        ("--max-new-tokens", options.max_new_tokens),
        ("--server-body", options.server_body),
    ):
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None

"""Whether this installation can do its work: engines, font, device, store, extras."""

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from memeprobe.doctor.finding import NOTE, WRONG, Finding

EXTRAS = {
    "quantise": ("bitsandbytes", "--quantise int4"),
    "dashboard": ("streamlit", "the pages"),
    "service": ("fastapi", "memeprobe serve"),
    "paddle": ("paddleocr", "--ocr paddleocr"),
    "ray": ("ray", "--engine ray"),
}
"""Extra -> the package that it brings, and what needs it."""


def installation(store: Path) -> list[Finding]:
    """Everything that a run needs beside a model; ``store`` is the workspace's file."""
    found = []
    for name, look in (
        ("Python", _python),
        ("OCR", _ocr),
        ("font", _font),
        ("device", _device),
        ("models", _models),
        ("store", lambda: _store(store)),
    ):
        try:
            found.append(look())
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            found.append(Finding(name, text, WRONG, "install memeprobe anew"))
    return [*found, *_extras()]


def _python() -> Finding:
    from memeprobe.version import __version__

    return Finding("Python", f"memeprobe {__version__}, Python {platform.python_version()}")


def _ocr() -> Finding:
    """A word is drawn and read."""
    import numpy as np
    from PIL import Image, ImageDraw

    from memeprobe.fonts import font
    from ocr.engines import DEFAULT_ENGINE, load_engine

    sheet = Image.new("RGB", (320, 120), "white")
    ImageDraw.Draw(sheet).text((160, 60), "MEME 42", "black", font(48), anchor="mm")
    engine, picture = load_engine(DEFAULT_ENGINE), np.asarray(sheet)
    (boxes,) = engine.detect([picture])
    read = engine.recognise([picture])[0][0] if boxes else ""
    if read.replace(" ", "").upper() != "MEME42":
        return Finding(
            "OCR", f"{DEFAULT_ENGINE} reads {read!r} for 'MEME 42'", WRONG, "install rapidocr anew"
        )
    return Finding("OCR", f"{DEFAULT_ENGINE} reads")


def _font() -> Finding:
    """The font draws Chinese and Latin letters, and no two alike."""
    from memeprobe.fonts import font

    masks = {bytes(font(32).getmask(letter)) for letter in "猫狗Ab"}
    if len(masks) < 4:
        return Finding("font", "letters look alike", WRONG, "install memeprobe anew")
    return Finding("font", "draws Chinese and Latin letters")


def _device() -> Finding:
    import torch

    from vlm.device import choose_device, choose_dtype

    device = choose_device()
    kind = str(choose_dtype(device)).removeprefix("torch.")
    if device.type == "cuda":
        about = torch.cuda.get_device_properties(device)
        return Finding(
            "device",
            f"{about.name}, {about.total_memory / 1e9:.0f} GB, {kind}; torch {torch.__version__}",
        )
    state, cure = (NOTE, "large models need a GPU; --model blip-nano needs none")
    return Finding("device", f"{device.type}, {kind}; torch {torch.__version__}", state, cure)


def _models() -> Finding:
    from vlm import MODELS, available

    here = [name for name, entry in MODELS.items() if available(name, entry)]
    return Finding("models", f"on this machine: {', '.join(here)}")


def _store(path: Path) -> Finding:
    place = next(p for p in (path, *path.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{path}, {free / 1e9:.1f} GB free"
    if free < 1e9:
        return Finding("store", text, NOTE, "free some space, or give --workspace elsewhere")
    return Finding("store", text)


def _extras() -> Iterator[Finding]:
    for extra, (package, use) in EXTRAS.items():
        if find_spec(package) is None:
            cure = f"pip install 'memeprobe[{extra}]' if you want it"
            yield Finding(f"extra {extra}", f"not installed ({use})", NOTE, cure)
        else:
            yield Finding(f"extra {extra}", f"{package} {version(package)}")

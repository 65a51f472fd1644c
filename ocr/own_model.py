"""A recognition model that the user names, for scripts that the bundled weights do not know.

An engine's name may end in its file: `rapidocr:/models/korean_rec.onnx`. What is read then depends
on the file's bytes, never on its name.
"""

import hashlib
import os
from pathlib import Path

from ocr.caption import OcrError

HOW = (
    "PP-OCR's recognition models for Korean, Cyrillic, Arabic, Greek, Thai and other scripts are "
    "among the models of RapidOCR (.onnx) and of PaddleOCR (a folder); download one and name it"
)
CHARACTERS = ".txt"
"""Ending of the list of characters beside a model that does not hold it: one a line."""


SETTING = "MEMEPROBE_OCR_MODEL"
"""Variable that names the model to read with where nobody names an engine."""


def chosen_engine(default: str) -> str:
    """The engine that reads where nobody names one: ``default``, or the one that takes the model
    that MEMEPROBE_OCR_MODEL names."""
    setting = os.environ.get(SETTING, "").strip()
    if not setting:
        return default
    model = Path(setting).absolute()
    return f"{'paddleocr' if model.is_dir() else 'rapidocr'}:{model}"


def split(name: str) -> tuple[str, Path | None]:
    """An engine's name -> (engine, the recognition model's file or folder; None = its own)."""
    engine, _, model = name.partition(":")
    return engine, Path(model) if model else None


def model_files(model: Path) -> list[Path]:
    """The files that a model consists of: itself and the list of characters beside it, or all of
    a folder. Raises OcrError: there is none."""
    if model.is_dir():
        found = sorted(path for path in model.iterdir() if path.is_file())
    else:
        found = [path for path in (model, model.with_suffix(CHARACTERS)) if path.is_file()]
    if not found or (not model.is_dir() and not model.is_file()):
        raise OcrError(f"{model}: there is no recognition model. {HOW}")
    return found


def identity(name: str) -> str:
    """What an engine's name stands for: with a model of one's own, the bytes of its files.

    Raises OcrError: there is no such file, or it cannot be read.
    """
    engine, model = split(name)
    if model is None:
        return engine
    digest = hashlib.sha256()
    for path in model_files(model):
        try:
            digest.update(path.suffix.encode() + hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise OcrError(f"{path}: cannot be read: {error.strerror}") from None
    return f"{engine}:{digest.hexdigest()}"

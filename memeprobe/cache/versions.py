"""What an entry of the cache depends on beside its pixels: code, libraries, OCR engine.

Code counts by the bytes of its source files, so that nothing has to be raised by hand when a
policy, an edit or its check changes.
"""

import hashlib
from functools import cache
from importlib import import_module, metadata
from pathlib import Path

from ocr.engines import ENGINES
from ocr.own_model import identity

ROOT = Path(__file__).resolve().parent.parent.parent
MAKERS = ("frames", "ocr", "memeprobe/stimuli", "memeprobe/fonts", "memeprobe/scoring/words.py")
"""The code that turns a file into the pictures of a condition."""
LIBRARIES = ("numpy", "pillow", "av", "opencv-python-headless", "opencc", "rapidfuzz")
ENGINE_LIBRARIES = ("rapidocr", "onnxruntime", "paddleocr", "paddlex", "opencv-python-headless")
"""Weights come inside rapidocr's package, so that its version covers them."""


@cache
def code_version() -> str:
    """Of everything that decodes, reads and edits."""
    digest = hashlib.sha256(repr(_versions(LIBRARIES)).encode())
    for part in MAKERS:
        place = ROOT / part
        files = [place] if place.is_file() else sorted(place.rglob("*.py"))
        for file in files:
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def engine_version(name: str) -> str:
    """Of an engine: its weights, its settings, and the code that calls it.

    A name that is no engine's has a version too; that it is unknown is said when it is loaded.
    Raises OcrError: a recognition model of one's own is not there.
    """
    return _version_of(identity(name))


@cache
def _version_of(name: str) -> str:
    parts = [name, repr(_versions(ENGINE_LIBRARIES))]
    engine = name.split(":")[0]
    if engine in ENGINES:
        module = import_module(ENGINES[engine].split(":")[0])
        parts.append(Path(str(module.__file__)).read_text("utf-8"))
    parts.append((ROOT / "ocr" / "engines.py").read_text("utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _versions(names: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for name in names:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, ""))
    return found

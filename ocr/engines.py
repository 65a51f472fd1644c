"""The OCR engines: one visible table, loaded on first use.

An engine finds boxes and recognises crops; everything else (enlarging, cutting out, reading
order, what is a caption, time) is done alike for all of them, so that two engines on the same
weights give the same captions.
"""

import difflib
import importlib
import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np

from ocr.caption import OcrError
from ocr.own_model import identity, split

ENGINES = {
    "rapidocr": "ocr.rapid:RapidEngine",
    "paddleocr": "ocr.paddle:PaddleEngine",
}
"""Name -> 'module:Class'."""
DEFAULT_ENGINE = "rapidocr"

SETTINGS = {
    "thresh": 0.3,
    "box_thresh": 0.6,
    "unclip_ratio": 1.5,
    "limit_side_len": 64,
    "limit_type": "min",
}
"""Detection settings, the same for every engine: those of PP-OCRv6_small_det's inference.yml."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Normalisation of the detector's input, from the same file."""


class Engine(Protocol):
    """What an engine does. Pictures are uint8 (height, width, 3) RGB."""

    name: str

    @property
    def alphabets(self) -> frozenset[str]:
        """Those that it reads whole beside Latin, see ``ocr.unknown_script.alphabets``."""
        ...

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """For each picture its boxes of text lines, each float (4, 2) in pixels, clockwise from
        the top left."""
        ...

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """Text and confidence (0 to 1) of each cut-out line, in order."""
        ...


def load_engine(name: str = DEFAULT_ENGINE, threads: int | None = None) -> Engine:
    """The engine of this name, loaded once per process.

    ``name`` may end in a recognition model of one's own (``ocr.own_model``). ``threads``: how many
    work at once; None takes MEMEPROBE_OCR_THREADS, or leaves it to the engine (see ``ocr.rapid``).
    Raises OcrError: unknown name (with the nearest), package not installed (with the command), no
    such model.
    """
    check_engine(name)
    setting = os.environ.get("MEMEPROBE_OCR_THREADS", "").strip()
    if setting and not (setting.isascii() and setting.isdecimal()):
        raise OcrError(f"MEMEPROBE_OCR_THREADS is {setting!r}; it must be a number of threads")
    with _LOADING:
        return _loaded(name, identity(name), threads or int(setting or 0) or None)


def check_engine(name: str) -> None:
    """Raise OcrError, with the nearest name, for an engine that is not known, and for a recognition
    model that is not there."""
    engine, _ = split(name)
    if engine not in ENGINES:
        near = difflib.get_close_matches(engine, ENGINES, 1, 0.4)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(ENGINES)}"
        raise OcrError(f"unknown OCR engine {engine!r}{hint}")
    identity(name)


_LOADING = threading.Lock()
"""Who asks for an engine while another thread loads it waits, and gets the same."""


@cache
def _loaded(name: str, _identity: str, threads: int | None) -> Engine:
    """``_identity``: a file that changed is loaded anew."""
    engine, model = split(name)
    module, maker = ENGINES[engine].split(":")
    loaded: Engine = getattr(importlib.import_module(module), maker)(threads, model)
    return loaded

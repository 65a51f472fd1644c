"""An OCR engine that reads no picture twice: boxes and texts are kept by pixels.

What stands above it (reading order, roles, captions over time) is worked out anew each time, so
that a change there needs no new reading. The engine itself is loaded when something is new.
"""

import io
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from frames import pixel_sha256
from memeprobe.cache.file import Cache
from memeprobe.cache.versions import engine_version
from ocr import load_engine
from ocr.engines import Engine
from ocr.own_model import split

_Found = TypeVar("_Found")


class CachedEngine:
    """The engine of this name behind a cache; see ``ocr.engines.Engine``."""

    def __init__(self, name: str, cache: Cache, on_miss: Callable[[], None] = lambda: None) -> None:
        """``on_miss`` is called before something new is read, as long as no engine is loaded. It
        may let others read it: what is in the cache afterwards is taken from there."""
        self.name = name
        self.version = engine_version(name)
        self._cache, self._on_miss = cache, on_miss
        self._engine: Engine | None = None

    @property
    def alphabets(self) -> frozenset[str]:
        """See ``Engine``; the bundled weights know none, a model of one's own is asked."""
        return self._loaded().alphabets if split(self.name)[1] else frozenset()

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """See ``Engine``. Equal pictures are searched once."""
        return self._once(
            "boxes", images, lambda new: self._loaded().detect(new), _boxes_stored, _boxes_read
        )

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``Engine``. Equal crops are read once."""
        return self._once(
            "text", crops, lambda new: self._loaded().recognise(new), _text_stored, _text_read
        )

    def _once(
        self,
        kind: str,
        pictures: Sequence[np.ndarray],
        work: Callable[[Sequence[np.ndarray]], list[_Found]],
        stored: Callable[[_Found], bytes],
        read: Callable[[bytes], _Found],
    ) -> list[_Found]:
        """What ``work`` gives for each picture; it gets only those that are not in the cache."""
        keys = [pixel_sha256(picture) for picture in pictures]
        found: dict[str, _Found] = {}
        new: dict[str, np.ndarray] = {}
        for key, picture in zip(keys, pictures, strict=True):
            if key in found or key in new:
                continue
            kept = self._kept(kind, self.version, key)
            if kept is None:
                new[key] = picture
            else:
                found[key] = read(kept)
        for key, one in zip(new, work([*new.values()]) if new else (), strict=True):
            found[key] = one
            self._cache.put(kind, self.version, key, value=stored(one))
        return [found[key] for key in keys]

    def load(self) -> None:
        """Load the engine now, before anybody waits for it. Raises OcrError."""
        self._loaded()

    def _kept(self, kind: str, *parts: str) -> bytes | None:
        kept = self._cache.get(kind, *parts)
        if kept is None and self._engine is None:
            self._on_miss()
            kept = self._cache.get(kind, *parts)
        return kept

    def _loaded(self) -> Engine:
        if self._engine is None:
            self._engine = load_engine(self.name)
        return self._engine


def _boxes_stored(boxes: Sequence[np.ndarray]) -> bytes:
    data = io.BytesIO()
    np.save(data, np.array(boxes, np.float32).reshape(-1, 4, 2), allow_pickle=False)
    return data.getvalue()


def _boxes_read(kept: bytes) -> list[np.ndarray]:
    return list(np.load(io.BytesIO(kept), allow_pickle=False))


def _text_stored(found: tuple[str, float]) -> bytes:
    return json.dumps(found).encode()


def _text_read(kept: bytes) -> tuple[str, float]:
    text, confidence = json.loads(kept)
    return text, confidence

"""An OCR engine that reads no picture twice: boxes and texts are kept by pixels.

What stands above it (reading order, roles, captions over time) is worked out anew each time, so
that a change there needs no new reading. The engine itself is loaded when something is new.
"""

import io
import json
from collections.abc import Callable, Sequence

import numpy as np

from frames import pixel_sha256
from memeprobe.cache.file import Cache
from memeprobe.cache.versions import engine_version
from ocr import load_engine
from ocr.engines import Engine


class CachedEngine:
    """The engine of this name behind a cache; see ``ocr.engines.Engine``."""

    def __init__(self, name: str, cache: Cache, on_miss: Callable[[], None] = lambda: None) -> None:
        """``on_miss`` is called before something new is read, as long as no engine is loaded. It
        may let others read it: what is in the cache afterwards is taken from there."""
        self.name = name
        self.version = engine_version(name)
        self._cache, self._on_miss = cache, on_miss
        self._engine: Engine | None = None

    def detect(self, image: np.ndarray) -> list[np.ndarray]:
        """See ``Engine``."""
        parts = self.version, pixel_sha256(image)
        kept = self._kept("boxes", *parts)
        if kept is not None:
            return list(np.load(io.BytesIO(kept), allow_pickle=False))
        found = self._loaded().detect(image)
        data = io.BytesIO()
        np.save(data, np.array(found, np.float32).reshape(-1, 4, 2), allow_pickle=False)
        self._cache.put("boxes", *parts, value=data.getvalue())
        return found

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``Engine``. Equal crops are read once."""
        keys = [pixel_sha256(crop) for crop in crops]
        found: dict[str, tuple[str, float]] = {}
        new: dict[str, np.ndarray] = {}
        for key, crop in zip(keys, crops, strict=True):
            if key in found or key in new:
                continue
            kept = self._kept("text", self.version, key)
            if kept is None:
                new[key] = crop
            else:
                text, confidence = json.loads(kept)
                found[key] = text, confidence
        if new:
            for key, read in zip(new, self._loaded().recognise([*new.values()]), strict=True):
                found[key] = read
                self._cache.put("text", self.version, key, value=json.dumps(read).encode())
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

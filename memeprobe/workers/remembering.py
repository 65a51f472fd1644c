"""An OCR engine with a memory, for a process that looks at the same pictures again and again."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from frames import pixel_sha256
from ocr.engines import Engine

REMEMBERED = 512
"""Pictures, and crops of lines, whose reading is kept."""


class Remembering:
    """An engine that reads nothing twice: a frame is shown, then read again as part of a track."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self._engine = engine
        self._boxes: OrderedDict[str, list[np.ndarray]] = OrderedDict()
        self._texts: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def detect(self, image: np.ndarray) -> list[np.ndarray]:
        """See ``ocr.engines.Engine``."""
        key = pixel_sha256(image)
        if key not in self._boxes:
            _keep(self._boxes, key, self._engine.detect(image))
        return self._boxes[key]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``ocr.engines.Engine``."""
        keys = [pixel_sha256(crop) for crop in crops]
        new = [i for i, key in enumerate(keys) if key not in self._texts]
        read = self._engine.recognise([crops[i] for i in new])
        found = {keys[i]: reading for i, reading in zip(new, read, strict=True)}
        found |= {key: self._texts[key] for key in keys if key not in found}
        for key, reading in found.items():
            _keep(self._texts, key, reading)
        return [found[key] for key in keys]


def _keep(memory: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    memory[key] = value
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)

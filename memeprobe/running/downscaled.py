"""A model that gets its pictures in a lower resolution."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from vlm import Answer, Model, Query


class Downscaled:
    """Another model, shown every picture with at most ``side`` pixels on its longer side.

    Stored answers are never mixed: the side stands in the revision.
    """

    def __init__(self, model: Model, side: int) -> None:
        """Raises ValueError for a side below 8 pixels."""
        if side < 8:
            raise ValueError(f"a side of {side} pixels shows nothing; give 8 or more")
        self._model, self.side = model, side
        self.name = model.name
        self.revision = f"{model.revision}|side{side}"
        self.deliveries = tuple(model.deliveries)
        self.device = str(getattr(model, "device", ""))

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """See ``vlm.Model``."""
        made = [replace(q, images=tuple(shrunk(i, self.side) for i in q.images)) for q in queries]
        return self._model.answer(made)


def shrunk(image: np.ndarray, side: int) -> np.ndarray:
    """A uint8 (height, width, 3) picture with at most ``side`` pixels on its longer side.

    Area-true (Lanczos) and never enlarged.
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))

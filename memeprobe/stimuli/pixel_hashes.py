"""Pixel hashes, each computed once while its picture is in memory."""

from collections import OrderedDict

import numpy as np

from frames import pixel_sha256

KEPT = 512


class Hashes:
    """Remembers the hashes of the pictures that were asked for last, at most ``KEPT``."""

    def __init__(self) -> None:
        # A picture is kept with its hash, so that its id cannot pass to another one.
        self._known: OrderedDict[int, tuple[np.ndarray, str]] = OrderedDict()

    def of(self, image: np.ndarray) -> str:
        """SHA-256 (hex) of a uint8 picture of shape (height, width, 3)."""
        known = self._known.get(id(image))
        if known is None:
            known = self._known[id(image)] = image, pixel_sha256(image)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return known[1]

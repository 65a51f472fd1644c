"""A reader that knows the captions of a set from its labels, instead of OCR.

Calibration asks whether the probes draw the right conclusions, not whether OCR reads; with labels
it takes minutes, not hours. Edited pictures really differ in their pixels, and what stands on a
picture is known by its pixels alone: a probe that ignores its own edit shows the old caption.
"""

import hashlib

import numpy as np

from frames import Clip, open_isolated, pixel_sha256
from meme_sets import Item, MemeSet
from memeprobe.scoring.words import normalise


class LabelReader:
    """See ``memeprobe.stimuli.caption_reader.CaptionReader``, whose methods these are."""

    def __init__(self, meme_set: MemeSet) -> None:
        self._written: dict[str, str] = {}
        seen: dict[str, Clip] = {}
        for item in meme_set.items:
            if item.caption:
                clip = seen.setdefault(item.media, open_isolated(meme_set.media_path(item)))
                for frame in clip:
                    if _stands(item, frame.start_ms):
                        self._written[frame.sha256] = item.caption

    def read(self, image: np.ndarray) -> str:
        """The caption that stands on a known picture; '' on any other."""
        return self._written.get(pixel_sha256(image), "")

    def reread(self, before: np.ndarray, after: np.ndarray) -> str:
        """The same: there is one place for a caption."""
        return self.read(after)

    def erase(self, image: np.ndarray) -> np.ndarray:
        """A picture of its own that shows no caption."""
        return self._marked(image, "")

    def replace(self, image: np.ndarray, text: str) -> np.ndarray:
        """A picture of its own that shows this caption."""
        return self._marked(image, text)

    def distance(self, reference: str, found: str) -> float:
        """0 for the same text, else 1."""
        return float(normalise(reference) != normalise(found))

    def _marked(self, image: np.ndarray, text: str) -> np.ndarray:
        """The picture with a mark in its last row that stands for the text."""
        marked = image.copy()
        mark = np.frombuffer(hashlib.sha256(f"caption|{text}".encode()).digest(), np.uint8)
        marked[-1, : len(mark), 0] = mark[: marked.shape[1]]
        self._written[pixel_sha256(marked)] = text
        return marked


def _stands(item: Item, ms: int) -> bool:
    """Whether the caption is on screen: always, or while the clip suggests the right answer."""
    then = [s for s in item.suggests if s.start_ms <= ms < s.end_ms]
    return not item.suggests or any(s.option == item.gold for s in then)

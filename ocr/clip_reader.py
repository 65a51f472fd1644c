"""Reads the frames of one clip, several at once, and remembers them, to ask the engine less.

A *glance* finds text on a reduced picture and recognises it at reading size: a tenth of the time
of a full reading, and as sure for letters of caption size. A box whose crop did not change since
the last glance is not recognised again.
"""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import thread_time

import cv2
import numpy as np

from ocr.caption import Caption, Line
from ocr.engines import Engine
from ocr.phase import CERTAIN
from ocr.read import MIN_CONFIDENCE, arranged, enlarged, kept, read_image, to_line
from ocr.recognise import Reading, cut_out, recognised
from ocr.regions import STEP, TILE, text_boxes, upright
from ocr.same_crop import SAME_CROP, difference, same_letters, small

GLANCE = 40_000
"""Pixels to which a picture is reduced to find text at a glance."""
SMALL_LETTERS = 9.0
"""Letters must be this high, in pixels of the glance, to be found."""
MOST_GLANCE = 160_000
"""A glance never takes more pixels than this, however small the letters."""
NEAR, AS_LARGE = 3.0, 0.12
"""A line that moved stands no more than NEAR heights from where it stood in the frame before, and
its box is as large, within this share of its height."""


@dataclass(eq=False)
class _Crop:
    """What is cut out of a picture, and what it says once it was recognised."""

    pixels: np.ndarray
    reading: Reading | None = None


@dataclass
class _Sight:
    """A box of text in one picture."""

    box: np.ndarray
    small: np.ndarray
    """Its pixels as ``ocr.same_crop.small`` makes them."""
    crop: _Crop
    """What was recognised in it, or in the frame before."""


class ClipReader:
    """Reads the frames of one clip in order."""

    def __init__(self, engine: Engine, seconds: float = math.inf) -> None:
        """``seconds``: processor time of this thread in which to read."""
        self.engine = engine
        self.late = False
        """Whether the time was over before all was read."""
        self._end = thread_time() + seconds
        self.glances = self.full = 0
        """How often each kind of reading was made."""
        self._area = GLANCE
        self._in_vain: Counter[str] = Counter()
        """Doubtful texts that no turn makes sure, see ``recognised``."""
        self._last: tuple[np.ndarray, list[Line]] = np.empty(0), []
        """The frame before, and its lines."""
        self._known: list[_Sight] = []
        """What was seen in it."""

    @property
    def has_read(self) -> bool:
        """Whether anything was read yet."""
        return self.full + self.glances > 0

    def is_late(self) -> bool:
        """Whether the time is over; noted in ``late``."""
        self.late = self.late or thread_time() > self._end
        return self.late

    def read(self, image: np.ndarray) -> Caption:
        """A full reading, see ``read_image``."""
        self.full += 1
        return read_image(image, self.engine)

    def lines_in_full(self, images: Sequence[np.ndarray]) -> list[list[Line]]:
        """The lines of the next pictures, each by a full reading."""
        return [list(self.read(image).lines) for image in images]

    def expect(self, letters: float, pixels: int) -> None:
        """Make glances large enough for letters of this height in pictures of so many pixels."""
        wanted = pixels * (SMALL_LETTERS / max(letters, 1.0)) ** 2
        self._area = int(min(max(wanted, self._area), MOST_GLANCE))

    def lines(self, images: Sequence[np.ndarray]) -> list[list[Line]]:
        """The lines of the next pictures at a glance, with their roles, see ``ocr.read.arranged``.

        One that equals the picture before it is not looked at again.
        """
        before, lines = self._last
        fresh = [not np.array_equal(a, b) for a, b in itertools.pairwise([before, *images])]
        new = iter(self._looked_at(list(itertools.compress(images, fresh))))
        found = [lines := next(new) if is_fresh else lines for is_fresh in fresh]
        self._last = images[-1], lines
        return found

    def _looked_at(self, images: Sequence[np.ndarray]) -> list[list[Line]]:
        """The same of pictures that differ; what is new in all of them is recognised at once."""
        self.glances += len(images)
        larges = [enlarged(image) for image in images]
        boxes = self._boxes(images, [large for large, _ in larges])
        sights = [self._sights(large, b) for (large, _), b in zip(larges, boxes, strict=True)]
        unread = [one.crop for some in sights for one in some if one.crop.reading is None]
        unread = list(dict.fromkeys(unread))
        readings = recognised([crop.pixels for crop in unread], self.engine, self._in_vain)
        for crop, reading in zip(unread, readings, strict=True):
            crop.reading = reading
        return [
            arranged(kept(_lines(some, scale)), image)
            for image, (_, scale), some in zip(images, larges, sights, strict=True)
        ]

    def _boxes(
        self, images: Sequence[np.ndarray], larges: Sequence[np.ndarray]
    ) -> list[list[np.ndarray]]:
        """Boxes of text in ``larges``, found on reduced pictures. All are of one size."""
        if not images:
            return []
        height, width = images[0].shape[:2]
        large = larges[0].shape
        scale = math.sqrt(self._area / (height * width))
        width, height = (max(2 * STEP, round(s * scale / STEP) * STEP) for s in (width, height))
        if width * height >= large[0] * large[1] or max(large) > TILE:
            return [text_boxes(one, self.engine.detect) for one in larges]
        size = (width, height)
        small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in larges]
        back = np.array([large[1] / width, large[0] / height], np.float32)
        return [[upright(box * back) for box in found] for found in self.engine.detect(small)]

    def _sights(self, large: np.ndarray, boxes: Sequence[np.ndarray]) -> list[_Sight]:
        """The boxes of the next picture, each with what was recognised before or is to be."""
        found = []
        for box in boxes:
            pixels = cut_out(large, box)
            crop = self._unmoved(box, large) or self._moved(box, pixels) or _Crop(pixels)
            found.append(_Sight(box, small(pixels), crop))
        self._known = found
        return found

    def _unmoved(self, box: np.ndarray, large: np.ndarray) -> _Crop | None:
        """The crop of the same box in the frame before, if its pixels did not change. The old box
        is compared: a detector's own jitter of a pixel changes every crop."""
        for old in self._known:
            near = np.abs(old.box - box).max() <= 0.25 * np.ptp(box[:, 1])
            if near and difference(old.small, small(cut_out(large, old.box))) <= SAME_CROP:
                return old.crop
        return None

    def _moved(self, box: np.ndarray, pixels: np.ndarray) -> _Crop | None:
        """The crop of a box in the frame before that shows the same letters somewhere else.

        A doubtful reading is not taken again: the next may be better.
        """
        for old in self._known:
            reading = old.crop.reading
            settled = reading is None or not MIN_CONFIDENCE <= reading.confidence < CERTAIN
            if settled and _beside(old.box, box) and same_letters(old.crop.pixels, pixels):
                return old.crop
        return None


def _beside(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two boxes are of one size, and not far from each other."""
    sizes = np.ptp(a, axis=0), np.ptp(b, axis=0)
    height = max(1.0, float(min(sizes[0].min(), sizes[1].min())))
    near = float(np.linalg.norm(a.mean(axis=0) - b.mean(axis=0))) <= NEAR * height
    return near and float(np.abs(sizes[0] - sizes[1]).max()) <= AS_LARGE * height


def _lines(sights: Sequence[_Sight], scale: tuple[float, float]) -> list[Line]:
    return [
        to_line(one.box, scale, one.crop.reading) for one in sights if one.crop.reading is not None
    ]

"""Reads the frames of one clip, and remembers what it read, to ask the engine less.

A *glance* finds text on a reduced picture and recognises it at reading size: a tenth of the time
of a full reading, and as sure for letters of caption size. A box whose crop did not change since
the last glance is not recognised again.
"""

import math
from time import thread_time

import cv2
import numpy as np

from ocr.caption import Caption, Line
from ocr.engines import Engine
from ocr.read import arranged, enlarged, kept, read_image, to_line
from ocr.recognise import Reading, cut_out, recognised
from ocr.regions import STEP, TILE, text_boxes, upright

GLANCE = 40_000
"""Pixels to which a picture is reduced to find text at a glance."""
SMALL_LETTERS = 9.0
"""Letters must be this high, in pixels of the glance, to be found."""
MOST_GLANCE = 160_000
"""A glance never takes more pixels than this, however small the letters."""
SAME_CROP = 40
"""Largest difference of two 96 x 24 gray crops of the same text: noise stays under 10, a changed
character gives 200 and more."""


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
        self._last: tuple[np.ndarray, list[Line]] | None = None
        self._known: list[tuple[np.ndarray, np.ndarray, Reading]] = []
        """(box, small gray crop, reading) of the frame before"""

    def is_late(self) -> bool:
        """Whether the time is over; noted in ``late``."""
        self.late = self.late or thread_time() > self._end
        return self.late

    def read(self, image: np.ndarray) -> Caption:
        """A full reading, see ``read_image``."""
        self.full += 1
        return read_image(image, self.engine)

    def expect(self, letters: float, pixels: int) -> None:
        """Make glances large enough for letters of this height in pictures of so many pixels."""
        wanted = pixels * (SMALL_LETTERS / max(letters, 1.0)) ** 2
        self._area = int(min(max(wanted, self._area), MOST_GLANCE))

    def lines(self, image: np.ndarray) -> list[Line]:
        """The lines of a picture at a glance, with their roles, see ``ocr.read.arranged``."""
        return arranged(self.glance(image), image)

    def glance(self, image: np.ndarray) -> list[Line]:
        """The lines of a picture in no order, without roles."""
        if self._last is not None and np.array_equal(self._last[0], image):
            return self._last[1]
        self.glances += 1
        large, scale = enlarged(image)
        boxes = self._boxes(image, large)
        crops = [cut_out(large, box) for box in boxes]
        readings = [self._remembered(box, large) for box in boxes]
        new = [i for i, reading in enumerate(readings) if reading is None]
        for i, found in zip(new, recognised([crops[i] for i in new], self.engine), strict=True):
            readings[i] = found
        known = [r for r in readings if r is not None]
        self._known = list(zip(boxes, map(_small, crops), known, strict=True))
        lines = [to_line(box, scale, reading) for box, _, reading in self._known]
        found_lines = kept(lines)
        self._last = image, found_lines
        return found_lines

    def _boxes(self, image: np.ndarray, large: np.ndarray) -> list[np.ndarray]:
        """Boxes of text in ``large``, found on a reduced picture."""
        height, width = image.shape[:2]
        scale = math.sqrt(self._area / (height * width))
        size = [max(2 * STEP, round(side * scale / STEP) * STEP) for side in (width, height)]
        if size[0] * size[1] >= large.shape[0] * large.shape[1] or max(large.shape) > TILE:
            return text_boxes(large, self.engine.detect)
        small = cv2.resize(large, (size[0], size[1]), interpolation=cv2.INTER_AREA)
        back = np.array([large.shape[1] / size[0], large.shape[0] / size[1]], np.float32)
        return [upright(box * back) for box in self.engine.detect(small)]

    def _remembered(self, box: np.ndarray, large: np.ndarray) -> Reading | None:
        """The reading of the same box in the frame before, if its pixels did not change. The old
        box is compared: a detector's own jitter of a pixel changes every crop."""
        for old, crop, reading in self._known:
            near = np.abs(old - box).max() <= 0.25 * np.ptp(box[:, 1])
            if near and _difference(crop, _small(cut_out(large, old))) <= SAME_CROP:
                return reading
        return None


def _small(crop: np.ndarray) -> np.ndarray:
    gray = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray, (96, 24), interpolation=cv2.INTER_AREA)


def _difference(a: np.ndarray, b: np.ndarray) -> int:
    return int(cv2.absdiff(a, b).max())

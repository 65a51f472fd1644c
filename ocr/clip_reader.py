"""Reads the frames of one clip, and remembers what it read, to ask the engine less.

A *glance* finds text on a reduced picture and recognises it at reading size: a tenth of the time
of a full reading, and as sure for letters of caption size. A box whose crop did not change since
the last glance is not recognised again.
"""

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from ocr.caption import Caption, Line
from ocr.engines import Engine, detect_all
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

View = tuple[np.ndarray, np.ndarray]
"""A picture, and the same at reading size."""


class ClipReader:
    """Reads the frames of one clip in order."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.glances = self.full = 0
        """How often each kind of reading was made."""
        self._area = GLANCE
        self._last: tuple[np.ndarray, list[Line]] | None = None
        self._known: list[tuple[np.ndarray, np.ndarray, Reading]] = []
        """(box, small gray crop, reading) of the frame before"""

    def read(self, image: np.ndarray) -> Caption:
        """A full reading, see ``read_image``."""
        self.full += 1
        return read_image(image, self.engine)

    def expect(self, letters: float, pixels: int) -> None:
        """Make glances large enough for letters of this height in pictures of so many pixels."""
        wanted = pixels * (SMALL_LETTERS / max(letters, 1.0)) ** 2
        self._area = int(min(max(wanted, self._area), MOST_GLANCE))

    def lines(self, images: Sequence[np.ndarray]) -> list[list[Line]]:
        """The lines of each picture at a glance, with their roles, see ``ocr.read.arranged``.

        Text is looked for in all of them at once.
        """
        return [
            arranged(lines, image)
            for image, lines in zip(images, self._glances(images), strict=True)
        ]

    def _glances(self, images: Sequence[np.ndarray]) -> Iterator[list[Line]]:
        """The lines of each picture in no order, without roles."""
        before = [self._last[0] if self._last is not None else None, *images]
        same = [
            last is not None and np.array_equal(last, image)
            for last, image in zip(before, images, strict=False)
        ]
        views = [
            (image, enlarged(image)[0])
            for image, known in zip(images, same, strict=True)
            if not known
        ]
        found = zip(views, self._boxes(views), strict=True)
        for known in same:
            if not known:
                (image, large), boxes = next(found)
                self._last = image, self._recognised(image, large, boxes)
            assert self._last is not None
            yield self._last[1]

    def _recognised(
        self, image: np.ndarray, large: np.ndarray, boxes: Sequence[np.ndarray]
    ) -> list[Line]:
        """What the boxes of a picture say that is ``large`` at reading size."""
        self.glances += 1
        scale = large.shape[1] / image.shape[1], large.shape[0] / image.shape[0]
        crops = [cut_out(large, box) for box in boxes]
        readings = [self._remembered(box, large) for box in boxes]
        new = [i for i, reading in enumerate(readings) if reading is None]
        for i, found in zip(new, recognised([crops[i] for i in new], self.engine), strict=True):
            readings[i] = found
        known = [r for r in readings if r is not None]
        self._known = list(zip(boxes, map(_small, crops), known, strict=True))
        return kept([to_line(box, scale, reading) for box, _, reading in self._known])

    def _boxes(self, views: Sequence[View]) -> list[list[np.ndarray]]:
        """Boxes of text in the pictures at reading size, found on reduced ones."""
        small = [self._reduced(*view) for view in views]
        found = iter(detect_all(self.engine, [s for s in small if s is not None]))
        boxes = []
        for (_, large), reduced in zip(views, small, strict=True):
            if reduced is None:
                boxes.append(text_boxes(large, self.engine.detect))
                continue
            sides = [large.shape[axis] / reduced.shape[axis] for axis in (1, 0)]
            back = np.array(sides, np.float32)
            boxes.append([upright(box * back) for box in next(found)])
        return boxes

    def _reduced(self, image: np.ndarray, large: np.ndarray) -> np.ndarray | None:
        """What a glance sees of a picture; None if that is no smaller than it is."""
        height, width = image.shape[:2]
        scale = math.sqrt(self._area / (height * width))
        size = [max(2 * STEP, round(side * scale / STEP) * STEP) for side in (width, height)]
        if size[0] * size[1] >= large.shape[0] * large.shape[1] or max(large.shape) > TILE:
            return None
        return np.asarray(cv2.resize(large, (size[0], size[1]), interpolation=cv2.INTER_AREA))

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

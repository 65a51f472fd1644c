"""The independent reader: OCR reads captions, takes them out, puts others in their place."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from frames import pixel_sha256
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache

if TYPE_CHECKING:  # OCR is imported only where a caption is to be read
    from ocr import Caption
    from ocr.typeset import Slot

MAX_CER = 0.2
"""A caption still counts as read if at most this share of its characters is off."""

CAPTIONS_KEPT = 64
"""Captions that the OCR reader remembers by their pixels: reading is the slow part of an edit."""

MEASURED_KEPT = 16
"""Pictures whose letters it remembers, with their masks: a clip's keyframes are edited in turn."""


class Unreadable(Exception):
    """A caption edit that cannot be made or did not work; the trial is not asked.

    ``read`` is what the reader found, for the report.
    """

    def __init__(self, message: str, read: str = "") -> None:
        super().__init__(message)
        self.read = read


class CaptionReader(Protocol):
    """Reads and edits captions; the default is ``OcrReader``."""

    def read(self, image: np.ndarray) -> str:
        """The caption's text, lines joined by newlines; '' = there is none."""
        ...

    def reread(self, before: np.ndarray, after: np.ndarray) -> str:
        """What stands in ``after`` at the place of the caption of ``before``."""
        ...

    def erase(self, image: np.ndarray) -> np.ndarray:
        """The picture without its caption."""
        ...

    def replace(self, image: np.ndarray, text: str) -> np.ndarray:
        """The picture with ``text`` in the place of its caption."""
        ...

    def distance(self, reference: str, found: str) -> float:
        """Character error rate after normalisation."""
        ...


class OcrReader:
    """The reader on an OCR engine, which is loaded when something new is to be read."""

    def __init__(
        self,
        engine: str | CachedEngine = "rapidocr",
        cache: Cache | None = None,
        on_miss: Callable[[], None] = lambda: None,
    ) -> None:
        """``engine``: a name, or one that may be loaded already. ``cache``: where the readings of
        a named one are kept; None keeps the last few in memory only. ``on_miss``: see
        ``CachedEngine``."""
        if isinstance(engine, str):
            engine = CachedEngine(engine, cache or Cache(None), on_miss)
        self.engine = engine
        self.version = self.engine.version
        """Changes with the engine: what depends on readings may be kept by it."""
        self._captions: OrderedDict[str, Caption] = OrderedDict()
        self._edit: tuple[str, np.ndarray] | None = None
        """The last edit: its pixel hash, and the picture that it was made of."""
        self._measured: OrderedDict[tuple[str, str], list[Slot]] = OrderedDict()
        self._whole = False
        """Whether edits take out whole boxes."""
        self._known: tuple[str, str] = "", ""
        """Pixel hash of a picture, and what its caption says."""

    @contextmanager
    def knowing(self, image: np.ndarray, text: str) -> Iterator[None]:
        """Meanwhile the caption of ``image`` is known to say ``text``: OCR only finds its place.

        Raises Unreadable if it stands nowhere.
        """
        read = self.read(image)
        self._known = pixel_sha256(image), text
        try:
            if not self._caption(image).caption_lines:
                raise Unreadable(f"OCR does not find the caption {text!r}; it reads {read!r}", read)
            yield
        finally:
            self._known = "", ""

    @contextmanager
    def whole_boxes(self) -> Iterator[None]:
        """Meanwhile edits take out the whole boxes of lines, and not the letters found in them."""
        self._whole = True
        try:
            yield
        finally:
            self._whole = False

    def _caption(self, image: np.ndarray) -> "Caption":
        from ocr.known_caption import with_known_caption

        picture, text = self._known
        read = self._all_text(image)
        return with_known_caption(read, text) if picture == pixel_sha256(image) else read

    def _all_text(self, image: np.ndarray) -> "Caption":
        from ocr import read_image
        from ocr.changed import read_changed

        key = pixel_sha256(image)
        if key not in self._captions:
            if self._edit is not None and self._edit[0] == key:
                before = self._edit[1]
                read = read_changed(image, before, self._all_text(before), self.engine)
            else:
                read = read_image(image, self.engine)
            self._captions[key] = read
            if len(self._captions) > CAPTIONS_KEPT:
                self._captions.popitem(last=False)
        return self._captions[key]

    def _slots(self, image: np.ndarray) -> "list[Slot]":
        from ocr.edit import measure

        picture, text = self._known
        sha256 = pixel_sha256(image)
        key = sha256, text if picture == sha256 else ""
        if key not in self._measured:
            self._measured[key] = measure(image, self._caption(image))
            if len(self._measured) > MEASURED_KEPT:
                self._measured.popitem(last=False)
        return self._measured[key]

    def _edited(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Note an edit: only what it changed is read again."""
        self._edit = pixel_sha256(after), before
        return after

    def read(self, image: np.ndarray) -> str:
        """See ``CaptionReader``."""
        return self._caption(image).text

    def read_in_full(self, image: np.ndarray) -> bool:
        """Read an edited picture again as a whole; False if that was done already."""
        key = pixel_sha256(image)
        if self._edit is None or self._edit[0] != key:
            return False
        self._edit = None
        self._captions.pop(key, None)
        return True

    def reread(self, before: np.ndarray, after: np.ndarray) -> str:
        """See ``CaptionReader``. A line stands there if its middle lies where the old caption was.

        Needed because OCR sometimes sees a letter or two in the drawing itself, once no caption
        draws it away; that is not the caption's rest, nor is a face that is taken for a character.
        """
        corners = np.array([line.box for line in self._caption(before).caption_lines])
        if not len(corners):
            return ""
        low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
        lines = [line for line in self._caption(after).lines if not line.figure]
        middles = [(np.mean(line.box, axis=0), line.text) for line in lines]
        return "\n".join(t for m, t in middles if (low <= m).all() and (m <= high).all())

    def erase(self, image: np.ndarray) -> np.ndarray:
        """See ``CaptionReader``."""
        from ocr.edit import erase

        slots = self._slots(image)
        return self._edited(image, erase(image, self._caption(image), slots, self._whole))

    def replace(self, image: np.ndarray, text: str) -> np.ndarray:
        """See ``CaptionReader``. Raises Unreadable for a text that cannot be drawn."""
        from ocr.edit import EditError, replace

        try:
            slots = self._slots(image)
            made = replace(image, self._caption(image), text, slots, self._whole)
        except EditError as error:
            raise Unreadable(str(error)) from None
        return self._edited(image, made)

    def distance(self, reference: str, found: str) -> float:
        """See ``CaptionReader``."""
        from ocr.accuracy import cer

        # 別 read for 别 is no failed edit: the picture shows what it should.
        return cer(reference, found, variants=True)

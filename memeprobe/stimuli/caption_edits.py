"""The captions of a clip's pictures and their checked edits, each made once.

An edit counts only if the independent reader agrees: after erasing it must find no caption, after
replacing it must read the new one. What came of it, a picture or the reason why there is none, is
kept in the cache, so that no later run, model or delivery makes it again.
"""

import json
from contextlib import nullcontext

import cv2
import numpy as np

from memeprobe.cache.file import Cache
from memeprobe.cache.versions import code_version
from memeprobe.scoring.words import normalise
from memeprobe.stimuli.caption_reader import MAX_CER, CaptionReader, Unreadable

_PICTURE, _REASON = b"P", b"U"
"""First byte of a kept edit: a PNG follows, or why there is none, as JSON."""


class CaptionEdits:
    """Captions and edits of a few pictures, which stay in memory with it."""

    def __init__(self, reader: CaptionReader, cache: Cache) -> None:
        self._reader = reader
        # A reader that does not tell what its readings depend on is asked each time.
        version = getattr(reader, "version", None)
        self._cache = cache if version else Cache(None)
        self._version = version, code_version()
        self._read: dict[str, str] = {}
        self._edited: dict[tuple[str, ...], np.ndarray | Unreadable] = {}

    def caption(self, image: np.ndarray, sha256: str) -> str:
        """The caption of a picture whose pixel hash is ``sha256``; '' = there is none."""
        if sha256 not in self._read:
            kept = self._cache.get("caption", sha256, *self._version)
            text = self._reader.read(image) if kept is None else kept.decode()
            if kept is None:
                self._cache.put("caption", sha256, *self._version, value=text.encode())
            self._read[sha256] = text
        return self._read[sha256]

    def edited(
        self, image: np.ndarray, sha256: str, new: str, known: str | None = None
    ) -> np.ndarray:
        """The picture with ``new`` in place of its caption ('' = erased), checked by reading.

        ``known``: what the caption says, where the set tells when it shows; None = as it reads.
        Raises Unreadable: the edit cannot be made, or the reader does not confirm it.
        """
        key = (sha256, new) if known is None else (sha256, new, known)
        if key not in self._edited:
            kept = self._cache.get("edit", *key, *self._version)
            if kept is None:
                made = self._make(image, new, known)
                self._cache.put("edit", *key, *self._version, value=_packed(made))
            else:
                made = _unpacked(kept)
            self._edited[key] = made
        found = self._edited[key]
        if isinstance(found, Unreadable):
            raise found
        return found

    def same(self, reference: str, found: str) -> bool:
        """Whether a text that was read is the caption ``reference``."""
        return bool(found) and self._reader.distance(reference, found) <= MAX_CER

    def distance(self, reference: str, found: str) -> float:
        """Character error rate, see ``CaptionReader``."""
        return self._reader.distance(reference, found)

    def _make(self, image: np.ndarray, new: str, known: str | None) -> np.ndarray | Unreadable:
        # A reader that knows what stands on its pictures needs not be told.
        knowing = getattr(self._reader, "knowing", None) if known else None
        try:
            with knowing(image, known) if knowing is not None else nullcontext():
                return self._confirmed(image, new)
        except Unreadable as failed:
            return failed

    def _confirmed(self, image: np.ndarray, new: str) -> np.ndarray:
        """An edit that the reader confirms; where letters of the old caption are left, one that
        takes out their whole boxes. Raises Unreadable."""
        coarsely = getattr(self._reader, "whole_boxes", None)
        try:
            return self._once(image, new)
        except Unreadable:
            if coarsely is None:
                raise
            with coarsely():
                return self._once(image, new)

    def _once(self, image: np.ndarray, new: str) -> np.ndarray:
        made = self._reader.replace(image, new) if new else self._reader.erase(image)
        self._confirm(image, made, new)
        return made

    def _confirm(self, before: np.ndarray, after: np.ndarray, new: str) -> None:
        """Check an edit; what a reader does not confirm by the edited part, it reads in full."""
        try:
            self._check(before, after, new)
        except Unreadable:
            in_full = getattr(self._reader, "read_in_full", None)
            if in_full is None or not in_full(after):
                raise
            self._check(before, after, new)

    def _check(self, before: np.ndarray, after: np.ndarray, new: str) -> None:
        """Raise Unreadable unless the reader confirms the edit."""
        found, there = self._reader.read(after), self._reader.reread(before, after)
        if new:
            if not self.same(new, found) and not self.same(new, there):
                raise Unreadable(f"replaced by {new!r}, but OCR reads {found!r}", found)
            return
        alike = self._alike(self._reader.read(before), found)
        if alike or normalise(there):
            left = found if alike else there
            raise Unreadable(f"erased, but OCR still reads {left!r}", left)

    def _alike(self, old: str, found: str) -> bool:
        """Whether a text may be what is left of a caption: half of its characters are there."""
        return bool(normalise(found)) and self._reader.distance(old, found) <= 0.5


def _packed(made: np.ndarray | Unreadable) -> bytes:
    if isinstance(made, Unreadable):
        return _REASON + json.dumps([str(made), made.read]).encode()
    bgr = np.ascontiguousarray(made[..., ::-1])
    _, png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return _PICTURE + png.tobytes()


def _unpacked(kept: bytes) -> np.ndarray | Unreadable:
    if kept[:1] == _REASON:
        return Unreadable(*json.loads(kept[1:]))
    bgr = cv2.imdecode(np.frombuffer(kept, np.uint8, offset=1), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(bgr[..., ::-1])

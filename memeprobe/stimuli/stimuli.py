"""From an item to the pictures that the conditions show: keyframes, decisive frame, caption edits.

OCR runs only when a condition needs an edited caption, and never twice on one picture
(``memeprobe.cache``).
"""

import hashlib
import random
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from frames import Clip, Frame, Limits, MediaError, open_isolated
from meme_sets import Item, MemeSet
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from memeprobe.cache.keyframes import chosen_once
from memeprobe.stimuli.caption_edits import CaptionEdits
from memeprobe.stimuli.caption_reader import MAX_CER, CaptionReader, OcrReader, Unreadable
from memeprobe.stimuli.pixel_hashes import Hashes
from memeprobe.stimuli.spans import (
    captions_at,
    frame_at,
    shows,
    touches,
    with_shown_caption,
)
from ocr import DEFAULT_ENGINE
from ocr.first_frame import is_blank
from ocr.nonword import non_word

__all__ = [
    "MAX_CER",
    "CaptionReader",
    "OcrReader",
    "Stimuli",
    "StimulusMaker",
    "Unreadable",
    "frame_at",
]

TRIED = 8
"""Other clips that are opened at most to find one of several frames."""
CLIPS_KEPT = 8
"""Clips whose keyframes and edits stay in memory; items of one clip follow each other."""


@dataclass
class _Opened:
    """What is kept of one clip while its items are asked."""

    clip: Clip
    shown: list[Frame]
    captions: CaptionEdits

    @cached_property
    def frame_0(self) -> str:
        return first_frame(self.shown[0])


class Stimuli:
    """The pictures of one item. Arrays are uint8 (height, width, 3) RGB, not to be written to."""

    def __init__(
        self,
        item: Item,
        opened: _Opened,
        seed: int = 0,
        others: Callable[[], list[np.ndarray]] = list,
    ) -> None:
        """``others`` gives the keyframes of another clip; none if the set has no other."""
        self.item = with_shown_caption(item, opened.shown)
        digest = hashlib.sha256(f"{seed}|{item.id}".encode()).digest()
        self.seed = int.from_bytes(digest[:4], "big")
        """For edits drawn at random: the run's seed mixed with the item's name."""
        self.keyframes: tuple[np.ndarray, ...] = tuple(f.pixels for f in opened.shown)
        self.indices: tuple[int, ...] = tuple(f.index for f in opened.shown)
        """Frame numbers of the keyframes in the clip."""
        self.n_frames = len(opened.clip)
        self.frame_0: str = opened.frame_0
        """What the first keyframe is: 'shown', 'blank' (one colour) or 'not shown'."""
        self._opened, self._others = opened, others
        self._caption_given = item.caption is not None
        self._decisive: np.ndarray | None = None
        self._hashes = Hashes()

    @property
    def clip(self) -> Clip:
        """The whole clip."""
        return self._opened.clip

    @cached_property
    def others(self) -> list[np.ndarray]:
        """Keyframes of another clip of the set, drawn by the seed; [] if there is none."""
        return self._others()

    @property
    def misleading(self) -> list[np.ndarray]:
        """The keyframes that do not show the decisive span; the first one if all do."""
        span = self.item.decisive
        shown = self._opened.shown
        kept = [f.pixels for f in shown if span is None or not touches(f, span)]
        return kept or [shown[0].pixels]

    @property
    def decisive_hit(self) -> bool | None:
        """Whether a keyframe shows the decisive span; None if the item names no span."""
        if self.item.decisive is None:
            return None
        span = self.item.decisive
        return any(shows(f.start_ms, f.duration_ms, span) for f in self._opened.shown)

    @property
    def decisive(self) -> np.ndarray:
        """The frame in the middle of the decisive span."""
        if self._decisive is None:
            if self.item.decisive is None:
                raise ValueError(f"item {self.item.id} names no decisive span")
            index = frame_at(self._opened.clip, self.item.decisive)
            have = dict(zip(self.indices, self.keyframes, strict=True))
            if index not in have:
                have[index] = self._opened.clip.frames([index])[0].pixels
            self._decisive = have[index]
        return self._decisive

    def sha256(self, image: np.ndarray) -> str:
        """Pixel hash of a picture that a condition shows, computed once while it is in memory."""
        return self._hashes.of(image)

    def captions(self) -> list[str]:
        """The caption of each keyframe: as the set says, where it gives times, else as it reads."""
        return ["\n".join(texts) for texts in self._texts()]

    def _texts(self) -> list[list[str]]:
        """For each keyframe its captions; one at most where they are read."""
        shown, captions = self._opened.shown, self._opened.captions
        if self.item.captions:
            return [captions_at(frame, self.item) for frame in shown]
        return [list(filter(None, [captions.caption(f.pixels, f.sha256)])) for f in shown]

    @property
    def several_captions(self) -> bool:
        """Whether the keyframes show several captions, of which the item names none as its own."""
        texts = {text for several in self._texts() for text in several}
        return not self._caption_given and len(texts) > 1

    def erased(self) -> list[np.ndarray]:
        """The keyframes without captions. Raises Unreadable if OCR finds none, or one after it."""
        self._showing(self.item.caption or "")
        return self._edit(self.captions(), "")

    def replaced(self) -> list[np.ndarray]:
        """The keyframes with the counterfactual's caption wherever the item's caption stands.

        Raises Unreadable if OCR does not find the caption, or cannot read the new one.
        """
        assert self.item.counterfactual is not None
        return self._edit(self._standing(), self.item.counterfactual.caption)

    def non_word(self) -> list[np.ndarray]:
        """The keyframes with letters of no word in place of the item's caption.

        Raises Unreadable as ``replaced``.
        """
        return self._edit(self._standing(), non_word(self.item.caption or ""))

    def _standing(self) -> list[str]:
        """For each keyframe what the item's caption reads there; '' where it does not stand."""
        old = self.item.caption or ""
        self._showing(old)
        same = self._opened.captions.same
        each = [["\n".join(texts), *texts] for texts in self._texts()]
        return [next((text for text in texts if same(old, text)), "") for texts in each]

    def _showing(self, caption: str) -> None:
        """Raise Unreadable unless some keyframe shows the item's caption."""
        captions, texts = self._opened.captions, self._texts()
        found = ["\n".join(several) for several in texts]
        if self.item.captions:
            together = "\n".join(dict.fromkeys(text for several in texts for text in several))
            found += [*(text for several in texts for text in several), together]
        if not any(captions.same(caption, text) for text in found):
            best = min(filter(None, found), key=partial(captions.distance, caption), default="")
            raise Unreadable(self._not_shown(caption, best), best)

    def _not_shown(self, caption: str, best: str) -> str:
        if self.item.captions:
            return f"no keyframe shows the caption {caption!r} by the set's times, but {best!r}"
        return f"OCR does not find the caption {caption!r}; it reads {best!r}"

    def _edit(self, old: Sequence[str], new: str) -> list[np.ndarray]:
        """The keyframes with ``new`` in place of each one's ``old`` caption, where there is one."""
        edited, told = self._opened.captions.edited, bool(self.item.captions)
        return [
            edited(frame.pixels, frame.sha256, new, text if told else None)
            if text
            else frame.pixels
            for frame, text in zip(self._opened.shown, old, strict=True)
        ]


class StimulusMaker:
    """Makes the material of a set's items; the last few clips stay open."""

    def __init__(
        self,
        meme_set: MemeSet,
        k: int,
        policy: str,
        reader: CaptionReader,
        limits: Limits | None = None,
        seed: int = 0,
        cache: Cache | None = None,
        on_miss: Callable[[], None] = lambda: None,
    ) -> None:
        """``cache`` None: nothing is kept beyond this maker. ``on_miss``: see ``CachedEngine``."""
        self._set, self._k, self._policy, self._reader = meme_set, k, policy, reader
        self._limits, self._seed = limits or Limits(), seed
        self._cache = cache or Cache(None)
        self._engine = CachedEngine(DEFAULT_ENGINE, self._cache, on_miss)
        self._open: OrderedDict[tuple[str, bool], _Opened] = OrderedDict()
        self._seen: OrderedDict[str, list[np.ndarray]] = OrderedDict()
        self._item = ""
        self._made: dict[bool, Stimuli] = {}
        """What was made of the item that was asked for last: conditions of one follow another."""

    def material(self, item: Item, frame_0: bool = False) -> Stimuli:
        """The material of ``item``. Raises MediaError if its file cannot be decoded.

        ``frame_0``: the keyframes begin with the file's frame 0, as the frames probe wants.
        """
        if self._item != item.id:
            self._item, self._made = item.id, {}
        if frame_0 not in self._made:
            others = partial(self._other_clip, item)
            opened = self._opened(item, frame_0)
            self._made[frame_0] = Stimuli(item, opened, self._seed, others)
        return self._made[frame_0]

    def _opened(self, item: Item, frame_0: bool) -> _Opened:
        key = item.media, frame_0
        if key in self._open:
            self._open.move_to_end(key)
        else:
            same = self._open.get((item.media, not frame_0))
            clip = (
                same.clip
                if same
                else open_isolated(self._set.media_path(item), limits=self._limits)
            )
            self._open[key] = _Opened(
                clip, self._keyframes(clip, frame_0), CaptionEdits(self._reader, self._cache)
            )
            while len(self._open) > CLIPS_KEPT:
                self._open.popitem(last=False)
        return self._open[key]

    def _keyframes(self, clip: Clip, frame_0: bool) -> list[Frame]:
        return chosen_once(clip, self._k, self._policy, self._cache, self._engine, frame_0=frame_0)

    def _other_clip(self, item: Item) -> list[np.ndarray]:
        """The keyframes of a clip of another family, drawn by the seed; [] if there is none.

        Clips that another question is asked about come first: their frames say nothing about this
        one. Files that cannot be decoded are passed over; their own items report them.
        """
        found = {i.media: i for i in self._set.items if i.cluster != item.cluster}
        drawn = list(found.values())
        random.Random(f"{self._seed}|{item.id}").shuffle(drawn)
        drawn.sort(key=lambda i: i.question == item.question)
        for other in drawn[:TRIED]:
            try:
                shown = self._shown_of(other)
            except MediaError:
                continue
            if len(shown) > 1:
                return shown
        return []

    def _shown_of(self, item: Item) -> list[np.ndarray]:
        if item.media not in self._seen:
            clip = open_isolated(self._set.media_path(item), limits=self._limits)
            self._seen[item.media] = [f.pixels for f in self._keyframes(clip, frame_0=True)]
            while len(self._seen) > CLIPS_KEPT:
                self._seen.popitem(last=False)
        return self._seen[item.media]


def first_frame(frame: Frame) -> str:
    """Whether a keyframe is the file's frame 0, and whether that shows anything."""
    if frame.index != 0:
        return "not shown"
    return "blank" if is_blank(frame.pixels) else "shown"

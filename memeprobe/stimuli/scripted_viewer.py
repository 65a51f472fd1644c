"""What the scripted subjects of ``vlm`` see: the content of a set's pictures, and OCR.

The viewer knows the frames of the set's own files by their pixels, and what each stretch of a clip
suggests (``Item.suggests``). A frame that it does not know, because a condition edited its
caption, is read by OCR: so what a subject sees follows from the pixels that it was given, and a
probe that ignores its own edit is found out.
"""

import re
from collections.abc import Sequence

import numpy as np

from frames import Limits, MediaError, open_isolated
from meme_sets import Item, MemeSet
from memeprobe.stimuli.caption_reader import MAX_CER, CaptionReader, OcrReader
from memeprobe.stimuli.pixel_hashes import Hashes
from vlm import Model
from vlm.scripted import Scripted

ABOUT_CAPTIONS = ("caption", "topic", "nonword", "uncaptioned")
"""Kinds of item that begin so ask about the caption."""
NO_CAPTION = ("nothing", "没有字")
_TOLD = re.compile('["“](.+?)["”]', re.DOTALL)

Pictures = Sequence[np.ndarray]


class ScriptedViewer:
    """What the pictures of one set show, for questions in one language."""

    def __init__(
        self,
        meme_set: MemeSet,
        language: str | None = None,
        reader: CaptionReader | None = None,
        limits: Limits | None = None,
    ) -> None:
        """``language``: that of the questions; None = all that the set has."""
        self._reader = reader or OcrReader()
        self._set, self._limits = meme_set, limits or Limits()
        self._items: dict[tuple[str, tuple[str, ...]], list[Item]] = {}
        for item in meme_set.items:
            if item.question is None:
                continue
            for each in (language,) if language else meme_set.languages:
                options = tuple(o.in_language(each) for o in item.options)
                key = item.question.in_language(each), options
                self._items.setdefault(key, []).append(item)
        self._shown: dict[str, dict[str, int | None]] = {}
        self._read: dict[str, str] = {}
        self._hashes = Hashes()

    def subject(self, name: str) -> Model:
        """The scripted subject of this name, seeing through this viewer."""
        return Scripted(name, self.see, self.read, self.from_prompt, self.transcribe)

    def see(self, images: Pictures, question: str, options: Sequence[str]) -> int | None:
        """The option that the last telling frame suggests, for questions not about captions."""
        return self._last_known(images, question, options, about_captions=False)

    def read(self, images: Pictures, question: str, options: Sequence[str]) -> int | None:
        """The option that the caption makes right: known frames by their label, others by OCR."""
        known = self._last_known(images, question, options, about_captions=True)
        asked = self._asked(question, options)
        if known is not None or not any(map(_about_captions, asked)):
            return known
        text = self.transcribe(images)
        if text:
            return self._meaning(text, question, options)
        blank = [i for i, option in enumerate(options) if option in NO_CAPTION]
        return blank[0] if blank else None

    def from_prompt(self, prompt: str, options: Sequence[str]) -> int | None:
        """The option that a caption quoted in the prompt makes right."""
        quoted = _TOLD.search(prompt)
        if quoted is None:
            return None
        for question, listed in self._items:
            if question in prompt and listed == tuple(options):
                return self._meaning(quoted[1], question, options)
        return None

    def transcribe(self, images: Pictures) -> str:
        """The last caption that OCR reads on the pictures ('' = none)."""
        for image in reversed(images):
            key = self._hashes.of(image)
            if key not in self._read:
                self._read[key] = self._reader.read(image)
            if self._read[key]:
                return self._read[key]
        return ""

    def _asked(self, question: str, options: Sequence[str]) -> list[Item]:
        """The items with this question: more words may stand around it."""
        found = self._items.get((question, tuple(options)))
        if found is None:
            found = [
                i
                for (q, o), several in self._items.items()
                for i in several
                if q in question and o == tuple(options)
            ]
        return found

    def _last_known(
        self, images: Pictures, question: str, options: Sequence[str], about_captions: bool
    ) -> int | None:
        hashes = [self._hashes.of(image) for image in images]
        for item in self._asked(question, options):
            if _about_captions(item) is about_captions:
                shown = self._frames(item)
                captions = [shown[h] for h in hashes if shown.get(h) is not None]
                if captions:
                    return captions[-1]
        return None

    def _frames(self, item: Item) -> dict[str, int | None]:
        """Pixel hash of each frame of the item's file -> the option that it suggests."""
        if item.id not in self._shown:
            try:
                clip = open_isolated(self._set.media_path(item), limits=self._limits)
            except MediaError:  # the run reports it; nothing is known of its frames
                self._shown[item.id] = {}
                return {}
            self._shown[item.id] = {
                frame.sha256: next(
                    (s.option for s in item.suggests if s.start_ms <= frame.start_ms < s.end_ms),
                    None,
                )
                for frame in clip
            }
        return self._shown[item.id]

    def _meaning(self, text: str, question: str, options: Sequence[str]) -> int | None:
        """The option that a caption with this text makes right, as the items' labels have it."""
        labels: list[tuple[str, int]] = []
        for item in self._asked(question, options):
            if item.caption and item.gold is not None:
                labels.append((item.caption, item.gold))
            if item.counterfactual is not None:
                labels.append((item.counterfactual.caption, item.counterfactual.gold))
        near = [(self._reader.distance(caption, text), gold) for caption, gold in labels]
        best = min(near, default=(1.0, 0))
        return best[1] if best[0] <= MAX_CER else None


def _about_captions(item: Item) -> bool:
    return item.kind.startswith(ABOUT_CAPTIONS)

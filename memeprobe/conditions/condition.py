"""One row of the table of conditions, and what it can need of an item."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from meme_sets import Item
from memeprobe.conditions.prompts import SAID, TRANSCRIBE, in_other_words, with_caption
from memeprobe.stimuli.stimuli import Stimuli
from ocr.nonword import non_word

PROBES = ("frames", "caption", "language", "delivery")

Images = list[np.ndarray]

NEEDS: dict[str, Callable[[Item], bool]] = {
    "answer": lambda i: i.question is not None and i.gold is not None and bool(i.options),
    "decisive span": lambda i: i.decisive is not None,
    # Which of several captions the keyframes show is seen when the clip is open.
    "caption known": lambda i: i.caption is not None or bool(i.captions),
    "caption": lambda i: bool(i.caption) or (i.caption is None and bool(i.captions)),
    # A caption that the question does not turn on (a clip's action, say) can be erased without
    # changing the answer; such items would hide a reader. So a decisive span alone is not enough.
    "question about the caption": lambda i: i.counterfactual is not None or i.decisive is None,
    "counterfactual": lambda i: i.counterfactual is not None,
    # Where the clip begins with the right answer, answering from its start is no mistake.
    "misleading start": lambda i: (
        i.lure is not None and not i.control and (i.decisive is None or i.decisive.start_ms > 0)
    ),
}
"""What a condition can ask of an item, by its labels."""
WHEN_OPEN = {"several frames", "one frame", "other clips"}
"""Needs that are seen only when the clip is open, or once another clip of the set is."""


@dataclass(frozen=True)
class Condition:
    """One row of the table."""

    name: str
    probe: str
    """One of ``PROBES``."""
    needs: tuple[str, ...]
    """Keys of ``NEEDS``, and of ``WHEN_OPEN``."""
    images: Callable[[Stimuli], Images]
    """The pictures to show, in order. May raise ``material.Unreadable``."""
    doc: str
    asks: str = "question"
    """'question' (the item's own) or 'transcribe'."""
    shows: str = "original"
    """Which caption the pictures show: 'original', 'none', 'counterfactual' or 'nonword'."""
    tells: str | None = None
    """Which caption the prompt tells: None, 'true' (for the picture) or 'wrong'."""
    slot: int | None = None
    """The keyframe that it is about, from 1; clips with fewer keyframes are left out."""
    language: str | None = None
    """The language asked in; None = the run's."""
    wording: int = 0
    """Which other words the question is put in, from 1 (0 = its own): what changes then is the
    model's own inconsistency."""
    said: str | None = None
    """What the prompt says of the pictures: a key of ``prompts.SAID``, ``fit`` for the one that
    fits the delivery, None for nothing."""
    sandwich: bool = False
    """Whether question and answer go through the translators."""

    def __post_init__(self) -> None:
        unknown = set(self.needs) - NEEDS.keys() - WHEN_OPEN
        if unknown:
            raise ValueError(f"condition {self.name} needs {unknown}; known: {', '.join(NEEDS)}")
        for value, known in (
            (self.probe, PROBES),
            (self.asks, ("question", "transcribe")),
            (self.shows, ("original", "none", "counterfactual", "nonword")),
            (self.tells, (None, "true", "wrong")),
            (self.said, (None, "fit", *SAID)),
        ):
            if value not in known:
                raise ValueError(f"condition {self.name} says {value!r}; known: {known}")

    @property
    def from_frame_0(self) -> bool:
        """Whether its keyframes begin with the file's frame 0: probes of frames are about the frame
        that a pipeline sees which takes the first."""
        return self.probe in ("frames", "delivery")

    def applies(self, item: Item) -> bool:
        """Whether the item has what the condition needs, as far as its labels tell."""
        return all(NEEDS[n](item) for n in self.needs if n in NEEDS)

    def fits(self, stimuli: Stimuli) -> bool:
        """Whether the item's clip, and its set, have what the condition needs of them."""
        if "several frames" in self.needs and stimuli.n_frames < 2:
            return False
        if "one frame" in self.needs and stimuli.n_frames > 1:
            return False
        if "other clips" in self.needs and not stimuli.others:
            return False
        if "caption" in self.needs and not stimuli.item.caption:
            return False  # the set tells of captions, but the keyframes show none
        if self.shows == "nonword" and stimuli.several_captions:
            return False
        return self.slot is None or self.slot <= len(stimuli.keyframes)

    def prompt(self, item: Item, language: str) -> str:
        """The text of the question in 'en' or 'zh'."""
        language = self.language or language
        if self.asks == "transcribe":
            return TRANSCRIBE[language]
        assert item.question is not None
        question = with_caption(
            item.question.in_language(language), self.caption_in_prompt(item), language
        )
        if not self.wording:
            return question
        return in_other_words(question, language, self.wording)

    def caption_in_prompt(self, item: Item) -> str | None:
        """The caption that the prompt tells; None = nothing is told."""
        other = item.counterfactual.caption if item.counterfactual is not None else ""
        mine, its = item.caption or "", other
        if self.shows == "counterfactual":
            mine, its = its, mine
        return {None: None, "true": mine, "wrong": its}[self.tells]

    def caption(self, item: Item) -> str:
        """The caption that the pictures show; '' = none."""
        mine = item.caption or ""
        if self.shows == "counterfactual" and item.counterfactual is not None:
            return item.counterfactual.caption
        return {"none": "", "nonword": non_word(mine)}.get(self.shows, mine)

    def gold(self, item: Item) -> int | None:
        """Index of the right option, by what the pictures show; None for a transcription."""
        if self.asks == "transcribe":
            return None
        if self.shows == "counterfactual" and item.counterfactual is not None:
            return item.counterfactual.gold
        return item.gold

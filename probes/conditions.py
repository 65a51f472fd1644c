"""The conditions: what one trial shows and says. One table; docs and reports are made from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from frames import edits
from meme_sets import Item
from probes.material import Material

PROTOCOL = 1
"""Raised whenever a condition or a prompt changes its meaning: older runs are then not resumed."""

TOLD = {
    "en": 'The caption in the picture says: "{caption}". {question}',
    "zh": "图上的文字是：“{caption}”。{question}",
}
"""The question with the true caption told in the prompt, by language."""

TRANSCRIBE = {"en": "What does the caption say?", "zh": "图上写了什么字？"}
"""The question for the text itself, by language."""

TRANSCRIBE_TOKENS = 48
"""Bound on the free answer to ``TRANSCRIBE``: a two-line caption is longer than an option."""

Images = list[np.ndarray]

NEEDS: dict[str, Callable[[Item], bool]] = {
    "answer": lambda i: i.question is not None and i.gold is not None and bool(i.options),
    "decisive span": lambda i: i.decisive is not None,
    "caption known": lambda i: i.caption is not None,
    "caption": lambda i: bool(i.caption),
    # A caption that the question does not turn on (a clip's action, say) can be erased without
    # changing the answer; such items would hide a reader. So a decisive span alone is not enough.
    "question about the caption": lambda i: i.counterfactual is not None or i.decisive is None,
    "counterfactual": lambda i: i.counterfactual is not None,
}
"""What a condition can ask of an item. 'several frames' is seen only when the clip is open."""

_FRAMES = ("answer", "decisive span", "several frames")
_CAPTION = ("answer", "caption", "question about the caption")


@dataclass(frozen=True)
class Condition:
    """One row of the table."""

    name: str
    probe: str
    """'frames' or 'caption'."""
    needs: tuple[str, ...]
    """Keys of ``NEEDS``, and 'several frames'."""
    images: Callable[[Material], Images]
    """The pictures to show, in order. May raise ``material.Unreadable``."""
    doc: str
    asks: str = "question"
    """'question' (the item's own), 'told' (with the caption in the prompt) or 'transcribe'."""
    counterfactual: bool = False
    """Whether the counterfactual's gold counts as right."""

    def __post_init__(self) -> None:
        unknown = set(self.needs) - NEEDS.keys() - {"several frames"}
        if unknown:
            raise ValueError(f"condition {self.name} needs {unknown}; known: {', '.join(NEEDS)}")
        if self.probe not in ("frames", "caption"):
            raise ValueError(f"condition {self.name} is of no probe: {self.probe!r}")
        if self.asks not in ("question", "told", "transcribe"):
            raise ValueError(f"condition {self.name} asks {self.asks!r}")

    def applies(self, item: Item) -> bool:
        """Whether the item has what the condition needs, as far as its labels tell."""
        return all(NEEDS[n](item) for n in self.needs if n in NEEDS)

    def prompt(self, item: Item, language: str) -> str:
        """The text of the question in 'en' or 'zh'."""
        if self.asks == "transcribe":
            return TRANSCRIBE[language]
        assert item.question is not None
        question = item.question.in_language(language)
        if self.asks == "told":
            return TOLD[language].format(caption=one_line(item.caption or ""), question=question)
        return question

    def gold(self, item: Item) -> int | None:
        """Index of the right option; None for a transcription."""
        if self.asks == "transcribe":
            return None
        if self.counterfactual and item.counterfactual is not None:
            return item.counterfactual.gold
        return item.gold


def one_line(caption: str) -> str:
    """A caption as it stands inside a sentence: line breaks become spaces."""
    return " ".join(caption.split())


def _keyframes(m: Material) -> Images:
    return list(m.keyframes)


def _position(slot: int, k: int) -> Callable[[Material], Images]:
    return lambda m: edits.position(m.decisive, slot - 1, k)


def conditions(k: int) -> dict[str, Condition]:
    """The table for ``k`` keyframes, in the order of asking."""
    rows = [
        Condition("blind", "frames", _FRAMES, lambda m: [], "no picture"),
        Condition("first", "frames", _FRAMES, lambda m: [m.keyframes[0]], "first keyframe alone"),
        Condition("last", "frames", _FRAMES, lambda m: [m.keyframes[-1]], "last keyframe alone"),
        Condition("keyframes", "frames", _FRAMES, _keyframes, "all keyframes in order"),
        Condition(
            "reversed", "frames", _FRAMES,
            lambda m: edits.reverse(m.keyframes), "all keyframes, last one first",
        ),
        Condition(
            "first_repeated", "frames", _FRAMES,
            lambda m: edits.repeat_first(m.keyframes),
            "the first keyframe as often as there are keyframes: as many pictures, nothing new",
        ),
        *(
            Condition(
                f"position@{slot}", "frames", _FRAMES, _position(slot, k),
                f"the decisive frame in slot {slot} of {k}, flat grey frames in the others",
            )
            for slot in range(1, k + 1)
        ),
        Condition("decisive", "frames", _FRAMES, lambda m: [m.decisive], "decisive frame alone"),
        Condition("as_is", "caption", _CAPTION, _keyframes, "all keyframes as they are"),
        Condition(
            "erased", "caption", _CAPTION, lambda m: m.erased(), "caption painted out everywhere"
        ),
        Condition(
            "replaced", "caption", (*_CAPTION, "counterfactual"), lambda m: m.replaced(),
            "caption replaced by one that changes the answer", counterfactual=True,
        ),
        Condition(
            "told", "caption", _CAPTION, _keyframes,
            "as they are, and the caption's text in the prompt", asks="told",
        ),
        Condition(
            "transcribe", "caption", ("caption known",), _keyframes,
            "what does the caption say?", asks="transcribe",
        ),
    ]  # fmt: skip
    return {row.name: row for row in rows}


def choose(names: tuple[str, ...] | None, k: int) -> dict[str, Condition]:
    """The rows with these names (None = all), in the table's order. ValueError names the nearest.

    A probe's name stands for all of its conditions: ('frames',).
    """
    table = conditions(k)
    if names is None:
        return table
    for name in names:
        if name not in table and name not in ("frames", "caption"):
            raise ValueError(_unknown(name, table))
    return {n: c for n, c in table.items() if n in names or c.probe in names}


def _unknown(name: str, table: Mapping[str, Condition]) -> str:
    near = get_close_matches(name, [*table, "frames", "caption"], 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown condition {name!r}; {hint}Known: {', '.join(table)}"

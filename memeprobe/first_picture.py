"""Does the first picture alone decide the answer to one clip?

Four answers by one delivery settle it: to the keyframes, to the keyframes backwards, to the first
one repeated and to the last one repeated. All four show equally many pictures, so nothing but the
content differs. A model that reads the first picture only must say the same to the first two as
to the last two. A server may draw its words by chance: that two answers of it differ counts only
where each of the two, asked twice more, stays what it was. Answers that are ``repeatable`` are
asked for once. It describes one clip; the verdict about a model takes a set.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rapidfuzz import fuzz

from memeprobe.messages.one_clip import FIRST_PICTURE
from memeprobe.scoring.words import normalise

NEEDED = ("keyframes", "reversed", "first_repeated", "last_repeated")
DIFFERENT = 0.75
"""Similarity (0 to 1) of two answers below which they are said to differ; equal is equal."""
STEADY = 0.9
"""Similarity of two answers to the very same question from which they count as one."""
AGAIN = ("_once_more", "_twice_more")
"""Behind a condition's name: the very same question, asked a second and a third time."""
REPEATED: Mapping[str, tuple[str, str]] = {
    "not_the_first": ("keyframes", "first_repeated"),
    "not_the_first_reversed": ("reversed", "last_repeated"),
}
"""Reason -> the conditions whose answers differ, which are asked again to make sure."""
_ANSWERS: Mapping[str, Literal["yes", "no"]] = {
    "first_both_ways": "yes",
    "last_both_ways": "no",
    "not_the_first": "no",
    "not_the_first_reversed": "no",
}


class Answered(Protocol):
    """An answer to one clip under a condition, see ``LookAnswer``."""

    @property
    def condition(self) -> str: ...
    @property
    def frames(self) -> Sequence[int]: ...
    @property
    def text(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...
    @property
    def frames_shown(self) -> int | None: ...
    @property
    def repeatable(self) -> bool: ...


@dataclass(frozen=True)
class FirstPicture:
    """Whether the answer to one clip is that to the first picture, and how that is known."""

    only_first: Literal["yes", "no", "cannot_tell"]
    """Whether it is."""
    reason: str
    """How that is known, for programs: a key of ``FIRST_PICTURE``."""
    text: str
    """The sentence, English."""
    text_zh: str
    """The sentence, Chinese."""


def first_picture(answers: Sequence[Answered]) -> FirstPicture:
    """Judge the answers to one clip that were given by one delivery."""
    found = {a.condition: a for a in answers}
    reason = _reason(found)
    whole = found.get("keyframes")
    numbers = {
        "shown": whole.frames_shown if whole is not None else None,
        "n": len(whole.frames) if whole is not None else 0,
    }
    english, chinese = (text.format(**numbers) for text in FIRST_PICTURE[reason])
    return FirstPicture(_ANSWERS.get(reason, "cannot_tell"), reason, english, chinese)


def to_repeat(answers: Sequence[Answered]) -> dict[str, str]:
    """What is to be asked next before the answers can be judged: the name of each question -> the
    condition that it repeats. Nothing once they can be."""
    found = {a.condition: a for a in answers}
    unsure = _unsure(found, _first_reason(found))
    for more in AGAIN:
        if missing := {n + more: n for n in unsure if n + more not in found}:
            return missing
        if any(_strays(found[n], found[n + more]) for n in unsure):
            break
    return {}


def _unsure(found: Mapping[str, Answered], reason: str) -> tuple[str, ...]:
    """The conditions whose answers count only if they stay what they are when asked again."""
    return tuple(name for name in REPEATED.get(reason, ()) if not found[name].repeatable)


def _reason(found: Mapping[str, Answered]) -> str:
    reason = _first_reason(found)
    for more, name in itertools.product(AGAIN, _unsure(found, reason)):
        if name + more not in found:
            return "not_asked"
        if strays := _strays(found[name], found[name + more]):
            return strays
    return reason


def _strays(said: Answered, again: Answered) -> str:
    """Why the answer to a repeated question does not confirm the first; empty if it does."""
    if again.error is not None or again.text is None:
        return "failed"
    like = fuzz.ratio(normalise(said.text or ""), normalise(again.text)) / 100
    return "" if like >= STEADY else "unsteady"


def _first_reason(found: Mapping[str, Answered]) -> str:
    """The reason as far as each question was asked once."""
    if "single@1" in found and "single@2" not in found and "keyframes" not in found:
        return "still"
    if not all(name in found for name in NEEDED):
        return "not_asked"
    needed = [found[name] for name in NEEDED]
    if any(a.error is not None or a.text is None for a in needed):
        return "failed"
    whole = needed[0]
    if whole.frames_shown is not None and whole.frames_shown < len(whole.frames):
        return "delivery"
    said = [normalise(a.text or "") for a in needed]
    if not all(said):
        return "empty"
    return _compared(*said)


def _compared(forwards: str, backwards: str, first: str, last: str) -> str:
    if not _differ(first, last):
        return "ends_alike"
    if forwards == first and backwards == last:
        return "first_both_ways"
    if forwards == last and backwards == first:
        return "last_both_ways"
    if _differ(forwards, first):
        return "not_the_first"
    return "not_the_first_reversed" if _differ(backwards, last) else "unclear"


def _differ(a: str, b: str) -> bool:
    return fuzz.ratio(a, b) / 100 < DIFFERENT

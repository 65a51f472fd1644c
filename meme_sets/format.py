"""The set format: what one item of a set says, checked when it is built.

docs/sets.md tells the same field by field, for people who write a set of their own.
"""

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

LANGUAGES = ("en", "zh")


LONGEST_TEXT = 100_000
"""Characters of a question, an option or a caption."""
LONGEST_NAME = 1_000
"""Characters of an id, a path, a kind, a cluster or a tag."""
MOST = 1_000
"""Options, tags or stretches of one item."""
LATEST_MS = 10**9
"""A clip's end: eleven days."""
Named = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class _Frozen(BaseModel):
    """Strict and frozen: no field is guessed, converted or left unread."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Text(_Frozen):
    """One text in English and Chinese."""

    en: str = Field(min_length=1, max_length=LONGEST_TEXT)
    zh: str = Field(min_length=1, max_length=LONGEST_TEXT)

    def in_language(self, language: str) -> str:
        """The text in 'en' or 'zh'. Raises KeyError for any other language."""
        return {"en": self.en, "zh": self.zh}[language]


def _both(value: Any) -> Any:
    """A plain string stands for the same text in both languages."""
    return {"en": value, "zh": value} if isinstance(value, str) else value


BothTexts = Annotated[Text, BeforeValidator(_both)]
Index = Annotated[int, Field(ge=0)]


class Span(_Frozen):
    """A stretch of a clip, in ms from its beginning: start included, end not."""

    start_ms: int = Field(ge=0, le=LATEST_MS)
    end_ms: int = Field(le=LATEST_MS)

    @model_validator(mode="after")
    def _forward(self) -> "Span":
        if self.end_ms <= self.start_ms:
            raise ValueError(f"end_ms is {self.end_ms}, but start_ms is {self.start_ms}")
        return self

    def overlaps(self, start_ms: int, duration_ms: int) -> bool:
        """Whether a frame shown from ``start_ms`` for ``duration_ms`` shows in this stretch."""
        return start_ms < self.end_ms and start_ms + duration_ms > self.start_ms


class TimedCaption(Span):
    """A caption and the stretch of the clip in which it shows."""

    text: str = Field(min_length=1)


class Suggestion(Span):
    """What a stretch of the clip, seen alone, suggests as the answer: an option's index."""

    option: Index


class Counterfactual(_Frozen):
    """Another caption under the same picture, and the option that it makes right."""

    caption: str = Field(min_length=1, max_length=LONGEST_TEXT)
    gold: Index


class Item(_Frozen):
    """One clip or picture with one question about it."""

    id: Named
    media: Named
    """Path of the media file, relative to the set's folder, with forward slashes."""
    kind: Named
    """Sort of question, for tables in reports: 'action_end', 'caption', ..."""
    question: BothTexts | None = None
    """None: the item is only looked at, or only its caption is transcribed."""
    options: tuple[BothTexts, ...] = Field(default=(), max_length=MOST)
    """Answers to choose from; none = free answer."""
    gold: Index | None = None
    """Index of the right option; None = not labelled."""
    lure: Index | None = None
    """Index of the option that the first frame alone suggests; None = it does not mislead."""
    decisive: Span | None = None
    """Where the answer is to be seen; None = everywhere, or unknown."""
    caption: str | None = Field(default=None, max_length=LONGEST_TEXT)
    """What the caption says; '' = there is none; None = unknown."""
    captions: tuple[TimedCaption, ...] = ()
    """Captions with their times, as a subtitle file beside the clip says; () = unknown."""
    counterfactual: Counterfactual | None = None
    order: bool = False
    """Whether the frames in reverse order would make the lure right."""
    control: bool = False
    """Whether nothing that is asked about changes, so that the first frame shows the answer."""
    cluster: str = Field(default="", max_length=LONGEST_NAME)
    """Items of one cluster are not independent; '' = the item's own id."""
    suggests: tuple[Suggestion, ...] = Field(default=(), max_length=MOST)
    """What each stretch of the clip alone suggests, where it suggests one of the options."""
    tags: tuple[Named, ...] = Field(default=(), max_length=MOST)

    @model_validator(mode="before")
    @classmethod
    def _own_cluster(cls, value: Any) -> Any:
        if isinstance(value, dict) and not value.get("cluster"):
            return {**value, "cluster": value.get("id", "")}
        return value

    @model_validator(mode="after")
    def _agrees(self) -> "Item":
        for check in _CHECKS:
            check(self)
        return self


def _check_media(item: Item) -> None:
    path = PurePosixPath(item.media)
    if path.is_absolute() or ".." in path.parts or "\\" in item.media:
        raise ValueError(
            f"media is {item.media!r}; must be a path inside the set's folder, with forward slashes"
        )


def _check_options(item: Item) -> None:
    if item.question is None and (item.options or item.gold is not None):
        raise ValueError("question is missing, but there are options or a gold answer")
    if len(item.options) == 1:
        raise ValueError("options has 1 entry; give at least 2, or none for a free answer")
    for language in LANGUAGES:
        texts = [o.in_language(language) for o in item.options]
        for text in texts:
            if texts.count(text) > 1:
                raise ValueError(f"options has {text!r:.80} twice ({language})")


def _check_indices(item: Item) -> None:
    named = [("gold", item.gold), ("lure", item.lure)]
    if item.counterfactual is not None:
        named.append(("counterfactual.gold", item.counterfactual.gold))
    named += [(f"suggests[{i}].option", s.option) for i, s in enumerate(item.suggests)]
    n = len(item.options)
    for field, index in named:
        if index is not None and index >= n:
            there = f"there are {n} options (0 to {n - 1})" if n else "there are no options"
            raise ValueError(f"{field} is {index}, but {there}")


def _check_roles(item: Item) -> None:
    if item.lure is not None and item.lure == item.gold:
        raise ValueError(f"lure is {item.lure}, the same option as gold")
    if item.control and (item.lure is not None or item.order):
        raise ValueError("control is true, but a control has no lure and does not depend on order")
    if item.order and item.lure is None:
        raise ValueError("order is true, but lure (the answer in reverse order) is missing")


def _check_counterfactual(item: Item) -> None:
    other = item.counterfactual
    if other is None:
        return
    if not item.caption:
        raise ValueError("counterfactual is given, but caption (the text it replaces) is not")
    if other.caption == item.caption:
        raise ValueError(f"counterfactual.caption is {other.caption!r}, the same as caption")
    if other.gold == item.gold:
        raise ValueError(
            f"counterfactual.gold is {other.gold}, the same option as gold; "
            "the other caption must change the answer"
        )


_CHECKS = (_check_media, _check_options, _check_indices, _check_roles, _check_counterfactual)


class MemeSet(_Frozen):
    """A set: its description, where it lies, and its items in file order."""

    name: str = Field(min_length=1)
    folder: Path
    title: BothTexts
    description: BothTexts
    licence: str = ""
    owner: str = Field(default="", max_length=LONGEST_NAME)
    """Who made it, by their own word."""
    languages: tuple[str, ...] = LANGUAGES
    items: tuple[Item, ...] = ()
    left_out: tuple[str, ...] = Field((), exclude=True)
    """Files of a plain folder that are no media, by their content."""

    def media_path(self, item: Item) -> Path:
        """Where the item's media file lies."""
        return self.folder / item.media

    def content_sha256(self) -> str:
        """SHA-256 (hex) over every item and the bytes of its media file, in file order.

        The folder and the descriptions do not count: a copy of a set is the same set. Raises
        OSError if a media file has gone.
        """
        total = hashlib.sha256()
        for item in self.items:
            media = hashlib.sha256(self.media_path(item).read_bytes()).hexdigest()
            # Without timed captions an item is what it was before there were any.
            row = item.model_dump_json(exclude=None if item.captions else {"captions"})
            total.update(f"{row}\n{media}\n".encode())
        return total.hexdigest()

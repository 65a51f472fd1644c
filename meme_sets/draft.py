"""A built-in set before it is written: items with the scenes that their files will show."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from meme_sets.encode import gif_bytes, picture_bytes, png_bytes
from meme_sets.format import Item, Span, Text
from meme_sets.world.story import Moment
from meme_sets.world.vocabulary import Name


@dataclass(frozen=True)
class DraftItem:
    """One item, and what its file shows."""

    item: Item
    moments: tuple[Moment, ...]
    """One moment: a picture (PNG). More: a clip (GIF)."""

    def media(self) -> bytes:
        """The bytes of the item's media file."""
        if len(self.moments) == 1:
            return png_bytes(self.moments[0].scene)
        return gif_bytes(self.moments)


@dataclass(frozen=True)
class Still:
    """One item with a picture that shows more than one scene can."""

    item: Item
    paint: Callable[[], np.ndarray]
    """Gives uint8 (height, width, 3)."""

    def media(self) -> bytes:
        """The bytes of the item's media file."""
        return picture_bytes(self.paint())


class Made(Protocol):
    """An item and its file: ``DraftItem`` or ``Still``."""

    @property
    def item(self) -> Item:
        """The item."""
        ...

    def media(self) -> bytes:
        """The bytes of the item's media file."""
        ...


@dataclass(frozen=True)
class SetDraft:
    """A whole set: the fields of its set.yaml, and its items."""

    about: dict[str, object]
    drafts: Sequence[Made]


def texts(names: Sequence[Name]) -> tuple[Text, ...]:
    """Names of the world as options of an item."""
    return tuple(Text(en=n.en, zh=n.zh) for n in names)


def span(moments: Sequence[Moment], first: int, last: int) -> Span:
    """The stretch from the beginning of moment ``first`` to the end of moment ``last``."""
    starts = [sum(m.duration_ms for m in moments[:i]) for i in range(len(moments) + 1)]
    return Span(start_ms=starts[first], end_ms=starts[last + 1])


def turned(gold: int, turn: int, n: int = 4) -> int:
    """Another option than the gold one; over a group with each gold, each option comes once."""
    return (gold + 1 + turn % (n - 1)) % n


class Deck:
    """Deals names so that all are dealt equally often, give or take one, in random order."""

    def __init__(self, rng: random.Random, names: Sequence[str]) -> None:
        self._rng = rng
        self._dealt = {name: 0 for name in names}

    def deal(self, n: int, among: Sequence[str] | None = None) -> list[str]:
        """``n`` different names, the least dealt first. Raises ValueError if there are too few."""
        pool = [name for name in self._dealt if among is None or name in among]
        if len(pool) < n:
            raise ValueError(f"{n} names wanted, but there are {len(pool)}")
        self._rng.shuffle(pool)
        pool.sort(key=lambda name: self._dealt[name])
        for name in pool[:n]:
            self._dealt[name] += 1
        picked = pool[:n]
        self._rng.shuffle(picked)
        return picked

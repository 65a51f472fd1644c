"""Which variant of a generated set is drawn: how many items, and by which seed.

SHIPPED                      the set as it comes with the project
Variant(items=400, seed=7)   400 items or a few more, of clips that no other seed draws
"""

import random
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

Kind = TypeVar("Kind", bound=Hashable)

MOST_ITEMS = 20_000
MOST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Variant:
    """Size and seed of a generated set."""

    items: int | None = None
    """At least so many items, in whole groups; None = as many as the shipped set has."""
    seed: int | None = None
    """None = the shipped set's own draws."""

    def __post_init__(self) -> None:
        if self.items is not None and not 1 <= self.items <= MOST_ITEMS:
            raise ValueError(f"items is {self.items}; must be 1 to {MOST_ITEMS:,}")
        if self.seed is not None and not 0 <= self.seed <= MOST_SEED:
            raise ValueError(f"seed is {self.seed}; must be 0 to {MOST_SEED}")

    def random(self, *parts: object) -> random.Random:
        """A random source of its own for one part of a set.

        Seeds of sets begin with 'set-', so that no item is ever a picture that was trained on.
        """
        begin = "set" if self.seed is None else f"set-seed{self.seed}"
        return random.Random("-".join(map(str, (begin, *parts))))

    def name(self, shipped: str) -> str:
        """'reveal' -> 'reveal-400-seed7': a variant never goes by the shipped set's name."""
        size = [] if self.items is None else [str(self.items)]
        seed = [] if self.seed is None else [f"seed{self.seed}"]
        return "-".join([shipped, *size, *seed])

    def groups(self, shipped: Mapping[Kind, int], sizes: Mapping[Kind, int]) -> dict[Kind, int]:
        """How many groups of each kind to draw, in the proportions of the shipped set.

        ``shipped``: kind -> groups in the shipped set; ``sizes``: kind -> items of one group.
        Whole groups by the largest remainder (Hamilton's method), and then more until there are
        at least ``items``, the kinds that lack most first.
        """
        if self.items is None:
            return dict(shipped)
        total = sum(n * sizes[kind] for kind, n in shipped.items())
        wanted = {kind: Fraction(n * self.items, total) for kind, n in shipped.items()}
        found = {kind: int(share) for kind, share in wanted.items()}
        left = self.items - sum(n * sizes[kind] for kind, n in found.items())
        while left > 0:
            smallest = min(sizes.values())
            fitting = [k for k in found if sizes[k] <= max(left, smallest)]
            lacking = max(fitting, key=lambda k: wanted[k] - found[k])
            found[lacking] += 1
            left -= sizes[lacking]
        return found


SHIPPED = Variant()
"""The set as it comes with the project."""

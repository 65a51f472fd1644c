"""How much a model is asked at once: a budget of tokens that is found by itself.

A batch is filled until its tokens, padded to the longest look's, reach the budget. The first
batches decide: a budget that was filled is doubled, and the double is kept if a token then takes
less time by more than a tenth; else the budget goes back and stays. It also stays where twice the
memory that a batch took is not there, and where nobody says how much is. What the memory does not
suffice for is halved.
"""

from collections import defaultdict
from collections.abc import Sequence

TOKENS = 2048
"""Where a model begins that counts tokens."""
PAYS = 0.9
"""The time of a token at twice the budget, as a share of what it was, that makes the double pay."""
FULL = 0.75
"""Share of the budget from which on a batch's time says something about it."""
ENOUGH = 2
"""Batches of one kind whose faster one counts: the first of a kind also warms up."""


class Budget:
    """One model's on one device."""

    def __init__(self, tokens: int) -> None:
        """``tokens``: the first budget, in whatever the adapter's ``cost`` counts."""
        self.tokens, self.settled = tokens, False
        self._now: dict[int, list[float]] = defaultdict(list)
        self._before: dict[int, float] = {}
        """Kind of batch -> seconds a token: with this budget, and with half of it. Batches are
        alike whose longest looks are, within a factor of 2."""

    def takes(self, costs: Sequence[int]) -> int:
        """How many looks of these costs, from the first one, are the next batch: one at least."""
        longest = 0
        for count, cost in enumerate(costs):
            longest = max(longest, cost)
            if count and longest * (count + 1) > self.tokens:
                return count
        return len(costs)

    def took(self, costs: Sequence[int], seconds: float, room: bool) -> None:
        """A batch of looks of these costs took so long; ``room``: one twice as large would find
        the memory."""
        padded, kind = max(costs) * len(costs), max(costs).bit_length()
        if self.settled or padded < FULL * self.tokens:
            return
        self._now[kind].append(seconds / padded)
        if len(self._now[kind]) < ENOUGH:
            return
        best = min(self._now[kind])
        if self._before and kind not in self._before:
            return  # nothing to compare with
        if self._before and best > PAYS * self._before[kind]:
            self.keep(self.tokens // 2)
        elif not room:
            self.keep(self.tokens)
        else:
            self._before = {k: min(v) for k, v in self._now.items() if len(v) >= ENOUGH}
            self._now.clear()
            self.tokens *= 2

    def short(self, costs: Sequence[int]) -> None:
        """The memory did not suffice for a batch of looks of these costs: it is for half of it."""
        self.keep(min(self.tokens, max(costs) * ((len(costs) + 1) // 2)))

    def keep(self, tokens: int) -> None:
        """Nothing is tried any more."""
        self.tokens, self.settled = max(1, tokens), True

"""Ways of looking at a clip: which of the pictures shown, in order, decides an answer.

A picture is the option that it suggests, or ``SILENT`` (nothing about the question), or ``GREY``
(nothing at all).
"""

from collections.abc import Callable, Sequence

import numpy as np

GREY, SILENT = -2, -1
"""A picture that shows nothing; a picture that says nothing about the question."""
GOLD, LURE, MIDDLE = 0, 1, 2

Shown = Sequence[int]
Looks = Callable[[Shown, np.random.Generator], int | None]
"""What is shown, in order -> the option that decides, or None where the subject must guess."""


def _content(picture: int) -> int | None:
    return picture if picture >= 0 else None


def last_telling(seen: Shown, rng: np.random.Generator) -> int | None:
    """Fair to a question about the end: the last picture that tells."""
    return next((s for s in reversed(seen) if s >= 0), None)


def any_gold(seen: Shown, rng: np.random.Generator) -> int | None:
    """Knows the telling picture wherever it is."""
    return GOLD if GOLD in seen else last_telling(seen, rng)


def most(seen: Shown, rng: np.random.Generator) -> int | None:
    """What most pictures suggest; a tie goes to any."""
    shown = [s for s in seen if s >= 0]
    best = [s for s in sorted(set(shown)) if shown.count(s) == max(map(shown.count, shown))]
    return int(rng.choice(best)) if best else None


def one_of(seen: Shown, rng: np.random.Generator) -> int | None:
    """A picture drawn at random."""
    return _content(int(rng.choice(seen)))


def at(slot: int) -> Looks:
    """The picture in one slot, from 0; from -1 for the end."""

    def looks(seen: Shown, rng: np.random.Generator) -> int | None:
        return _content(seen[max(-len(seen), min(slot, len(seen) - 1))])

    return looks


def middle(seen: Shown, rng: np.random.Generator) -> int | None:
    """The last telling picture that stands at neither end."""
    return last_telling(seen[1:-1] if len(seen) > 2 else seen, rng)


def content(end: int) -> Looks:
    """The first (0) or last (-1) picture that shows anything."""

    def looks(seen: Shown, rng: np.random.Generator) -> int | None:
        kept = [s for s in seen if s != GREY]
        return _content(kept[end]) if kept else None

    return looks


def ends(seen: Shown, rng: np.random.Generator) -> int | None:
    """The first or the last picture, whichever tells; one of them at random where both do."""
    shown = [s for s in (seen[0], seen[-1]) if s >= 0]
    return int(rng.choice(shown)) if shown else None


def weighted(weights: Sequence[float], drawn: bool) -> Looks:
    """Pictures that show anything, weighted by their order: one drawn, or the weightiest option."""

    def looks(seen: Shown, rng: np.random.Generator) -> int | None:
        kept = [s for s in seen if s != GREY]
        if not kept:
            return None
        mass = np.array([weights[min(i, len(weights) - 1)] for i in range(len(kept))])
        if drawn:
            return _content(int(rng.choice(kept, p=mass / mass.sum())))
        shown = {
            o: sum(m for m, s in zip(mass, kept, strict=True) if s == o) for o in kept if o >= 0
        }
        return max(shown, key=lambda o: shown[o]) if shown else None

    return looks


def nothing(seen: Shown, rng: np.random.Generator) -> int | None:
    """Looks at no picture."""
    return None


def second(seen: Shown, rng: np.random.Generator) -> int | None:
    """The second picture, or the only one."""
    return _content(seen[min(1, len(seen) - 1)])


def later_half(seen: Shown, rng: np.random.Generator) -> int | None:
    """The last telling picture of the second half: what stands before is never looked at."""
    return last_telling(seen[len(seen) // 2 :], rng)


def early_half(seen: Shown, rng: np.random.Generator) -> int | None:
    """The first telling picture of the first half: what comes later is never looked at."""
    return next((s for s in seen[: (len(seen) + 1) // 2] if s >= 0), None)


def peaks(seen: Shown, rng: np.random.Generator) -> int | None:
    """A slot drawn with peaks at the first and just behind the middle, whatever stands there."""
    weights = np.full(len(seen), 0.1)
    weights[[0, len(seen) // 2]] = 0.4
    return _content(int(rng.choice(seen, p=weights / weights.sum())))


def many_first(seen: Shown, rng: np.random.Generator) -> int | None:
    """The first picture where there are more than four, else the last that tells."""
    return _content(seen[0]) if len(seen) > 4 else last_telling(seen, rng)


def recent(seen: Shown, rng: np.random.Generator) -> int | None:
    """A picture that shows anything, drawn; each counts twice as much as the one before it."""
    kept = [s for s in seen if s != GREY]
    mass = 2.0 ** np.arange(len(kept))
    return _content(int(rng.choice(kept, p=mass / mass.sum()))) if kept else None

"""Edits: pure functions on a sequence of pictures, each an RGB array of uint8 (H, W, 3).

None changes its input; each gives a new list (of the same arrays where they are unchanged).

    reverse         A B C D  ->  D C B A
    shuffle         A B C D  ->  C A D B      (by seed; never the old order if another exists)
    repeat_first    A B C D  ->  A A A A
    ablate(1)       A B C D  ->  A - C D      (- is a flat mid grey)
    position(X,1,4) X        ->  - X - -
"""

from collections.abc import Callable, Sequence

import numpy as np

Pictures = list[np.ndarray]

NEUTRAL_LEVEL = 128
"""Mid grey: as far from black as from white, and without any edge."""


def neutral_frame(height: int, width: int) -> np.ndarray:
    """A picture that says nothing: flat mid grey, uint8 (height, width, 3)."""
    return np.full((height, width, 3), NEUTRAL_LEVEL, np.uint8)


def reverse(pictures: Sequence[np.ndarray]) -> Pictures:
    """The last first."""
    return list(pictures[::-1])


def shuffle(pictures: Sequence[np.ndarray], seed: int = 0) -> Pictures:
    """Another order, drawn with ``seed``; never the given one if there are two pictures or more."""
    count = len(pictures)
    generator = np.random.default_rng(seed)
    order = generator.permutation(count)
    while count > 1 and (order == np.arange(count)).all():
        order = generator.permutation(count)
    return [pictures[i] for i in order]


def repeat_first(pictures: Sequence[np.ndarray]) -> Pictures:
    """The first in every slot: as many pictures, no new information."""
    return [pictures[0]] * len(pictures) if pictures else []


def ablate(pictures: Sequence[np.ndarray], k: int) -> Pictures:
    """Slot ``k`` (from 0) neutral, the others as they are. Raises IndexError for another k."""
    _check_slot(k, len(pictures))
    result = list(pictures)
    result[k] = neutral_frame(*pictures[k].shape[:2])
    return result


def position(decisive: np.ndarray, k: int, total: int) -> Pictures:
    """``decisive`` in slot ``k`` of ``total``, every other slot neutral. IndexError as above."""
    _check_slot(k, total)
    result = [neutral_frame(*decisive.shape[:2]) for _ in range(total)]
    result[k] = decisive
    return result


def _check_slot(k: int, total: int) -> None:
    if not 0 <= k < total:
        raise IndexError(f"slot {k} of {total} pictures; slots are counted from 0 to {total - 1}")


EDITS: dict[str, Callable[[Sequence[np.ndarray]], Pictures]] = {
    "reversed": reverse,
    "shuffled": shuffle,
    "first_repeated": repeat_first,
}
"""Edits that need nothing but the pictures, by the name of the condition that uses them."""

"""Pictures of conditions that set the decisive frame among other real frames, or replace frames.

    among(X, 2, 4)        X = decisive, b = frames of another clip     ->  b X b b
    lures(X, 2, 4)        A = the clip's own frames that mislead       ->  A X A A
    first_then_other      A = the clip's first keyframe                ->  A b b b

Among flat grey a model that skips pictures which show nothing looks fair wherever the decisive
frame stands; among real frames it does not. Which frames fill is drawn by the run's seed.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from memeprobe.stimuli.stimuli import Stimuli

Images = list[np.ndarray]


def places(k: int) -> list[int]:
    """The slots, from 1, in which the decisive frame stands among real frames: first, middle, last.

    Three are enough to tell first, last, ends and middle apart, whatever ``k``; fewer than two
    slots have no order.
    """
    return sorted({1, k // 2 + 1, k}) if k > 1 else []


def among(stimuli: Stimuli, slot: int, k: int) -> Images:
    """The decisive frame in ``slot`` (from 1) of ``k``, frames of another clip in the others."""
    return _filled(stimuli, stimuli.decisive, stimuli.others, slot, k)


def lures(stimuli: Stimuli, slot: int, k: int) -> Images:
    """The decisive frame in ``slot`` (from 1) of ``k``, the clip's own misleading frames beside."""
    return _filled(stimuli, stimuli.decisive, stimuli.misleading, slot, k)


def first_then_other(stimuli: Stimuli) -> Images:
    """The first keyframe, and frames of another clip in place of all later ones."""
    first, count = stimuli.keyframes[0], len(stimuli.keyframes)
    return _filled(stimuli, first, stimuli.others, 1, count)


def _filled(
    stimuli: Stimuli, kept: np.ndarray, fillers: Sequence[np.ndarray], slot: int, k: int
) -> Images:
    """``kept`` in its slot, ``fillers`` drawn by seed around it: all of them before one repeats.

    The draw does not depend on the slot, so that curves differ in nothing but the place. Raises
    ValueError if there is nothing to fill with.
    """
    if not fillers:
        raise ValueError(f"item {stimuli.item.id} has no frames to set beside the decisive one")
    rng = np.random.default_rng(stimuli.seed)
    drawn: list[int] = []
    while len(drawn) < k - 1:
        drawn += rng.permutation(len(fillers)).tolist()
    around = [_sized(fillers[i], kept) for i in sorted(drawn[: k - 1])]
    return [*around[: slot - 1], kept, *around[slot - 1 :]]


def _sized(image: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The picture in the size of another: a size of its own would tell it apart."""
    if image.shape == like.shape:
        return image
    size = like.shape[1], like.shape[0]
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))

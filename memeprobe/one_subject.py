"""Known subjects asked about one meme: what a model of a known bias does with these frames.

Nothing is known of what a stranger's file shows, so a subject names what it looks at: the numbers
of the frames, in order. One that reads the first picture only names one number, whatever follows.
"""

from collections.abc import Sequence

import numpy as np

from memeprobe.errors import JobError
from vlm import Model
from vlm.query import pixel_sha256
from vlm.scripted import Scripted

ON_ONE_MEME = ("fair", "first-frame", "first-content", "last-frame", "order-blind", "blind")
"""Subjects that differ in which frames they look at; the others differ in captions and guesses."""
DELIVERIES = ("native", "vote", "first_only")
"""Those that hand over frames as they are: of a collage a subject knows no frame."""


SPECS = tuple(f"known:{name}" for name in ON_ONE_MEME)
"""They, as models are named."""


def offered_on_one(spec: str) -> tuple[str, ...]:
    """The deliveries of a known subject, its best first; () for a model that is none.

    Raises JobError: the subject cannot be asked about one meme.
    """
    if not spec.startswith("known:"):
        return ()
    if spec not in SPECS:
        raise JobError(
            f"{spec} looks through a set's labels: ask it in a run; about one meme there are "
            f"{', '.join(SPECS)}"
        )
    return DELIVERIES


def subject_on(spec: str, frames: Sequence[tuple[int, np.ndarray]]) -> Model:
    """The subject 'known:NAME' for the frames (number, pixels) of one file."""
    numbers = {pixel_sha256(pixels): number for number, pixels in reversed(frames)}

    def named(images: Sequence[np.ndarray]) -> str:
        found = (numbers.get(pixel_sha256(image)) for image in images)
        return " ".join(str(number) for number in found if number is not None)

    return Scripted(spec.removeprefix("known:"), transcribe=named)

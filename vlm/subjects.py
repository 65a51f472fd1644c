"""The scripted subjects by name, and which of the pictures each of them looks at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Pictures = Sequence["np.ndarray"]

DELIVERIES: tuple[str, ...] = ("native", "grid", "vote", "first_only")
"""Those that every scripted subject supports."""


@dataclass(frozen=True)
class Subject:
    """How a scripted model uses what it is given."""

    keep: Callable[[Pictures], Pictures] = lambda images: images
    """Which pictures it looks at, in which order."""
    reads_captions: bool = True
    believes_prompt: bool = False
    """Whether a caption told in the prompt beats what the pictures show."""


def _by_hash(images: Pictures) -> Pictures:
    """An order that has nothing to do with the order given."""
    from vlm.query import pixel_sha256

    return sorted(images, key=pixel_sha256)


def _first_content(images: Pictures) -> Pictures:
    """The first picture that shows anything: a flat one is passed over."""
    return [image for image in images if image.std() > 0][:1]


SUBJECTS: dict[str, Subject] = {
    "fair": Subject(),
    "first-frame": Subject(lambda images: images[:1]),
    "first-content": Subject(_first_content),
    "last-frame": Subject(lambda images: images[-1:]),
    "order-blind": Subject(_by_hash),
    "blind": Subject(lambda images: ()),
    "guesser": Subject(lambda images: ()),  # and guesses anew each time it is asked
    "caption-blind": Subject(reads_captions=False),
    "prompt-copier": Subject(believes_prompt=True),
}

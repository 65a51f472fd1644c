"""What goes into a vision-language model and what comes out; no meme, no condition, no data set."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vlm.recipes import RECIPES

DELIVERIES = ("native", "concat", "video", "grid", "vote", "first_only", *RECIPES)
"""How a sequence of pictures can reach a model: several images (``native``), Q-Former outputs one
after another (``concat``), a video of just these frames (``video``), one labelled collage
(``grid``), one answer a frame and then the majority (``vote``), nothing but the first
(``first_only``), or as an application would send it (the recipes)."""
TIMED = ("video", "video-fps")
"""Deliveries to which the frames' times make a difference."""


ANSWER_TOKENS = 20
"""Bound on a free answer where nobody says another."""


def pixel_sha256(image: np.ndarray) -> str:
    """SHA-256 of a picture's shape and pixels, as hexadecimal digits."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Query:
    """One question to a model."""

    images: tuple[np.ndarray, ...]
    """The pictures in order, each uint8 (height, width, 3) RGB; empty for a question about none."""
    text: str
    """The question."""
    options: tuple[str, ...] = ()
    """Answers to weigh; each gets a log-probability where the model can give one."""
    delivery: str = "native"
    """One of ``DELIVERIES``."""
    max_new_tokens: int = ANSWER_TOKENS
    """Bound on the free answer, in tokens; the prompt does not count."""
    times: tuple[float, ...] = ()
    """When each picture begins, in seconds, rising; empty where nobody knows."""

    def __post_init__(self) -> None:
        if self.times and len(self.times) != len(self.images):
            raise ValueError(
                f"Query.times has {len(self.times)} times for {len(self.images)} pictures"
            )
        for i, image in enumerate(self.images):
            if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
                raise ValueError(
                    f"Query.images[{i}] must be uint8 (height, width, 3), "
                    f"got {image.dtype} {image.shape}"
                )
        if not self.text.strip():
            raise ValueError("Query.text is empty; a query needs a question")
        if self.delivery not in DELIVERIES:
            raise ValueError(
                f"Query.delivery is {self.delivery!r}; must be one of {', '.join(DELIVERIES)}"
            )
        if len(set(self.options)) != len(self.options):
            raise ValueError(f"Query.options has the same option twice: {self.options}")


@dataclass(frozen=True)
class PictureSeen:
    """What the model's own processor made of one picture."""

    width: int
    """Of one tile after processing, in pixels."""
    height: int
    """Of one tile after processing, in pixels."""
    tiles: int
    """How many pieces of that size the picture became."""
    tokens: int
    """Visual tokens that stand for it in the prompt."""
    cut: float = 0.0
    """Share of the picture's area that the processor cut off, 0 to 1."""


@dataclass(frozen=True)
class Seen:
    """How a query arrived inside the model, counted after its processor and tokenizer."""

    pictures: tuple[PictureSeen, ...] = ()
    """Each picture that went into the model, in order."""
    prompt_tokens: int | None = None
    """Length of the prompt in tokens, pictures included; with ``vote`` that of the longest."""
    cut_tokens: int = 0
    """Tokens of text that some part of the model did not get, because it takes no more."""
    unknown_tokens: int = 0
    """Tokens of the prompt that say only that the vocabulary lacks something."""
    scoring: str = ""
    """How the options were weighed: ``options`` by log-probability, ``none: REASON`` where that
    failed (then the answer in words is all there is), empty where there were none."""
    thinking: str = ""
    """``off`` (switched off in the template), ``thought`` (before the answer), or empty."""
    thought: str = ""
    """What the model thought aloud before its answer."""
    notes: tuple[str, ...] = ()
    """What else a reader of the answer must know, one sentence each."""
    truncated: bool = False
    """Whether the answer in words stopped at its bound of tokens and not by itself."""
    frames: int | None = None
    """Of a video: how many of its frames the processor kept apart, counted from its grid, in which
    several frames may share a place; None where it cannot be counted."""

    def __post_init__(self) -> None:
        # A stored receipt is JSON, which knows neither tuples nor dataclasses.
        made = (p if isinstance(p, PictureSeen) else PictureSeen(**p) for p in self.pictures)
        object.__setattr__(self, "pictures", tuple(made))
        object.__setattr__(self, "notes", tuple(self.notes))


@dataclass(frozen=True)
class Receipt:
    """What was really delivered to the model for one query."""

    delivery: str
    """How the pictures reached the model: one of ``DELIVERIES``."""
    frames_shown: int
    """How many of the query's pictures the model got to see, in whatever form."""
    n_images: int
    """How many pictures went into the model: 1 for a grid of four frames."""
    images: tuple[str, ...]
    """SHA-256 of each of those pictures' pixels, in order."""
    prompt: str
    """The text as the model got it."""
    translations: tuple[tuple[str, str], ...] = ()
    """(text, its translation) of everything that went through a translator: the question, the
    options, and at last the answer on its way back."""
    seen: Seen | None = None
    """How that arrived inside the model; None where the adapter cannot know (servers) and in
    receipts from before it was kept."""
    frames: tuple[int, ...] = ()
    """With a recipe: which of the query's pictures were kept, by place from 0, in order."""

    def __post_init__(self) -> None:
        if isinstance(self.seen, dict):  # as it comes out of a store
            object.__setattr__(self, "seen", Seen(**self.seen))


@dataclass(frozen=True)
class Answer:
    """A model's answer to one query, or why there is none."""

    text: str | None
    """The model's own words; None if and only if it failed."""
    receipt: Receipt | None = None
    option_logprobs: tuple[float, ...] | None = None
    """Natural-log probability of each option as the whole answer (its end sign included), in the
    order of the query's options; None where the model gives none."""
    option_tokens: tuple[int, ...] | None = None
    """How many tokens each option has, its end sign included: divide by it to normalise."""
    error: str | None = None
    later: bool = False
    """Whether the question waits in a batch file, or for a server that is ``gone``; then ``error``
    says so, and it is no failure."""
    gone: bool = False
    """Whether there is nobody to ask any more."""
    repeatable: bool = False
    """Whether the very same question, asked again, gets the very same words."""

    def __post_init__(self) -> None:
        if (self.text is None) == (self.error is None):
            raise ValueError("an Answer has either a text or an error, never both or neither")
        if self.option_logprobs is not None and not all(map(math.isfinite, self.option_logprobs)):
            raise ValueError(f"option log-probabilities must be finite, got {self.option_logprobs}")


class Model(Protocol):
    """What the rest of the project knows of a model."""

    @property
    def name(self) -> str:
        """What it is called in reports and stores."""
        ...

    @property
    def revision(self) -> str:
        """Changes when weights or adapter code change, so that stored answers are never mixed."""
        ...

    @property
    def deliveries(self) -> tuple[str, ...]:
        """The deliveries it supports, its best first."""
        ...

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer per query, in order; a query that fails does not touch the others."""
        ...

"""Subjects behind the public ``Model`` protocol that the probes do not know: they see what a
picture suggests, and each has its own way of making an answer of it.

``calibrate.subjects`` are the certificate's; these are biases of other kinds, with noise, that a
verdict must name as well. They are asked what a run asks, and scored as a run is.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from memeprobe.calibrate.looking import (
    GREY,
    SILENT,
    Looks,
    at,
    content,
    ends,
    last_telling,
    weighted,
)
from memeprobe.calibrate.pool import Part
from memeprobe.calibrate.subjects import row_of
from memeprobe.calibrate.truth import GRADED
from memeprobe.scoring.outcome import trial_of
from memeprobe.stimuli.scripted_viewer import NO_CAPTION, ScriptedViewer
from memeprobe.store.rows import TrialRow
from vlm import Answer, Query, Receipt, pixel_sha256

LEANS_FIRST = frozenset({"first_frame_biased", "first_frame_leaning"})
LEANS_LAST = frozenset({"last_frame_biased", "last_frame_leaning"})
FAIR = frozenset({"flat", "not_enough_items"})
ONE = frozenset({"one_frame_decides"})
END = frozenset({"follows_end", "order_matters"})


def _readable(text: str) -> bool:
    """Whether a caption reads: all do."""
    return True


def _chinese(text: str) -> bool:
    return not text.isascii()


def _share(share: float) -> Callable[[str], bool]:
    """A fixed share of all captions, drawn by their text."""
    return lambda text: random.Random(f"reads|{text}").random() < share


@dataclass(frozen=True)
class Stranger:
    """One subject: how it looks, reads and listens, and what it must be called."""

    expected: Mapping[str, frozenset[str]]
    looks: Looks = last_telling
    primacy: float = 1.0
    """Share of its looks that go that way; the others go by the last picture that tells."""
    reads: Callable[[str], bool] = _readable
    words_only: bool = False
    """Whether it reads no more than captions that are words of the set."""
    believes: float = 0.0
    """Share of the captions told in the prompt that it believes."""
    refuses_grey: bool = False
    always_a: bool = False
    short: float = 0.0
    """Share of its calls that arrive one picture short."""


def _of(**keys: frozenset[str] | str) -> dict[str, frozenset[str]]:
    return {k: frozenset({v}) if isinstance(v, str) else v for k, v in keys.items()}


STRANGERS: dict[str, Stranger] = {
    "fair": Stranger(_of(first_frame=FAIR, order=END, caption="uses_caption")),
    "first content": Stranger(_of(first_frame=LEANS_FIRST, order=ONE), content(0)),
    "first only": Stranger(_of(first_frame="first_frame_biased", order=ONE), at(0)),
    "last only": Stranger(_of(first_frame=LEANS_LAST, order=ONE), at(-1)),
    "weights 1, 1/2, 1/4, 1/8": Stranger(
        _of(first_frame=LEANS_FIRST), weighted(GRADED, drawn=False)
    ),
    "primacy in 60 %": Stranger(_of(first_frame=LEANS_FIRST), content(0), primacy=0.6),
    "first and last": Stranger(_of(first_frame="ends_leaning"), ends),
    "refuses grey": Stranger(_of(first_frame=FAIR, order=END), refuses_grey=True),
    "2 % of receipts short": Stranger(_of(first_frame=FAIR, order=END), short=0.02),
    "always A": Stranger(
        _of(
            first_frame=frozenset({"letter_bound", "blind"}),
            order="not_answered",
            language="neither",
            caption="cannot_read",
        ),
        always_a=True,
    ),
    "believes 58 %": Stranger(_of(caption="copies_prompt"), believes=0.58),
    "reads Chinese only": Stranger(_of(caption="reads_unevenly"), reads=_chinese),
    "reads half": Stranger(_of(caption="reads_part"), reads=_share(0.5)),
    "reads 15 %": Stranger(_of(caption=frozenset({"reads_part"})), reads=_share(0.15)),
    "guesses words": Stranger(_of(caption="guesses_words"), words_only=True),
}


@dataclass
class Eyes:
    """What the trials of one set show, found out once for all subjects and seeds."""

    viewer: ScriptedViewer
    words: frozenset[str]
    """Captions of the set that are words."""
    known: dict[tuple[object, ...], tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, part: Part) -> "Eyes":
        """For the trials on one set."""
        real = [i for i in part.items if not i.kind.startswith("nonword")]
        texts = {i.caption for i in real if i.caption}
        texts |= {i.counterfactual.caption for i in real if i.counterfactual is not None}
        return cls(part.eyes, frozenset(texts))

    def shown(self, query: Query) -> list[tuple[int, str]]:
        """What each picture suggests (an option, ``SILENT`` or ``GREY``), and its caption."""
        return [self._one(image, query) for image in query.images]

    def _one(self, image: np.ndarray, query: Query) -> tuple[int, str]:
        key = (id(image), query.text, query.options)
        if key not in self.known:
            self.known[key] = self._look(image, query)
        return self.known[key]

    def _look(self, image: np.ndarray, query: Query) -> tuple[int, str]:
        if image.std() == 0:
            return GREY, ""
        found = self.viewer.see([image], query.text, query.options)
        text = self.viewer.transcribe([image])
        if found is None:
            found = self.viewer.read([image], query.text, query.options)
            # That a picture has no caption says something only where no other has one.
            if found is not None and query.options[found] in NO_CAPTION:
                found = None
        return (SILENT if found is None else found), text


class Speaker:
    """A stranger as a model: what the package loads, an adapter of another package might be."""

    deliveries = ("native",)
    revision = "1"

    def __init__(self, name: str, stranger: Stranger, eyes: Eyes, noise: float, seed: int) -> None:
        self.name = f"stranger:{name}"
        self.stranger, self.eyes, self.noise = stranger, eyes, noise
        self.rng = np.random.default_rng(seed)

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer for each query."""
        return [self._one(query) for query in queries]

    def _one(self, query: Query) -> Answer:
        images = query.images
        if len(images) > 1 and self.rng.random() < self.stranger.short:
            images = images[:-1]
        shown = tuple(map(pixel_sha256, images)) if len(images) < len(query.images) else ()
        receipt = Receipt(query.delivery, len(images), len(images), shown, query.text)
        if self.stranger.always_a:
            return Answer("A", receipt)
        if not query.options:
            return Answer(self._written(images), receipt)
        if self.stranger.refuses_grey and any(code == GREY for code, _ in self.eyes.shown(query)):
            return Answer("I cannot tell.", receipt, (0.0,) * len(query.options), None)
        chosen = self._chosen(query)
        logprobs = tuple(-0.1 if i == chosen else -4.0 for i in range(len(query.options)))
        return Answer(query.options[chosen], receipt, logprobs, (1,) * len(logprobs))

    def _chosen(self, query: Query) -> int:
        found: int | None = None
        if self.rng.random() >= self.noise:
            if self.rng.random() < self.stranger.believes:
                found = self.eyes.viewer.from_prompt(query.text, query.options)
            if found is None and query.images:
                found = self._seen(query)
        return int(self.rng.integers(len(query.options))) if found is None else found

    def _seen(self, query: Query) -> int | None:
        seen = self.eyes.shown(query)
        if all(code < 0 for code, _ in seen) and not any(text for _, text in seen):
            return self.eyes.viewer.read(query.images, query.text, query.options)
        looks = self.stranger.looks
        if self.rng.random() >= self.stranger.primacy:
            looks = last_telling
        codes = [SILENT if text and not self._reads(text) else code for code, text in seen]
        return looks(codes, self.rng)

    def _reads(self, text: str) -> bool:
        known = not self.stranger.words_only or text in self.eyes.words
        return known and self.stranger.reads(text)

    def _written(self, images: Sequence[np.ndarray]) -> str:
        if self.rng.random() < self.noise:
            return "???"
        text = self.eyes.viewer.transcribe(images)
        if text and not self._reads(text):
            return "something" if text.isascii() else "某某"
        return text or "nothing"


def run(model: Speaker, part: Part, items: Sequence[str]) -> list[TrialRow]:
    """The rows of one run of a set, as the runner and the store would give them."""
    scoring = "listed" if model.stranger.always_a else "logprob"
    rows = []
    for item in items:
        for asked in part.asked[item]:
            forms = asked.forms(scoring)
            answers = model.answer(forms)
            trial = trial_of(asked, [""] * len(forms), answers, scoring)
            rows.append(row_of(trial, answers[0].text if answers else None, part))
    return rows

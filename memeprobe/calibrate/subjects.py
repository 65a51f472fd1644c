"""Subjects whose bias is known by construction, with fresh noise, and what each must be called."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from memeprobe.calibrate.pool import Part
from memeprobe.running.trials import PlannedTrial
from memeprobe.scoring.outcome import trial_of
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.rows import TrialRow
from memeprobe.store.schema import Trial
from vlm import Answer, Receipt
from vlm.delivery import ModelInput, ModelOutput, looks
from vlm.scripted import Scripted

SLIPS = 0.03
"""Share of a subject's answers that go wrong for no reason: nobody is perfect."""

FLAT = {"flat", "not_enough_items"}
"""Of a subject without a bias. Equivalence by every estimator may take more items than the preset
has; to say so is right, to call it biased or uneven is not."""
ORDERED = {"uses_order", "order_matters", "follows_end"}
READS, ONE = {"uses_caption"}, {"one_frame_decides"}

PLAIN = tuple(f.name for f in fields(Trial) if f.name != "detail")
"""What a row takes from a trial as it is."""


@dataclass(frozen=True)
class Case:
    """One known subject."""

    subject: str
    """Name in ``vlm.subjects.SUBJECTS``."""
    expected: Mapping[str, frozenset[str]]
    """Verdict -> the keys that name the subject rightly. A verdict left out is not judged: the
    subject's bias says nothing about it."""
    delivery: str = "native"
    english_only: bool = False
    """Whether it guesses when it is asked in Chinese."""


def _case(subject: str, delivery: str = "native", only: bool = False, **keys: set[str]) -> Case:
    return Case(subject, {k: frozenset(v) for k, v in keys.items()}, delivery, only)


CASES: dict[str, Case] = {
    "fair": _case("fair", first_frame=FLAT, order=ORDERED, caption=READS, language={"alike"}),
    "first-frame": _case("first-frame", first_frame={"first_frame_biased"}, order=ONE),
    "first-content": _case(
        "first-content", first_frame={"first_frame_leaning", "first_frame_biased"}
    ),
    "last-frame": _case("last-frame", first_frame={"last_frame_biased"}, order=ONE),
    "order-blind": _case("order-blind", first_frame=FLAT, order={"order_blind"}, caption=READS),
    "blind": _case("blind", first_frame={"blind"}, caption={"cannot_read"}),
    "guesser": _case("guesser", first_frame={"blind"}, caption={"cannot_read"}),
    "caption-blind": _case(
        "caption-blind", first_frame=FLAT, order=ORDERED, caption={"cannot_read"}
    ),
    "prompt-copier": _case(
        "prompt-copier", first_frame=FLAT, order=ORDERED, caption={"copies_prompt"}
    ),
    "english-only": _case("fair", first_frame=FLAT, language={"better_in_english"}, only=True),
    "fair, first frame delivered": _case(
        "fair", "first_only", first_frame={"not_testable"}, order={"not_testable"}
    ),
}


@dataclass
class Memory:
    """What a subject sees never changes; only its guesses and slips are fresh each time."""

    chosen: dict[int, int | None] = field(default_factory=dict)
    heard: dict[int, str] = field(default_factory=dict)
    looks: dict[int, ModelInput] = field(default_factory=dict)


class Fresh(Scripted):
    """A scripted subject whose guesses and slips depend on a seed."""

    def __init__(self, case: Case, eyes: ScriptedViewer, seed: int, memory: Memory) -> None:
        super().__init__(case.subject, eyes.see, eyes.read, eyes.from_prompt, eyes.transcribe)
        self._case, self._seed, self._memory = case, seed, memory

    def trial(self, asked: PlannedTrial) -> tuple[Trial, str | None]:
        """The outcome of one trial with the receipt that its delivery gives, and the answer."""
        if asked.query is None:
            return trial_of(asked, [], [], "logprob"), None
        look = self._memory.looks.get(id(asked))
        if look is None:
            look = looks(replace(asked.query, delivery=self._case.delivery))[0]
            self._memory.looks[id(asked)] = look
        seen = self._slipped(asked, self._seen(look))
        n = len(look.images)
        receipt = Receipt(self._case.delivery, n, n, asked.hashes[:n], seen.prompt)
        answer = Answer(seen.text, receipt, seen.option_logprobs, seen.option_tokens)
        return trial_of(asked, [""], [answer], "logprob"), seen.text

    def _seen(self, look: ModelInput) -> ModelOutput:
        if look.options:
            return self.look([look])[0]
        if id(look) not in self._memory.heard:
            self._memory.heard[id(look)] = self.look([look])[0].text
        return ModelOutput(self._memory.heard[id(look)], look.text)

    def _choose(self, look: ModelInput) -> int | None:
        if self._case.english_only and not look.text.isascii():
            return None
        if id(look) not in self._memory.chosen:
            self._memory.chosen[id(look)] = super()._choose(look)
        return self._memory.chosen[id(look)]

    def _guess(self, look: ModelInput) -> int:
        return (super()._guess(look) + self._drawn("guess", look.text, look.options)) % len(
            look.options
        )

    def _slipped(self, asked: PlannedTrial, seen: ModelOutput) -> ModelOutput:
        """The answer, or now and then another one; the same question slips the same way."""
        assert asked.query is not None
        rng = random.Random(f"{self._seed}|{asked.hashes}|{asked.query.text}")
        if rng.random() >= SLIPS:
            return seen
        options = asked.query.options
        if not options:
            return ModelOutput("nothing", seen.prompt)
        others = [i for i, option in enumerate(options) if option != seen.text]
        choice = rng.choice(others)
        logprobs = tuple(-0.1 if i == choice else -3.0 for i in range(len(options)))
        return ModelOutput(options[choice], seen.prompt, logprobs, (1,) * len(options))

    def _drawn(self, *about: object) -> int:
        return random.Random(f"{self._seed}|{about}").randrange(1 << 30)


def rows_of(
    case: Case, part: Part, items: tuple[str, ...], seed: int, memory: Memory
) -> list[TrialRow]:
    """The outcome rows of one run, as ``Store.outcomes`` would give them."""
    subject = Fresh(case, part.eyes, seed, memory)
    return [row_of(*subject.trial(asked), part) for item in items for asked in part.asked[item]]


def row_of(trial: Trial, text: str | None, part: Part) -> TrialRow:
    """A trial with its item's labels."""
    plain = {name: getattr(trial, name) for name in PLAIN}
    return TrialRow.of({**part.about[trial.item].plain(), **trial.detail, **plain, "text": text})

"""Scripted models whose bias is known by construction: the probes are calibrated on them.

A subject looks at some of the pictures, as ``subjects`` says, and leaves the seeing to a *viewer*:
a function (pictures in order, question, options) -> index of the option that they show, or None
where they show none. The viewer comes from outside; a subject that sees nothing guesses.
"""

import random
from collections.abc import Callable, Sequence

import numpy as np

from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput
from vlm.errors import ModelError
from vlm.subjects import DELIVERIES, SUBJECTS, Pictures

Viewer = Callable[[Pictures, str, Sequence[str]], int | None]


class Scripted(Adapter):
    """One scripted subject behind the common interface."""

    deliveries = DELIVERIES
    revision = "1"
    batch_size = 16  # no memory to fill

    def __init__(
        self,
        subject: str,
        see: Viewer | None = None,
        read: Viewer | None = None,
        from_prompt: Callable[[str, Sequence[str]], int | None] | None = None,
        transcribe: Callable[[Pictures], str] | None = None,
    ) -> None:
        """``see`` views everything but captions, ``read`` the captions, ``from_prompt`` the prompt;
        ``transcribe`` gives the caption's text for questions without options."""
        if subject not in SUBJECTS:
            raise ModelError(f"no scripted subject {subject!r}; there are {', '.join(SUBJECTS)}")
        self.name = f"known:{subject}"
        self.subject = SUBJECTS[subject]
        self._viewers = [v for v in (see, read if self.subject.reads_captions else None) if v]
        self._from_prompt, self._transcribe = from_prompt, transcribe
        self._anew = 0 if subject == "guesser" else None

    @property
    def repeatable(self) -> bool:
        """But for who guesses anew each time."""
        return self._anew is None

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """One choice per look; a question without options asks for the caption's text."""
        return [self._one(look) for look in batch]

    def _one(self, look: ModelInput) -> ModelOutput:
        if not look.options:
            images = self.subject.keep(look.images)
            if not self.subject.reads_captions or self._transcribe is None or not len(images):
                return ModelOutput("nothing", look.text)
            return ModelOutput(self._transcribe(images) or "nothing", look.text)
        choice = self._choose(look)
        if choice is None:
            choice = self._guess(look)
        # As good as certain, but finite: the options' probabilities must still add up to one.
        wrong = np.log(0.01 / max(1, len(look.options) - 1))
        logprobs = tuple(
            float(np.log(0.99)) if i == choice else float(wrong) for i in range(len(look.options))
        )
        return ModelOutput(look.options[choice], look.text, logprobs, (1,) * len(look.options))

    def _choose(self, look: ModelInput) -> int | None:
        if self.subject.believes_prompt and self._from_prompt is not None:
            found = self._from_prompt(look.text, look.options)
            if found is not None:
                return found
        images = self.subject.keep(look.images)
        for view in self._viewers:
            choice = view(images, look.text, look.options) if len(images) else None
            if choice is not None:
                return choice
        return None

    def _guess(self, look: ModelInput) -> int:
        """A guess that depends on the question alone, or for the guesser on nothing at all."""
        salt = ""
        if self._anew is not None:
            self._anew += 1
            salt = str(self._anew)
        return random.Random(f"{salt}|{look.text}|{look.options}").randrange(len(look.options))

"""What is asked of runs over HTTP: which to start, and what to call them."""

from typing import Annotated

from pydantic import Field

from memeprobe.experiment.spec import RunSpec
from memeprobe.service.answers.described import Asked
from memeprobe.service.asking import Spec
from memeprobe.store.notes import LONGEST_NAME, LONGEST_NOTE
from memeprobe.workers.run_request import sized
from ocr import DEFAULT_POLICY


class RunRequest(Asked):
    """What to run: as ``memeprobe run`` takes it."""

    set: str
    """A built-in set, or one saved in the workspace."""
    model: Spec = "blip-nano"
    """As ``memeprobe run -m`` takes it."""
    preset: str = "standard"
    """quick, standard or full: which conditions, and of how many items."""
    delivery: str | None = None
    """How frames reach the model; null: its best way."""
    k: Annotated[int, Field(strict=True)] = 4
    """Keyframes."""
    policy: str = DEFAULT_POLICY
    """How keyframes are chosen."""
    language: str = "en"
    """Of the questions: en or zh."""
    limit: Annotated[int, Field(strict=True)] | None = None
    """Only so many of the first items."""
    sample: Annotated[int, Field(strict=True)] | None = None
    """At most so many items, drawn by ``seed``; without it, and without ``limit`` and
    ``conditions``, as many as the preset says."""
    seed: Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)] = 0
    """Of everything that is drawn."""
    conditions: Annotated[list[str], Field(min_length=1)] | None = None
    """Conditions or probes, in place of the preset's."""
    scoring: str = "auto"
    """How options are scored: auto, listed or free."""

    def spec(self, source: str) -> RunSpec:
        """What to run on the set that lies at ``source``. Raises JobError, SpecError."""
        named = self.model_dump(exclude={"set", "preset", "conditions"})
        conditions = None if self.conditions is None else tuple(dict.fromkeys(self.conditions))
        return sized(RunSpec(source, **named, conditions=conditions), self.preset)


class RunNames(Asked):
    """What people call a run and say of it; what is left out stays."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None
    """What to call it."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None
    """What to say of it."""

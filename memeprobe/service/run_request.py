"""What is asked of runs over HTTP: which to start, and what to call them."""

from typing import Annotated

from pydantic import Field, JsonValue

from memeprobe.conditions.presets import PRESETS
from memeprobe.experiment.spec import SCORING, RunSpec
from memeprobe.service.answers.described import Asked, OneOf
from memeprobe.service.asking import Spec
from memeprobe.store.notes import LONGEST_NAME, LONGEST_NOTE
from memeprobe.workers.run_request import sized
from ocr import DEFAULT_POLICY, policy_names
from vlm import DELIVERIES

KEYFRAMES: dict[str, JsonValue] = {"minimum": 1, "maximum": 64}
ITEMS: dict[str, JsonValue] = {"minimum": 1}
"""Bounds for those who read /openapi.json; ``RunSpec`` keeps them, in the command line's words."""


class RunRequest(Asked):
    """What to run: as ``memeprobe run`` takes it."""

    set: str
    """A built-in set, or one saved in the workspace: a name that ``GET /v1/sets`` lists."""
    model: Spec = "blip-nano"
    """As ``memeprobe run -m`` takes it: a name that ``GET /v1/models`` lists, a folder, a hub id,
    ``server:ADDRESS#NAME``."""
    preset: Annotated[str, OneOf(PRESETS)] = "standard"
    """Which conditions are asked, and of how many items."""
    delivery: Annotated[str, OneOf(DELIVERIES)] | None = None
    """How frames reach the model; null: its best way."""
    k: Annotated[int, Field(strict=True, json_schema_extra=KEYFRAMES)] = 4
    """Keyframes, at most."""
    policy: Annotated[str, OneOf(policy_names())] = DEFAULT_POLICY
    """How keyframes are chosen."""
    language: Annotated[str, OneOf(("en", "zh"))] = "en"
    """Of the questions, English or Chinese."""
    limit: Annotated[int, Field(strict=True, json_schema_extra=ITEMS)] | None = None
    """Only so many of the first items; null: of all."""
    sample: Annotated[int, Field(strict=True, json_schema_extra=ITEMS)] | None = None
    """At most so many items, drawn by ``seed``; null: without ``limit`` and ``conditions`` as many
    as the preset says, else all."""
    seed: Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)] = 0
    """Of everything that is drawn."""
    conditions: Annotated[list[str], Field(min_length=1)] | None = None
    """Conditions (docs/method.md) or whole probes (frames, caption, language, delivery);
    ``position`` stands for ``position@1`` and all others of it. null: the preset's."""
    scoring: Annotated[str, OneOf(SCORING)] = "auto"
    """How an option is chosen: ``listed`` in the prompt, by ``free`` words, or, ``auto``, by
    probability where the model gives any."""

    def spec(self, source: str) -> RunSpec:
        """What to run on the set that lies at ``source``. Raises JobError, SpecError."""
        named = self.model_dump(exclude={"set", "preset", "conditions"})
        conditions = None if self.conditions is None else tuple(dict.fromkeys(self.conditions))
        return sized(RunSpec(source, **named, conditions=conditions), self.preset)


class RunNames(Asked):
    """What people call a run and say of it."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None
    """What to call it; null: what there is stays."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None
    """What to say of it; null: what there is stays."""

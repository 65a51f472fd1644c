"""What to run, as the user says it; ``plan.Plan`` is what that means for a set and a model."""

from dataclasses import dataclass, field

from frames import Limits
from memeprobe.conditions.table import choose
from ocr import DEFAULT_POLICY, policy_names

SCORING = ("auto", "listed", "free")
"""How an option is chosen. auto: by log-probability where the model gives it, else as listed.
listed: options listed in the prompt in every rotation, and the majority. free: the model's own
words, options never shown."""


class SpecError(ValueError):
    """A run that cannot be: the message says what was asked for and what there is."""


@dataclass(frozen=True)
class RunSpec:
    """What to run. The same spec on the same set and model goes on with the same run."""

    set_name: str
    """The set's name, or its folder."""
    model: str
    """Model spec as the user gave it; the run's identity holds the loaded model's own name."""
    delivery: str | None = None
    """How frames reach the model; None = the model's best."""
    k: int = 4
    """Keyframes."""
    policy: str = DEFAULT_POLICY
    language: str = "en"
    limit: int | None = None
    """Only the first so many items; None = all."""
    conditions: tuple[str, ...] | None = None
    """Names of conditions or probes; None = all that set and model allow."""
    engine: str = "rapidocr"
    """OCR engine for caption edits and their check."""
    seed: int = 0
    """For the shuffled condition and the sample."""
    limits: Limits = field(default_factory=Limits)
    """What is accepted of a media file; no part of a run's identity."""
    sample: int | None = None
    """At most so many items, drawn by the seed, whole clusters; None = all."""
    scoring: str = "auto"
    """One of ``SCORING``."""
    shard: tuple[int, int] | None = None
    """(i, n): only the i-th of n parts of the items, whole clusters, from 1; no part of a run's
    identity, so that the parts, merged, are one run. None = all."""

    def __post_init__(self) -> None:
        if not 1 <= self.k <= 64:
            raise SpecError(f"the number of keyframes must be 1 to 64, got {self.k}")
        for name in ("limit", "sample"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SpecError(f"{name} must be at least 1 item, got {value}")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            part, parts = self.shard
            raise SpecError(f"there is no shard {part}/{parts}; shards of {parts} are 1 to {parts}")
        if self.policy not in policy_names():
            known = ", ".join(policy_names())
            raise SpecError(f"unknown keyframe policy {self.policy!r}; known: {known}")
        if self.scoring not in SCORING:
            raise SpecError(f"unknown scoring {self.scoring!r}; known: {', '.join(SCORING)}")
        try:
            choose(self.conditions, self.k)
        except ValueError as error:
            raise SpecError(str(error)) from None

"""One experiment: specification, set and model, resolved and checked once, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from meme_sets import MemeSet
from memeprobe.conditions.table import PROTOCOL
from memeprobe.experiment.plan import ModelFacts, Plan, plain
from memeprobe.experiment.provenance import provenance
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.store.rows import Provenance
from ocr.own_model import identity
from vlm import DEFAULTS, LoadOptions, Model, is_named


@dataclass(frozen=True, eq=False)
class Experiment:
    """What runner, calibration, command line, pages and service take. Make it with ``of``."""

    spec: RunSpec
    meme_set: MemeSet
    model: Model
    plan: Plan
    options: LoadOptions = DEFAULTS
    """How the model was loaded."""
    judge: Model | None = None
    """A second model that judges free answers."""
    judge_spec: str | None = field(default=None)

    @classmethod
    def of(
        cls,
        spec: RunSpec,
        meme_set: MemeSet,
        model: Model,
        options: LoadOptions = DEFAULTS,
        judge: Model | None = None,
        judge_spec: str | None = None,
    ) -> "Experiment":
        """Resolve and check. Raises SpecError: the specification names another set or model, or
        set, model, language, delivery and conditions do not go together."""
        if not is_named(spec.model, model):
            raise SpecError(
                f"the specification names the model {spec.model!r}, but the model given is "
                f"{model.name!r}; make the two agree"
            )
        plan = Plan.of(spec, meme_set, ModelFacts.of(model))
        name = judge_spec or (judge.name if judge is not None else None)
        return cls(spec, meme_set, model, plan, options, judge, name)

    @property
    def plain_model(self) -> Model:
        """The model without translators around it."""
        return plain(self.model)

    @cached_property
    def identity(self) -> Mapping[str, object]:
        """What makes two runs the same run. Raises OSError if a media file of the set has gone."""
        spec = self.spec
        found: dict[str, object] = {
            "protocol": PROTOCOL,
            "set": self.meme_set.name,
            "content": self.meme_set.content_sha256(),
            "model": self.model.name,
            "revision": self.model.revision,
            "delivery": self.plan.delivery,
            "k": spec.k,
            "policy": spec.policy,
            "language": spec.language,
            "limit": spec.limit,
            "sample": spec.sample,
            "conditions": [c.name for c in self.plan.conditions],
            "engine": identity(spec.engine),
            "scoring": spec.scoring,
            "seed": spec.seed,
        }
        if self.options.max_new_tokens is not None:
            found["max_new_tokens"] = self.options.max_new_tokens
        if self.judge is not None:
            found["judge"] = [self.judge.name, self.judge.revision]
        return found

    @cached_property
    def provenance(self) -> Provenance:
        """What made the run."""
        return provenance(self.spec, self.meme_set, self.model, self.options, self.judge_spec)

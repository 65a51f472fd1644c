"""A batch run as it is asked for from a page or over HTTP: checked, then started as a job."""

from dataclasses import replace
from pathlib import Path

from meme_sets import MemeSet
from memeprobe.conditions.presets import PRESETS
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.plan import ModelFacts, Plan
from memeprobe.experiment.spec import RunSpec
from memeprobe.workers import batch
from ocr import DEFAULT_ENGINE
from ocr.own_model import chosen_engine
from vlm import deliveries_of


def sized(spec: RunSpec, preset: str) -> RunSpec:
    """The specification at a preset's size; a limit, a sample or conditions of its own win, and
    these are asked of all items. Its captions are read by the engine that reads here.

    Raises JobError for an unknown preset, SpecError for what cannot be.
    """
    if preset not in PRESETS:
        raise JobError(unknown("preset", preset, PRESETS))
    size = PRESETS[preset]
    conditions = spec.conditions if spec.conditions is not None else size.conditions
    asked = replace(spec, conditions=conditions, engine=chosen_engine(spec.engine))
    if spec.limit or spec.sample or spec.conditions is not None:
        return asked
    return replace(asked, sample=size.items)


def plan(spec: RunSpec, meme_set: MemeSet) -> Plan:
    """What the run would ask. Raises SpecError, ModelError: set and model do not allow it."""
    return Plan.of(spec, meme_set, ModelFacts(spec.model, deliveries_of(spec.model)))


def begin(
    spec: RunSpec, meme_set: MemeSet, source: str, preset: str, workspace: Path
) -> tuple[batch.Job, bool]:
    """(the job, whether it is new): the same run that is under way already is not begun twice.

    ``source``: the set as the command line takes it, a built-in name or a folder.
    """
    arguments = [source, "--model", spec.model]
    if spec.delivery is not None:
        arguments += ["--delivery", spec.delivery]
    arguments += ["--keyframes", str(spec.k), "--policy", spec.policy]
    arguments += ["--language", spec.language, "--preset", preset]
    arguments += _narrowed(spec, preset)
    if spec.engine != DEFAULT_ENGINE:
        arguments += ["--ocr", spec.engine]
    about = {
        "set": source,
        "set_name": meme_set.name,
        "model": spec.model,
        "delivery": spec.delivery or deliveries_of(spec.model)[0],
        "k": spec.k,
        "policy": spec.policy,
        "language": spec.language,
        "limit": spec.limit,
        "sample": spec.sample,
        "engine": spec.engine,
    }
    return batch.start_once("run", arguments, workspace, about)


def _narrowed(spec: RunSpec, preset: str) -> list[str]:
    """The options that say what of the preset is not asked as it stands."""
    size = PRESETS[preset]
    options = ["--limit", str(spec.limit)] if spec.limit is not None else []
    everything = spec.sample is None and spec.limit is None
    if spec.conditions != size.conditions or (everything and size.items is not None):
        options += [f"--condition={name}" for name in spec.conditions or ()]
    if spec.sample is not None and (options or spec.sample != size.items):
        options += ["--sample", str(spec.sample)]
    if spec.seed:
        options += [f"--seed={spec.seed}"]
    return options + (["--scoring", spec.scoring] if spec.scoring != "auto" else [])

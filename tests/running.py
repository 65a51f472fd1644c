"""Runs of tests: an experiment made on the spot, and run."""

from typing import Any

from meme_sets import MemeSet
from memeprobe import jobs
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import ModelFacts, Plan, RunSize
from memeprobe.experiment.spec import RunSpec
from memeprobe.running import runner
from memeprobe.store.store import Store
from memeprobe.verdicts.run_result import RunResult
from vlm import Model


def run(
    spec: RunSpec,
    meme_set: MemeSet,
    model: Model,
    store: Store,
    judge: Model | None = None,
    **more: Any,
) -> str:
    """The id of the run."""
    return runner.run(Experiment.of(spec, meme_set, model, judge=judge), store, **more)


def run_and_analyse(spec: RunSpec, meme_set: MemeSet, model: Model, store: Store) -> RunResult:
    """The result of the run."""
    return jobs.run_and_analyse(Experiment.of(spec, meme_set, model), store)


def plan(spec: RunSpec, meme_set: MemeSet, model: Model) -> RunSize:
    """How much the run would ask."""
    return Plan.of(spec, meme_set, ModelFacts.of(model)).size

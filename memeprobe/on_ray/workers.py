"""What runs in the cluster's processes: models that answer, and stimuli that are made for them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from frames import Limits
from meme_sets import load_set
from memeprobe.cache.file import Cache
from memeprobe.conditions.table import conditions
from memeprobe.errors import JobError
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import plain
from memeprobe.experiment.spec import RunSpec
from memeprobe.on_ray.remote import Facts, Remote
from memeprobe.running.known_budget import KnownBudget
from memeprobe.running.trials import PlannedTrial, trials_of
from memeprobe.stimuli.caption_reader import OcrReader
from vlm import Answer, LoadOptions, Model, Query, load_model

Piece = tuple[tuple[str, tuple[str, ...]], ...]
"""Ids of items, each with the names of the conditions that are asked of it."""
Sent = tuple[str, dict[str, Any]]
"""A planned trial on its way: the name of its condition, whose row holds functions, and its other
fields."""


@dataclass(frozen=True)
class Loading:
    """What a worker that answers loads."""

    spec: str
    """The model's."""
    folder: str
    """The set's, on every machine."""
    language: str
    options: LoadOptions
    limits: Limits
    judge: str | None = None
    """The judge's spec."""
    cache: Path | None = None
    """The cache's file on the machine ``node``; None: there is none."""
    bound: int = 0
    """The cache's, in bytes."""
    node: str = ""


class ModelWorker:
    """The actor that holds a model, and a judge if there is one."""

    def __init__(self, threads: int) -> None:
        # Read by torch when it is imported, which is later; Ray has set it to 1 by itself.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        self._models: dict[str, Model] = {}
        self._budget: KnownBudget | None = None

    def load(self, what: Loading) -> dict[str, Facts]:
        """Load what is asked for; 'model', 'plain' (without translators), 'judge' -> its facts.

        Raises ModelError, SetError, SpecError.
        """
        from memeprobe import jobs  # what imports torch comes after ``threads`` are set

        chosen = load_set(what.folder)
        model = jobs.model_for(what.spec, chosen, what.language, what.options, what.limits)
        self._models = {"model": model, "plain": plain(model)}
        cache = Cache(what.cache if node() == what.node else None, what.bound)
        self._budget = KnownBudget(plain(model), what.options, cache)
        if what.judge is not None:
            options = replace(what.options, translators=None)
            self._models["judge"] = load_model(what.judge, options)
        return {name: Facts.of(one) for name, one in self._models.items()}

    def answer(self, which: str, queries: Sequence[Query]) -> list[Answer]:
        """As the model called ``which`` answers."""
        try:
            return self._models[which].answer(queries)
        finally:
            if self._budget is not None:
                self._budget.keep()  # now: the process may be ended at any time


@dataclass(frozen=True)
class Workshop:
    """Where the stimuli of one run are made."""

    spec: RunSpec
    folder: str
    content: str
    """SHA-256 of the set, as the driver has it."""
    facts: Facts
    max_new_tokens: int | None
    node: str
    """The driver's machine, the only one that has the cache."""
    cache: Path | None
    bound: int


def make(workshop: Workshop, piece: Piece) -> list[Sent]:
    """The trials of a piece, with their pictures, made by a process of Ray. Raises what is wrong
    with the set as a whole."""
    made = _made(workshop, piece, node() == workshop.node)
    return [(one.condition.name, {**vars(one), "condition": None}) for one in made]


def received(workshop: Workshop, sent: list[Sent]) -> list[PlannedTrial]:
    """What was made elsewhere, each trial with the row of its condition again."""
    rows = conditions(workshop.spec.k)
    return [PlannedTrial(**{**fields, "condition": rows[name]}) for name, fields in sent]


def make_here(workshop: Workshop, piece: Piece) -> list[PlannedTrial]:
    """The same in the run's own process."""
    return _made(workshop, piece, True)


def _made(workshop: Workshop, piece: Piece, here: bool) -> list[PlannedTrial]:
    os.environ.setdefault("MEMEPROBE_OCR_THREADS", "1")
    experiment, reader, cache = _opened(workshop, here)
    items = {item.id: item for item in experiment.plan.items}
    rows = conditions(workshop.spec.k)
    wanted = [(items[item], [rows[name] for name in names]) for item, names in piece]
    return list(trials_of(experiment, reader, wanted, cache))


@lru_cache(maxsize=2)
def _opened(workshop: Workshop, here: bool) -> tuple[Experiment, OcrReader, Cache]:
    chosen = load_set(workshop.folder)
    if not here and chosen.content_sha256() != workshop.content:
        raise JobError(
            f"the set at {workshop.folder} on the machine {os.uname().nodename} is not the one "
            "that the run was begun with; copy it there again"
        )
    options = LoadOptions(max_new_tokens=workshop.max_new_tokens)
    experiment = Experiment.of(workshop.spec, chosen, Remote(workshop.facts, _nobody), options)
    cache = Cache(workshop.cache if here else None, workshop.bound)
    return experiment, OcrReader(workshop.spec.engine, cache), cache


def node() -> str:
    """The machine that this process of Ray's runs on, by Ray's name of it."""
    import ray

    found: str = ray.get_runtime_context().get_node_id()
    return found


def _nobody(queries: Sequence[Query]) -> list[Answer]:
    raise RuntimeError("who makes stimuli asks no model")

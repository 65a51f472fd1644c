"""Every trial that calibration draws from, made once: pictures, prompts, hashes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from meme_sets import Item, MemeSet, load_set
from memeprobe.calibrate.labels import LabelReader
from memeprobe.conditions.presets import PRESETS
from memeprobe.conditions.table import Condition
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import labels_of
from memeprobe.experiment.spec import RunSpec
from memeprobe.running.trials import PlannedTrial, trials_of, wanted_of
from memeprobe.stimuli.caption_reader import CaptionReader
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.rows import ItemLabels
from vlm.scripted import Scripted

SETS: dict[str, tuple[str, ...]] = {
    "reveal": ("first_frame", "order", "language"),
    "captions": ("caption",),
}
"""Built-in sets that calibrate the probes, and the verdicts that each is there for."""

LANGUAGES = ("asked_en", "asked_zh")
"""Conditions beside the preset's, for the language probe."""

Alter = Callable[[Condition], Condition]


@dataclass(frozen=True)
class Part:
    """The trials on one set."""

    name: str
    items: tuple[Item, ...]
    about: Mapping[str, ItemLabels]
    """Item id -> labels, as the store keeps them."""
    asked: Mapping[str, tuple[PlannedTrial, ...]]
    """Item id -> its trials."""
    eyes: ScriptedViewer


@dataclass(frozen=True)
class StimulusPool:
    """The trials on every set."""

    parts: tuple[Part, ...]
    size: int
    """Items that a run of the preset asks of each set."""


def make_pool(
    preset: str = "standard",
    alter: Alter = lambda condition: condition,
    limit: int | None = None,
    readers: Callable[[MemeSet], CaptionReader] | None = None,
    sets: tuple[str, ...] | None = None,
) -> StimulusPool:
    """Decode, edit and hash everything once.

    ``alter`` may change a condition before its pictures are made: a test breaks a probe with it.
    ``limit`` takes the first so many items of each set, ``readers`` makes the reader
    of a set (by default one that knows the labels).
    """
    chosen = PRESETS[preset].conditions
    names = None if chosen is None else (*chosen, *LANGUAGES)
    parts = []
    for name in sets or tuple(SETS):
        meme_set = load_set(name)
        reader = (readers or LabelReader)(meme_set)
        # Keyframes chosen by pictures: a certificate of the verdicts need not read every clip.
        spec = RunSpec(name, "known:fair", policy="distinct", conditions=names, limit=limit)
        eyes = ScriptedViewer(meme_set, reader=reader)
        shared: dict[str, np.ndarray] = {}
        asked: dict[str, list[PlannedTrial]] = {}
        experiment = Experiment.of(spec, meme_set, Scripted("fair"))
        for one in trials_of(experiment, reader, wanted_of(experiment.plan, alter=alter)):
            asked.setdefault(one.item.id, []).append(_shared(one, shared))
        kept = tuple(i for i in meme_set.items if i.id in asked)
        parts.append(
            Part(
                name,
                kept,
                {i.id: labels_of(i, "en") for i in kept},
                {k: tuple(v) for k, v in asked.items()},
                eyes,
            )
        )
    return StimulusPool(tuple(parts), PRESETS[preset].items or 10**6)


def _shared(asked: PlannedTrial, pictures: dict[str, np.ndarray]) -> PlannedTrial:
    """The same trial with equal pictures held once: a thousand grey frames would fill memory."""
    if asked.query is None:
        return asked
    images = tuple(
        pictures.setdefault(h, i) for h, i in zip(asked.hashes, asked.query.images, strict=True)
    )
    return replace(asked, query=replace(asked.query, images=images))

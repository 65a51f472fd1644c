"""Models, subjects, sets and runs as rows of a list; reads no weights and opens no media."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memeprobe.conditions.presets import PRESETS
from memeprobe.conditions.table import choose
from memeprobe.messages import labels
from memeprobe.store.rows import RunRecord
from vlm import ModelEntry, available
from vlm.memory import memory_bytes
from vlm.scripted import Scripted

if TYPE_CHECKING:
    from meme_sets import MemeSet


def describe_model(name: str, entry: ModelEntry) -> dict[str, Any]:
    """A row of ``memeprobe models``; memory is that of the weights, in bytes."""
    rest = entry.parameters - entry.language_parameters
    kinds = {"bfloat16": None, "int8": "int8", "int4": "int4"}
    return {
        "family": entry.family,
        "parameters": entry.parameters,
        "memory": {k: memory_bytes(entry.language_parameters, rest, q) for k, q in kinds.items()},
        "languages": entry.languages,
        "deliveries": list(entry.deliveries),
        "available": available(name, entry),
        "licence": entry.licence,
        "source": entry.source,
        "downloads": list(entry.needed),
        "translators": list(entry.translators or ()),
        "about": entry.about,
    }


def describe_subject(name: str) -> dict[str, Any]:
    """A known subject as a row of ``memeprobe models``."""
    return {
        "family": "known subject",
        "parameters": 0,
        "memory": {},
        "languages": "en zh",
        "deliveries": list(Scripted.deliveries),
        "available": True,
        "licence": "",
        "source": "scripted",
        "downloads": [],
        "translators": [],
        "about": labels.label(labels.SUBJECTS, name),
    }


def describe_set(meme_set: "MemeSet") -> dict[str, Any]:
    """A row of ``memeprobe sets``."""
    return {
        "name": meme_set.name,
        "items": len(meme_set.items),
        "languages": list(meme_set.languages),
        "folder": str(meme_set.folder),
        "about": meme_set.description.en,
    }


def describe_run(run: RunRecord) -> dict[str, Any]:
    """A row of ``memeprobe runs``; times in seconds of the epoch, ``seconds`` from the first batch
    to the last."""
    return {
        "run": run.run,
        "name": run.name,
        "note": run.note,
        "model": run.model,
        "set": run.set,
        "delivery": run.delivery,
        "language": run.language,
        "preset": preset_of(run),
        "items": run.sample or run.limit,
        "done": run.done,
        "planned": run.planned,
        "created": run.created,
        "updated": run.updated,
        "seconds": run.updated - run.created,
    }


def matching(runs: Sequence[RunRecord], needle: str) -> list[RunRecord]:
    """The runs in whose name, note, model, set, delivery, language or id every word of ``needle``
    stands."""
    words = needle.casefold().split()

    def told(run: RunRecord) -> str:
        about = (run.name, run.note, run.model, run.set, run.delivery, run.language, run.run)
        return " ".join(about).casefold()

    return [run for run in runs if all(word in told(run) for word in words)]


def preset_of(run: RunRecord) -> str | None:
    """The preset whose conditions a run asked; None if it was put together otherwise."""
    for name, preset in PRESETS.items():
        table = choose(preset.conditions, run.k or 1)
        needed = {
            n
            for n, c in table.items()
            # What a set or a model may not allow is left out of 'full'.
            if preset.conditions is not None or not (c.language or c.sandwich or c.said == "sheet")
        }
        if needed <= set(run.conditions) <= set(table):
            return name
    return None

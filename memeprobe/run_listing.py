"""Runs as rows of a list, and which of them are meant."""

from collections.abc import Sequence
from typing import Any

from memeprobe.conditions.presets import PRESETS
from memeprobe.conditions.table import choose
from memeprobe.store.rows import RunRecord


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

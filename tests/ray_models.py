"""Models that the processes of a Ray cluster load in tests: they die of questions, or once."""

import os
from collections.abc import Sequence
from pathlib import Path

from memeprobe.on_ray.remote import Facts
from memeprobe.on_ray.workers import Loading, ModelWorker
from tests.colour_set import Eye
from vlm import Answer, Query

HEIGHT = 22
"""Of the pictures that kill whoever sees them."""


class Deadly(ModelWorker):
    """Holds an Eye; a picture of ``HEIGHT`` ends the process."""

    def load(self, what: Loading) -> dict[str, Facts]:
        self._models = {"model": Eye()}
        return {"model": Facts.of(self._models["model"])}

    def answer(self, which: str, queries: Sequence[Query]) -> list[Answer]:
        if any(image.shape[0] == HEIGHT for q in queries for image in q.images):
            os._exit(1)
        return super().answer(which, queries)


def noted(what: Loading) -> int:
    """How often something was loaded, this time counted, by files in the folder that ``what.spec``
    names."""
    number = 1
    while True:
        try:
            (Path(what.spec) / str(number)).touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number


class Late(ModelWorker):
    """The first of all dies while it loads."""

    def load(self, what: Loading) -> dict[str, Facts]:
        if noted(what) == 1:
            os._exit(1)
        self._models = {"model": Eye()}
        return {"model": Facts.of(self._models["model"])}


class Frail(ModelWorker):
    """One of two dies at its first question, and nothing comes up in its place; what is loaded is
    noted."""

    def load(self, what: Loading) -> dict[str, Facts]:
        self._number = noted(what)
        if self._number > 2:
            raise MemoryError("no device is free")
        self._models = {"model": Eye(delay=0.05)}
        return {"model": Facts.of(self._models["model"])}

    def answer(self, which: str, queries: Sequence[Query]) -> list[Answer]:
        if self._number == 2:
            os._exit(1)
        return super().answer(which, queries)

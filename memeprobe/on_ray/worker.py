"""The driver's hold on one process with a model: another takes its place when it dies."""

import contextlib
from collections.abc import Sequence
from functools import partial

from memeprobe.on_ray.cluster import Cluster, Died, NotDone
from memeprobe.on_ray.driver import first_line
from memeprobe.on_ray.remote import Facts, Remote
from memeprobe.on_ray.workers import Loading, ModelWorker
from memeprobe.running.asking import ModelLost
from vlm import Answer, ModelError, Query

DEATHS = 2
"""So often a process may die over the same questions: then it is they that kill it."""
LOADING_SECONDS = 1800.0
"""Within so long a process must be there and have loaded its model."""


class Worker:
    """One process of the cluster that holds the model, on a device of its own."""

    def __init__(
        self, cluster: Cluster, what: Loading, gpus: int, threads: int, abreast: int
    ) -> None:
        """Begins to load; ``ready`` waits for it."""
        self._cluster, self._what, self._gpus = cluster, what, gpus
        self._threads, self._abreast = threads, abreast
        self._facts: dict[str, Facts] = {}
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        self._actor = self._cluster.hold(self._gpus, ModelWorker, self._threads)
        self._loading = self._cluster.ask(self._actor, "load", self._what)

    def is_ready(self, seconds: float) -> bool:
        """Whether it has loaded, or failed to, within so many seconds."""
        return bool(self._cluster.wait([self._loading], seconds))

    def ready(self) -> dict[str, Facts]:
        """What it has loaded; a process that dies meanwhile is replaced once. Raises what the
        loading raised, and ModelLost."""
        try:
            try:
                found = self._loaded()
            except Died:
                if self._ended:
                    raise
                self._begin()
                found = self._loaded()
        except NotDone as error:
            raise ModelLost(f"no process with the model came up: {error}") from None
        if self._facts and _same(found) != _same(self._facts):
            raise ModelLost(f"another process loaded another model: {_same(found)}")
        self._facts = found
        return found

    def _loaded(self) -> dict[str, Facts]:
        found: dict[str, Facts] = self._cluster.get(self._loading, LOADING_SECONDS)
        return found

    def model(self) -> Remote:
        """The model that it holds."""
        asks = partial(self._answer, "model"), partial(self._answer, "plain")
        return Remote(self._facts["model"], *asks, abreast=self._abreast)

    def judge(self) -> Remote | None:
        """The judge that it holds."""
        facts = self._facts.get("judge")
        return None if facts is None else Remote(facts, partial(self._answer, "judge"))

    def _answer(self, which: str, queries: Sequence[Query]) -> list[Answer]:
        for _ in range(DEATHS):
            if self._ended:
                break
            try:
                asked = self._cluster.ask(self._actor, "answer", which, list(queries))
                found: list[Answer] = self._cluster.get(asked)
                return found
            except NotDone:
                self._replace()
        if self._ended:
            raise ModelLost("the run was ended")
        raise ModelError(f"the process that holds the model died {DEATHS} times over this")

    def _replace(self) -> None:
        """Another process in place of the dead one. Raises ModelLost: there is none."""
        if self._ended:
            return
        try:
            self._cluster.kill(self._actor)  # whatever is left of it holds a device
            self._begin()
            self.ready()
        except Exception as error:
            self.end()
            raise ModelLost(first_line(error)) from None

    def end(self) -> None:
        """End the process."""
        self._ended = True
        with contextlib.suppress(NotDone, ModelLost):  # then it has ended, or does with its cluster
            self._cluster.kill(self._actor)


def _same(facts: dict[str, Facts]) -> list[tuple[str, str]]:
    """What must not differ between the processes of a run."""
    return sorted((one.name, one.revision) for one in facts.values())

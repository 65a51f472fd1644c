"""The driver's hold on one process with a model: another takes its place when it dies."""

from collections.abc import Sequence
from functools import partial

from memeprobe.on_ray.cluster import library
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

    def __init__(self, what: Loading, gpus: int, threads: int, abreast: int) -> None:
        """Begins to load; ``ready`` waits for it."""
        self._what, self._gpus, self._threads, self._abreast = what, gpus, threads, abreast
        self._facts: dict[str, Facts] = {}
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        # Next to no processor is reserved: that is for who makes stimuli.
        actor = (
            library()
            .remote(ModelWorker)
            .options(num_cpus=0, num_gpus=self._gpus, scheduling_strategy="SPREAD")
        )
        self._actor = actor.remote(self._threads)
        self._loading = self._actor.load.remote(self._what)

    def is_ready(self, seconds: float) -> bool:
        """Whether it has loaded, or failed to, within so many seconds."""
        done, _ = library().wait([self._loading], timeout=seconds)
        return bool(done)

    def ready(self) -> dict[str, Facts]:
        """What it has loaded; a process that dies meanwhile is replaced once. Raises what the
        loading raised, and ModelLost."""
        try:
            found = self._loaded()
        except library().exceptions.RayActorError:
            self._begin()
            found = self._loaded(again=True)
        if self._facts and _same(found) != _same(self._facts):
            raise ModelLost(f"another process loaded another model: {_same(found)}")
        self._facts = found
        return found

    def _loaded(self, again: bool = False) -> dict[str, Facts]:
        """Raises RayActorError: its process died, unless it did ``again``."""
        ray = library()
        try:
            found: dict[str, Facts] = ray.get(self._loading, timeout=LOADING_SECONDS)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except ray.exceptions.RayError as error:
            if isinstance(error, ray.exceptions.RayActorError) and not (again or self._ended):
                raise
            raise ModelLost(f"no process with the model came up: {_first_line(error)}") from None
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
        ray = library()
        for _ in range(DEATHS):
            if self._ended:
                break
            try:
                found: list[Answer] = ray.get(self._actor.answer.remote(which, list(queries)))
                return found
            except ray.exceptions.RayActorError:
                self._replace()
        if self._ended:
            raise ModelLost("the run was ended")
        raise ModelError(f"the process that holds the model died {DEATHS} times over this")

    def _replace(self) -> None:
        """Another process in place of the dead one. Raises ModelLost: there is none."""
        if self._ended:
            return
        self._begin()
        try:
            self.ready()
        except Exception as error:
            self.end()
            raise ModelLost(_first_line(error)) from None

    def end(self) -> None:
        """End the process."""
        self._ended = True
        library().kill(self._actor)


def _same(facts: dict[str, Facts]) -> list[tuple[str, str]]:
    """What must not differ between the processes of a run."""
    return sorted((one.name, one.revision) for one in facts.values())


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]

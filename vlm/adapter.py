"""What every adapter shares: batching, deliveries, receipts, and errors: one question that fails
costs no other its answer."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from vlm.budget import Budget
from vlm.delivery import ModelInput, ModelOutput, combine, looks, receipt
from vlm.errors import Gone, Later, ModelError
from vlm.free_memory import measured
from vlm.query import Answer, Query
from vlm.recipes import recipes_for


class Adapter(ABC):
    """A model behind the project's interface. A new one implements ``look``; the rest
    is inherited."""

    name: str
    revision: str
    deliveries: tuple[str, ...]
    batch_size: int | None = None
    """Looks that are asked at once; None: as many as ``budget`` has tokens for."""
    first_budget: int = 16
    """Where the budget begins, in what ``cost`` counts."""

    @abstractmethod
    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Ask the model, once for each look, in order. Raises whatever goes wrong."""

    def cost(self, look: ModelInput) -> int:
        """About how many tokens a look is, its answer included. For a model that does not know:
        how many pictures."""
        return len(look.images)

    @property
    def repeatable(self) -> bool:
        """Whether the very same question always gets the very same words. True where the adapter
        itself decodes and leaves nothing to chance; a server may draw its words."""
        return False

    @cached_property
    def budget(self) -> Budget:
        """How much is asked at once."""
        return Budget(self.first_budget)

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer per query, in order; a query that fails does not touch the others."""
        made = [looks(q) if self._refusal(q) is None else [] for q in queries]
        flat = [look for several in made for look in several]
        costs = [self._cost(look) for look in flat]

        # Looks of like length share a batch, so that little of it is padding.
        def length(i: int) -> tuple[int, int, int]:
            return len(flat[i].images), costs[i], len(flat[i].text)

        order = sorted(range(len(flat)), key=length)
        results: list[ModelOutput | Exception] = [RuntimeError("not asked")] * len(flat)
        start = 0
        while start < len(order):
            size = self.batch_size or self.budget.takes([costs[i] for i in order[start:]])
            places = order[start : start + size]
            batch = self._timed([flat[i] for i in places], [costs[i] for i in places])
            for place, result in zip(places, batch, strict=True):
                results[place] = result
            start += len(places)
        answers, at = [], 0
        for query, several in zip(queries, made, strict=True):
            answers.append(self._assemble(query, several, results[at : at + len(several)]))
            at += len(several)
        return answers

    def _refusal(self, query: Query) -> str | None:
        if query.delivery in (*self.deliveries, *recipes_for(self.deliveries)):
            return None
        return (
            f"{self.name} does not support the delivery {query.delivery!r}; "
            f"it supports {', '.join(self.deliveries)}"
        )

    def _cost(self, look: ModelInput) -> int:
        """1 at least, whatever the model makes of the look: asking it will tell what is wrong."""
        try:
            return max(1, self.cost(look))
        except Exception:
            return max(1, len(look.images))

    def _timed(self, batch: list[ModelInput], costs: list[int]) -> list[ModelOutput | Exception]:
        """Ask a batch, and let the budget know what it took."""
        if self.batch_size is not None or self.budget.settled:
            return self._batch(batch)
        began = time.perf_counter()
        with measured(str(getattr(self, "device", "cpu"))) as room:
            results = self._batch(batch)
        if not any(isinstance(result, Exception) for result in results):
            self.budget.took(costs, time.perf_counter() - began, room())
        return results

    def _batch(self, batch: list[ModelInput]) -> list[ModelOutput | Exception]:
        """Ask a batch; if it fails, ask its members one by one, so that only the guilty fail.

        A batch for which the memory is too small is halved, and so is every batch after it.
        """
        try:
            seen = self.look(batch)
        except Exception as error:
            if len(batch) == 1:
                return [error]
            problem = error.with_traceback(None)
        else:
            if len(seen) != len(batch):
                raise RuntimeError(f"{self.name} gave {len(seen)} answers to {len(batch)} looks")
            return list(seen)
        # Only here, when the failed call's frames and what they hold are gone.
        size = 1
        if out_of_memory(problem):
            size = (len(batch) + 1) // 2
            if self.batch_size is not None:
                self.batch_size = min(self.batch_size, size)
            else:
                self.budget.short([self._cost(look) for look in batch])
        del problem
        parts = [batch[i : i + size] for i in range(0, len(batch), size)]
        return [result for part in parts for result in self._batch(part)]

    def _assemble(
        self, query: Query, made: list[ModelInput], results: Sequence[ModelOutput | Exception]
    ) -> Answer:
        refusal = self._refusal(query)
        if refusal is not None:
            return Answer(None, None, error=refusal)
        failed = [r for r in results if isinstance(r, Exception)]
        if failed:
            waiting = [f for f in failed if isinstance(f, Later)]
            return Answer(
                None,
                receipt(query, made, ""),
                error=_message((waiting or failed)[0]),
                later=bool(waiting),
                gone=any(isinstance(f, Gone) for f in waiting),
            )
        seen = [r for r in results if isinstance(r, ModelOutput)]
        try:
            return replace(combine(query, made, seen), repeatable=self.repeatable)
        except ValueError as error:  # for example log-probabilities that are not finite
            return Answer(None, receipt(query, made, seen[0].prompt), error=str(error))


def out_of_memory(error: Exception) -> bool:
    """Whether a model failed because its device has too little memory: torch's own error for
    CUDA, or what MPS and the CPU's allocator say."""
    return type(error).__name__ == "OutOfMemoryError" or any(
        said in str(error).lower() for said in ("out of memory", "can't allocate memory")
    )


def _message(error: Exception) -> str:
    """What went wrong, for the user; a ModelError is written for him as it is."""
    if isinstance(error, ModelError):
        return str(error)
    cure = " (and it was asked alone: give fewer keyframes, --delivery grid, or --quantise int4)"
    return f"{type(error).__name__}: {error}{cure if out_of_memory(error) else ''}"

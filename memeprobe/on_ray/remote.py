"""A model that another process holds, as the driver knows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from memeprobe.experiment.plan import plain
from vlm import Answer, Model, Query


@dataclass(frozen=True)
class Facts:
    """What is known of a model that is not here."""

    name: str
    revision: str
    deliveries: tuple[str, ...]
    device: str
    translated: bool = False
    """Whether translators stand around it."""

    @classmethod
    def of(cls, model: Model) -> "Facts":
        """The facts of a loaded model."""
        named = model.name, model.revision, tuple(model.deliveries)
        return cls(*named, str(getattr(model, "device", "")), plain(model) is not model)


class Remote:
    """A ``vlm.Model`` that is asked elsewhere."""

    def __init__(
        self,
        facts: Facts,
        ask: Callable[[Sequence[Query]], list[Answer]],
        ask_plain: Callable[[Sequence[Query]], list[Answer]] | None = None,
        abreast: int = 1,
    ) -> None:
        """``ask_plain``: the same without its translators. ``abreast``: how many of it there are,
        each of which answers at its own pace."""
        self.name, self.revision, self.deliveries = facts.name, facts.revision, facts.deliveries
        self.device = f"{abreast} x {facts.device}" if abreast > 1 else facts.device
        self.abreast, self._ask = abreast, ask
        if facts.translated:
            self.inner = Remote(replace(facts, translated=False), ask_plain or ask)

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer per query, in order. Raises ModelLost: nobody is there to ask any more."""
        return self._ask(queries)

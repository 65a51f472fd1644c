"""What a device was found to bear and to be worth asking at once, kept beside the workspace."""

from memeprobe.cache.file import Cache
from vlm import LoadOptions, Model
from vlm.adapter import Adapter
from vlm.budget import Budget

KIND = "token budget"
"""Of the entries in the cache; their value is a number of tokens."""


class KnownBudget:
    """The budget of one model (``vlm.budget``), taken up where earlier runs have found it.

    It holds for the same weights, precision and device. A batch size that the user gave, or that
    the adapter has, stays as it is.
    """

    def __init__(self, model: Model, options: LoadOptions, cache: Cache) -> None:
        """Gives the model what is known."""
        self._cache = cache
        self._budget: Budget | None = None
        if not isinstance(model, Adapter) or model.batch_size is not None:
            return
        self._budget = model.budget
        device = getattr(model, "device", "")
        self._key = (model.name, model.revision, options.dtype, str(device), _chip(str(device)))
        self._found = 0
        # An entry is never written again, so that each finding has one of its own; the last holds.
        while (value := self._cache.get(KIND, *self._key, self._found)) is not None:
            self._budget.keep(int(value))
            self._found += 1
        self._known = self._budget.tokens if self._found else None

    def keep(self) -> None:
        """Keep what was found out since."""
        budget = self._budget
        if budget is not None and budget.settled and budget.tokens != self._known:
            value = str(budget.tokens).encode()
            self._cache.put(KIND, *self._key, self._found, value=value)
            self._found, self._known = self._found + 1, budget.tokens


def _chip(device: str) -> str:
    """Which GPU it is: a cache may lie on a disk that several machines share."""
    if not device.startswith("cuda"):
        return ""
    import torch

    return torch.cuda.get_device_name(device) if torch.cuda.is_available() else ""

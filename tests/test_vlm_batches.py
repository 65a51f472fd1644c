"""How many questions a model is asked at once: as told, and less where memory does not suffice."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from vlm import LoadOptions, Query, load_model
from vlm.adapter import Adapter
from vlm.errors import ModelError


def asked(model: Any, monkeypatch: pytest.MonkeyPatch, room: int = 99) -> list[int]:
    """Sizes of the batches in which seven questions are asked, where ``room`` fit into memory."""
    sizes: list[int] = []
    real = model.look

    def look(batch: Sequence[Any]) -> Any:
        sizes.append(len(batch))
        if len(batch) > room:
            raise RuntimeError("CUDA out of memory")
        return real(batch)

    monkeypatch.setattr(model, "look", look)
    image = np.zeros((32, 32, 3), np.uint8)
    answers = model.answer([Query((image,), f"What is {n}?", (), "concat", 2) for n in range(7)])
    assert all(answer.error is None for answer in answers)
    monkeypatch.undo()
    return sizes


@pytest.mark.slow
def test_batches_are_as_large_as_told_and_halved_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model("blip-nano", LoadOptions("cpu", batch_size=3))
    assert isinstance(model, Adapter)
    assert asked(model, monkeypatch) == [3, 3, 1]
    assert asked(model, monkeypatch, room=2) == [3, 2, 1, 2, 2]
    assert asked(model, monkeypatch, room=2) == [2, 2, 2, 1]
    model = load_model("blip-nano", LoadOptions("cpu"))
    assert isinstance(model, Adapter)
    assert asked(model, monkeypatch) == [7]
    assert asked(model, monkeypatch, room=2) == [7, 4, 2, 2, 3, 2, 1]
    assert model.budget.settled and asked(model, monkeypatch, room=2) == [2, 2, 2, 1]
    with pytest.raises(ModelError, match="batch_size must be at least 1, got 0"):
        LoadOptions(batch_size=0)

"""The budget of tokens: batches packed by hand, what grows and what does not, real memory."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from vlm import LoadOptions, Query, adapter, free_memory, load_model
from vlm.adapter import Adapter
from vlm.budget import Budget
from vlm.delivery import ModelInput, ModelOutput


@pytest.mark.parametrize(
    ("costs", "tokens", "want"),
    [
        ([40, 40, 40, 40], 100, [2, 2]),  # 3 x 40 = 120
        ([40, 40, 40, 40], 160, [4]),
        ([40, 40, 40, 40], 159, [3, 1]),
        ([10, 10, 10, 300, 300], 600, [3, 2]),  # 4 x 300 = 1200; 2 x 300 = 600
        ([10, 20, 30, 40], 100, [3, 1]),  # 3 x 30 = 90, 4 x 40 = 160
        ([300, 10, 10], 600, [2, 1]),  # in this order the longest is the first
        ([500, 500], 100, [1, 1]),  # larger than the budget: alone
        ([1], 1, [1]),
        ([], 100, []),
    ],
)
def test_batches_are_filled_up_to_the_budget(
    costs: list[int], tokens: int, want: list[int]
) -> None:
    """Each batch's looks times the longest of them, worked out by hand."""
    budget, found = Budget(tokens), []
    left = list(costs)
    while left:
        found.append(budget.takes(left))
        left = left[found[-1] :]
    assert found == want


# Batches of 10 looks, and (seconds a token x 1000, room) of each; then the budget and whether it
# stays. It begins at 1000; looks cost a tenth of what it is by then.
PAYS = [(2.0, True), (1.0, True)]


@pytest.mark.parametrize(
    ("batches", "tokens", "settled"),
    [
        ([(2.0, True)], 1000, False),  # one batch says nothing: it warmed up
        (PAYS, 2000, False),
        ([*PAYS, (0.8, True), (0.8, True)], 4000, False),
        ([*PAYS, (5.0, True), (0.8, True)], 4000, False),  # the faster one counts
        ([*PAYS, (0.95, True), (0.95, True)], 1000, True),  # a twentieth less is not worth it
        ([*PAYS, (0.8, True), (0.8, False)], 2000, True),  # pays, but no memory for more
        ([(2.0, True), (1.0, False)], 1000, True),
    ],
)
def test_the_budget_doubles_while_that_pays_and_there_is_memory(
    batches: list[tuple[float, bool]], tokens: int, settled: bool
) -> None:
    budget = Budget(1000)
    for per_token, room in batches:
        # Of one kind: 70 to 127 tokens each.
        costs = [100] * (budget.tokens // 100)
        budget.took(costs, per_token / 1000 * sum(costs), room)
    assert (budget.tokens, budget.settled) == (tokens, settled)


def test_batches_that_do_not_fill_it_or_are_of_another_kind_say_nothing() -> None:
    budget = Budget(1000)
    for _ in range(9):
        budget.took([100] * 7, 0.1, True)
    assert budget.tokens == 1000
    for _ in range(2):
        budget.took([100] * 10, 1.0, True)
    for _ in range(9):
        budget.took([500] * 4, 9.0, True)  # slower, but never measured at half the budget
    assert (budget.tokens, budget.settled) == (2000, False)


def test_what_there_was_no_memory_for_is_halved_for_good() -> None:
    budget = Budget(1000)
    budget.short([10, 100, 100, 100, 100])  # 5 x 100 were too much, 3 x 100 are let in
    assert (budget.tokens, budget.settled) == (300, True)
    assert budget.takes([100] * 5) == 3
    budget.took([100] * 3, 0.0, True)
    budget.short([100] * 3)
    assert budget.tokens == 200
    budget.short([50, 50])
    assert budget.tokens == 50


class Weighing(Adapter):
    """Says how many pictures it sees; each costs ``each``."""

    name, revision, deliveries = "weighing", "1", ("native",)
    first_budget = 100

    def __init__(self, each: int | None) -> None:
        self.each = each
        self.batches: list[list[int]] = []

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        self.batches.append([len(one.images) for one in batch])
        return [ModelOutput(str(len(one.images)), one.text) for one in batch]

    def cost(self, look: ModelInput) -> int:
        return super().cost(look) if self.each is None else len(look.images) * self.each


def asked(model: Adapter, counts: Sequence[int]) -> list[str | None]:
    one = np.zeros((4, 4, 3), np.uint8)
    return [a.text for a in model.answer([Query((one,) * n, "?", (), "native") for n in counts])]


@pytest.mark.parametrize(
    ("each", "want"),
    [
        (10, [[0, 1, 1, 1], [8], [8], [8]]),  # 5 looks with one of 80 tokens are 400
        (4, [[0, 1, 1, 1], [8, 8, 8]]),  # 3 x 32 = 96
        (None, [[0, 1, 1, 1, 8, 8, 8]]),  # by pictures: 7 x 8 = 56
    ],
)
def test_an_adapter_fills_its_batches_and_keeps_the_order(
    each: int | None, want: list[list[int]]
) -> None:
    model, counts = Weighing(each), [8, 1, 8, 1, 0, 8, 1]
    assert asked(model, counts) == [str(n) for n in counts]
    assert model.batches == want
    model.batch_size = 3
    model.batches.clear()
    assert asked(model, counts) == [str(n) for n in counts]
    assert model.batches == [[0, 1, 1], [1, 8, 8], [8]]


def test_a_budget_grows_in_a_model_that_is_no_slower_with_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = Weighing(10)
    ticks = iter(range(10_000))
    monkeypatch.setattr("vlm.adapter.time.perf_counter", lambda: float(next(ticks)))

    @contextmanager
    def roomy(device: str) -> Iterator[Callable[[], bool]]:
        yield lambda: model.budget.tokens < 800

    monkeypatch.setattr(adapter, "measured", roomy)
    asked(model, [1] * 310)  # each batch takes one tick, so that more at once is always cheaper
    assert (model.budget.tokens, model.budget.settled) == (800, True)
    assert [len(b) for b in model.batches] == [10, 10, 20, 20, 40, 40, 80, 80, 10]


TAKES = """
import sys
from pathlib import Path
import numpy as np
from vlm import free_memory
taken, free_memory.MEMINFO = int(sys.argv[1]), Path(sys.argv[2])
free_memory.LIMIT = free_memory.MEMINFO.parent / "no-container"
with free_memory.measured("cpu") as room:
    block = np.ones(taken, np.uint8)
    del block
print(room())
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells")
@pytest.mark.parametrize(("times", "fits"), [(2, False), (4, True)])
def test_memory_is_measured_on_this_machine(times: int, fits: bool, tmp_path: Path) -> None:
    """In a process of its own: in this one, what other tests have left may be freed meanwhile."""
    taken, told = 64 << 20, tmp_path / "meminfo"
    told.write_text(f"MemTotal: 1 kB\nMemAvailable: {times * taken // 1024} kB\n")
    given = [sys.executable, "-c", TAKES, str(taken), str(told)]
    done = subprocess.run(given, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [str(fits)]


def test_a_container_without_room_and_a_device_that_does_not_tell_get_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = 64 << 20
    limit, used = tmp_path / "limit", tmp_path / "used"
    limit.write_text("1000000\n")
    used.write_text("999999\n")
    monkeypatch.setattr(free_memory, "LIMIT", limit)
    monkeypatch.setattr(free_memory, "USED", used)
    with free_memory.measured("cpu") as room:
        block = np.ones(taken, np.uint8)
        del block
    assert not room()
    with free_memory.measured("cpu") as room:
        pass  # nothing was taken, or as much was freed beside it: there is no room all the same
    assert not room()
    with free_memory.measured("mps") as room:
        pass
    assert not room(), "who does not tell gets no more"


@pytest.mark.slow
def test_a_trial_costs_what_the_receipt_says_that_it_took() -> None:
    model = load_model("blip-nano", LoadOptions("cpu"))
    assert isinstance(model, Adapter)
    for pictures in (0, 1, 8):
        image = np.zeros((64, 64, 3), np.uint8)
        look = ModelInput((image,) * pictures, "What is in the picture?", (), 20)
        (seen,) = model.look([look])
        assert seen.seen is not None and seen.seen.prompt_tokens is not None
        assert model.cost(look) == seen.seen.prompt_tokens + 20

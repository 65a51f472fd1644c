"""What a device bears at once is learned once, and remembered by the runs that follow."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from memeprobe.cache.file import cache_beside
from memeprobe.experiment.experiment import Experiment
from memeprobe.running import runner
from memeprobe.store.store import Store
from tests.colour_set import plainly, write_set
from vlm import DEFAULTS, LoadOptions
from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput

pytestmark = pytest.mark.usefixtures("no_rechecks")


class Small(Adapter):
    """A model whose device bears ``room`` questions at once."""

    name, revision, deliveries = "eye", "1", ("native", "concat")

    def __init__(self, room: int, device: str = "cuda:0") -> None:
        self.room, self.device = room, device
        self.sizes: list[int] = []

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        self.sizes.append(len(batch))
        if len(batch) > self.room:
            raise RuntimeError("CUDA out of memory")
        return [ModelOutput("red", look.text) for look in batch]


def sizes(tmp_path: Path, model: Small, options: LoadOptions = DEFAULTS, k: int = 4) -> list[int]:
    """Sizes of the batches of a run with the cache of earlier ones, but none of their answers."""
    store = tmp_path / "w.sqlite"
    store.unlink(missing_ok=True)
    spec = plainly(conditions=("first", "last", "keyframes", "reversed"), k=k)
    chosen = write_set(tmp_path / "set")
    with Store(store) as opened:
        runner.run(Experiment.of(spec, chosen, model, options), opened)
    return model.sizes


def test_a_later_run_never_asks_too_much_again(tmp_path: Path) -> None:
    first = sizes(tmp_path, Small(room=5))
    assert max(first) > 5 and first[-1] <= 5
    assert max(sizes(tmp_path, Small(room=5))) <= 5


@pytest.mark.parametrize(
    ("device", "options", "k"),
    [("cuda:1", DEFAULTS, 4), ("cuda:0", LoadOptions(batch_size=16), 4), ("cuda:0", DEFAULTS, 3)],
)
def test_it_holds_for_what_it_was_learned_on_alone(
    tmp_path: Path, device: str, options: LoadOptions, k: int
) -> None:
    sizes(tmp_path, Small(room=5))
    assert max(sizes(tmp_path, Small(99, device), options, k)) > 5


def test_clearing_the_cache_forgets_it(tmp_path: Path) -> None:
    sizes(tmp_path, Small(room=5))
    cache_beside(tmp_path / "w.sqlite").clear()
    assert max(sizes(tmp_path, Small(99))) > 5

"""What a device bears at once is learned once, and remembered by the runs that follow."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from memeprobe.cache.file import Cache, cache_beside
from memeprobe.experiment.experiment import Experiment
from memeprobe.on_ray import workers
from memeprobe.on_ray.workers import Loading
from memeprobe.running import runner
from memeprobe.store.store import Store
from tests.colour_set import plainly, write_set
from vlm import DEFAULTS, LoadOptions, Query
from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput

pytestmark = pytest.mark.usefixtures("no_rechecks")


class Small(Adapter):
    """A model whose device bears ``room`` questions at once."""

    name, revision, deliveries = "eye", "1", ("native", "concat")
    first_budget = 64  # pictures, as it does not say what a look costs

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
    ("device", "options"),
    [("cuda:1", DEFAULTS), ("cuda:0", LoadOptions(dtype="float16"))],
)
def test_it_holds_for_what_it_was_learned_on_alone(
    tmp_path: Path, device: str, options: LoadOptions
) -> None:
    sizes(tmp_path, Small(room=5))
    assert max(sizes(tmp_path, Small(99, device), options)) > 5


def test_a_batch_size_that_was_given_stays(tmp_path: Path) -> None:
    sizes(tmp_path, Small(room=5))
    model = Small(99)
    model.batch_size = 16
    assert max(sizes(tmp_path, model)) == 16


def test_a_worker_of_ray_halves_its_own_and_finds_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process with the model, without Ray around it; another machine has no such cache."""
    chosen = write_set(tmp_path / "set")
    cache = Cache(tmp_path / "c.sqlite")
    monkeypatch.setattr(workers, "node", lambda: "here")
    query = Query(tuple(np.zeros((4, 4, 3), np.uint8) for _ in range(4)), "?", (), "native")
    for node, want in (("here", [12, 6, 3, 3, 6, 3, 3]), ("here", [3] * 4), ("there", [12])):
        model = Small(room=99 if node == "there" else 5)
        monkeypatch.setattr("memeprobe.jobs.model_for", lambda *_, model=model: model)
        actor = workers.ModelWorker(1)
        spec = plainly()
        what = Loading("eye", str(chosen.folder), "en", DEFAULTS, spec.limits, None)
        actor.load(replace(what, cache=cache.path, bound=cache.bound, node=node))
        answers = actor.answer("model", [query] * 12)
        assert [a.text for a in answers] == ["red"] * 12 and model.sizes == want


def test_clearing_the_cache_forgets_it(tmp_path: Path) -> None:
    sizes(tmp_path, Small(room=5))
    cache_beside(tmp_path / "w.sqlite").clear()
    assert max(sizes(tmp_path, Small(99))) > 5

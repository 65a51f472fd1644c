"""The engine of a cluster: a run whose workers are all lost is paused and goes on later."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import table
from meme_sets import MemeSet, load_set
from memeprobe.conditions.table import conditions
from memeprobe.errors import Paused
from memeprobe.experiment.experiment import Experiment
from memeprobe.on_ray.cluster import Cluster, Died
from memeprobe.on_ray.engine import RayEngine
from memeprobe.on_ray.pieces import Pieces
from memeprobe.on_ray.remote import Facts, Remote
from memeprobe.on_ray.workers import Workshop
from memeprobe.running import runner
from memeprobe.running.asking import ModelLost
from memeprobe.running.runner import Settled
from memeprobe.running.trials import PlannedTrial, trials_of, wanted_of
from memeprobe.stimuli.caption_reader import OcrReader
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.not_none import not_none
from vlm import Answer, Query

CONDITIONS = ("blind", "first", "last", "keyframes", "reversed", "first_repeated")


class Lost:
    """A worker of a cluster whose process is not replaced after so many batches."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def model(self) -> Remote:
        return Remote(Facts.of(Eye()), self.answer)

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        self.batches -= 1
        if self.batches < 0:
            raise ModelLost("its process died")
        return Eye().answer(queries)

    def judge(self) -> None:
        return None

    def end(self) -> None:
        pass


class Two:
    """Pieces of a run, a dozen trials each."""

    def __init__(self, experiment: Experiment, settled: Settled) -> None:
        wanted = wanted_of(experiment.plan, settled)
        every = list(trials_of(experiment, OcrReader(), wanted))
        self.left = [every[i : i + 12] for i in range(0, len(every), 12)]

    @property
    def unfinished(self) -> bool:
        return bool(self.left)

    def take(self) -> list[PlannedTrial] | None:
        return self.left.pop() if self.left else None

    def give_back(self, trials: list[PlannedTrial]) -> None:
        self.left.append(trials)

    def finished(self) -> None:
        pass

    close = finished


def test_a_run_whose_workers_are_all_lost_is_paused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the engine of a cluster, whose processes are stand-ins here."""
    spec = plainly(conditions=CONDITIONS, policy="uniform_time")
    experiment = Experiment.of(spec, write_set(tmp_path / "set"), Eye())
    gone = Cluster("", b"")
    monkeypatch.setattr(
        RayEngine, "_pieces", lambda _, asker, settled: Two(asker.experiment, settled)
    )
    with Store(tmp_path / "w.sqlite") as store:
        said = r"^no worker is left \(its process died\); 12 trials are open, what was answered"
        with pytest.raises(Paused, match=said):
            runner.run(experiment, store, engine=RayEngine([Lost(1), Lost(1)], gone))  # type: ignore[list-item]
        runner.run(experiment, store, engine=RayEngine([Lost(9)], gone))  # type: ignore[list-item]
        assert len(table(tmp_path)["trials"]) == 36


def test_a_piece_that_waits_for_a_cluster_that_is_gone_holds_nobody_up() -> None:
    waits, ends = threading.Event(), threading.Event()

    class Hanging(Cluster):
        def make(self, function: Callable[..., Any], *arguments: Any) -> int:
            waits.set()
            ends.wait(60)
            raise LookupError  # Ray itself is not asked

    def taken() -> None:
        with pytest.raises(LookupError):
            pieces.take()

    reveal = load_set("reveal")
    wanted = [(reveal.items[0], list(conditions(4).values())[:1])]
    pieces = Pieces(wanted, Hanging("", b""), workshop(reveal), 1)
    threading.Thread(target=taken, daemon=True).start()
    assert waits.wait(60)
    began = time.monotonic()
    pieces.close()
    ends.set()
    assert time.monotonic() - began < 30


def workshop(meme_set: MemeSet) -> Workshop:
    spec = plainly(set_name="reveal", policy="uniform_time")
    return Workshop(spec, str(meme_set.folder), "", Facts.of(Eye()), None, "", None, 0)


def test_a_piece_whose_makers_die_is_made_by_the_run() -> None:
    class Deaths(Cluster):
        def make(self, function: Callable[..., Any], *arguments: Any) -> int:
            return 7

        def wait(self, references: list[int], seconds: float) -> list[int]:
            return references

        def get(self, reference: int, seconds: float | None = None) -> Any:
            raise Died("it was killed")

    reveal = load_set("reveal")
    item = reveal.items[0]
    wanted = [(item, [conditions(4)["first"], conditions(4)["last"]])]
    pieces = Pieces(wanted, Deaths("", b""), workshop(reveal), 1)
    made = not_none(pieces.take())
    assert [(t.item.id, t.condition.name) for t in made] == [(item.id, "first"), (item.id, "last")]
    assert all(t.query is not None and t.query.images for t in made)

"""The runner: a set, a model and a store in; a run in the store out. Resumable at any point."""

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Protocol

from memeprobe.cache.file import cache_beside
from memeprobe.errors import Paused
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import SpecError
from memeprobe.running.ahead import NOBODY, ahead_of
from memeprobe.running.asker import Asker
from memeprobe.running.asking import ModelLost, finds_options
from memeprobe.running.known_budget import KnownBudget
from memeprobe.running.trials import PlannedTrial, trials_of, wanted_of
from memeprobe.stimuli.caption_reader import CaptionReader, OcrReader
from memeprobe.store.store import Store

BATCH = 32
"""Trials a batch: enough for a model to sort its calls by length, little to lose to a kill."""

REHEARSAL = (4, 16)
"""The first batches of a run: the first warms everything up, the second is timed."""

Progress = Callable[[int, int], None]
"""(trials done, trials planned)"""

Settled = Collection[tuple[str, str]]
"""(item, condition) of the trials that need no more asking."""


class Engine(Protocol):
    """Where a run is asked, if not in this process."""

    def ask(self, asker: Asker, settled: Settled) -> Generator[int]:
        """Ask all that is not settled, and store it; yields how many trials were done with each
        batch. Closed early, it ends what it began; what was stored before is kept."""
        ...


def run(
    experiment: Experiment,
    store: Store,
    *,
    progress: Progress | None = None,
    started: Callable[[str], None] | None = None,
    reader: CaptionReader | None = None,
    rehearse: bool = False,
    live: bool = True,
    engine: Engine | None = None,
) -> str:
    """Ask everything that is not settled yet; returns the run's id.

    A file that cannot be decoded, an edit that fails and a query that fails are stored as such
    and never stop the run. ``started`` hears the run's id before anything is asked. ``reader``
    defaults to OCR with the spec's engine. ``rehearse``: only the first two batches, here, to
    learn the pace. ``live``: whether the model answers by itself; not one that is asked by batch
    files, whose pace means nothing, whose answers would come again as they are, and which leaves
    open what it has no answer to. ``engine``: where the rest is asked, None = here. Raises
    SpecError before anything is asked; Paused: there is nobody any more who could be asked.
    """
    plan = experiment.plan
    try:
        scoring = finds_options(experiment, store)
    except ModelLost as lost:
        raise _paused(lost, plan.size.trials) from None
    if experiment.judge is not None and scoring == "listed":
        raise SpecError(
            f"a judge reads free answers, but {experiment.model.name} answers with letters of "
            "listed options here; ask with scoring 'free', or without a judge"
        )
    planned, mine = plan.whole_size.trials, plan.size.trials
    name = store.start_run(experiment.identity, plan.labels(), planned, experiment.provenance)
    if started is not None:
        started(name)
    settled = store.settled(name)
    asker = Asker(experiment, store, name, scoring, planned, live)
    own = {item.id for item in plan.own_items}
    done = sum(item in own for item, _ in settled)
    report = progress or (lambda done, planned: None)
    report(done, mine)
    there = None if rehearse else engine
    counts = there.ask(asker, settled) if there else _ask_here(asker, settled, reader, rehearse)
    try:
        with closing(counts):
            for count in counts:
                done += count
                report(done, mine)
    except ModelLost as lost:
        done = sum(item in own for item, _ in store.settled(name))
        raise _paused(lost, mine - done) from None
    if not rehearse and not asker.waiting:
        store.complete_run(name, plan.spec.shard or (1, 1))
        report(done, done)
    return name


def _paused(lost: ModelLost, left: int) -> Paused:
    are = "1 trial is" if left == 1 else f"{left:,} trials are"
    return Paused(
        f"{lost}; {are} open, what was answered is kept, and the same command goes on from there"
    )


def _ask_here(
    asker: Asker, settled: Settled, reader: CaptionReader | None, rehearse: bool
) -> Generator[int]:
    """As an ``Engine`` does, batch by batch in this process."""
    experiment, cache = asker.experiment, cache_beside(asker.store.path)
    alone = rehearse or reader is not None
    wanted = wanted_of(experiment.plan, settled)
    budget = KnownBudget(experiment.plain_model, experiment.options, cache)
    try:
        with NOBODY if alone else ahead_of(experiment, wanted, cache) as ahead:
            reader = reader or OcrReader(experiment.spec.engine, cache, ahead.start)
            for batch in _batches(trials_of(experiment, reader, wanted, cache, ahead), rehearse):
                yield asker.batch(batch)
    finally:
        budget.keep()
    asker.recheck()


def _batches(trials: Iterator[PlannedTrial], rehearse: bool) -> Iterator[list[PlannedTrial]]:
    sizes = iter(REHEARSAL)
    while True:
        size = next(sizes, None)
        if size is None and rehearse:
            return
        batch = list(islice(trials, size or BATCH))
        if not batch:
            return
        yield batch

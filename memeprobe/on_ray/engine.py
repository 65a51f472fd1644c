"""A run asked by workers: a thread for each takes piece after piece, asks, scores and stores.

The threads work on one run as several processes may: each with a connection to the store of its
own, and the first answer to a question counts. A slow worker takes fewer pieces.
"""

import os
import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from memeprobe.cache.file import cache_beside
from memeprobe.errors import JobError
from memeprobe.on_ray.cluster import GONE, Cluster, ClusterLost, NotDone, connected
from memeprobe.on_ray.driver import Machines
from memeprobe.on_ray.pieces import Pieces
from memeprobe.on_ray.remote import Facts, Remote
from memeprobe.on_ray.worker import Worker
from memeprobe.on_ray.workers import Loading, Workshop
from memeprobe.running.asker import Asker
from memeprobe.running.asking import ModelLost
from memeprobe.running.runner import Settled
from memeprobe.running.trials import wanted_of
from memeprobe.store.store import Store

ENDING_SECONDS = 10.0
"""So long the threads of an ended run are waited for; they hold nothing that could be lost."""

LOOKED_SECONDS = 5.0
"""So often the cluster is looked for while nobody says anything."""

Count = int | BaseException | None
"""Trials done, what a thread failed with, or its end."""


class RayEngine:
    """An ``Engine``; ``opened`` makes one."""

    def __init__(self, workers: list[Worker], cluster: Cluster) -> None:
        self._workers, self._cluster = workers, cluster
        self._lost = ""

    @property
    def model(self) -> Remote:
        """The model, for what is asked one after another."""
        return self._workers[0].model()

    @property
    def judge(self) -> Remote | None:
        """The judge, if there is one."""
        return self._workers[0].judge()

    def ask(self, asker: Asker, settled: Settled) -> Generator[int]:
        """See ``Engine``. Raises ModelLost: no worker is left."""
        pieces = self._pieces(asker, settled)
        counts: queue.SimpleQueue[Count] = queue.SimpleQueue()
        threads = [
            threading.Thread(target=self._work, args=(one, asker, pieces, counts), daemon=True)
            for one in self._workers
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running:
                count = self._next(counts)
                if count is None:
                    running -= 1
                elif isinstance(count, int):
                    yield count
                elif isinstance(count, Exception) and self._cluster.has_ended():
                    raise ModelLost(GONE) from count  # Ray raises this and that
                else:
                    raise count
        finally:
            pieces.close()
            if running and not self._cluster.is_gone():
                self.end()
                for thread in threads:
                    thread.join(ENDING_SECONDS)
        if pieces.unfinished:
            raise ModelLost(f"no worker is left ({self._lost})")

    def _next(self, counts: "queue.SimpleQueue[Count]") -> Count:
        """What the threads say next. Raises ModelLost: they wait for a cluster that is gone."""
        while True:
            try:
                return counts.get(timeout=LOOKED_SECONDS)
            except queue.Empty:
                if self._cluster.is_gone():
                    raise ModelLost(GONE) from None

    def _pieces(self, asker: Asker, settled: Settled) -> Pieces:
        there, experiment = self._cluster.machines(), asker.experiment
        cache = cache_beside(asker.store.path)
        workshop = Workshop(
            experiment.spec,
            str(experiment.meme_set.folder.resolve()),
            experiment.meme_set.content_sha256(),
            Facts.of(experiment.model),
            experiment.options.max_new_tokens,
            there.node,
            cache.path.resolve() if cache.path is not None else None,
            cache.bound,
        )
        ahead = len(self._workers) + there.processors
        return Pieces(wanted_of(experiment.plan, settled), self._cluster, workshop, ahead)

    def _work(
        self, worker: Worker, asker: Asker, pieces: Pieces, counts: "queue.SimpleQueue[Count]"
    ) -> None:
        """One thread: until there are no more pieces, or its worker is lost."""
        try:
            experiment = replace(asker.experiment, model=worker.model(), judge=worker.judge())
            with Store(asker.store.path) as store:
                own = asker.beside(experiment, store)
                while (trials := pieces.take()) is not None:
                    try:
                        counts.put(own.batch(trials))
                    except ModelLost:
                        pieces.give_back(trials)
                        raise
                    pieces.finished()
                own.recheck()
        except ClusterLost as lost:
            counts.put(lost)
        except ModelLost as lost:
            self._lost = str(lost)
            self._workers = [one for one in self._workers if one is not worker]
        except BaseException as error:
            counts.put(error)
        finally:
            counts.put(None)

    def end(self) -> None:
        """End the workers, if there is still a cluster that has them."""
        for worker in self._workers if not self._cluster.is_gone() else ():
            worker.end()


@contextmanager
def opened(what: Loading, workers: int | None = None) -> Iterator[RayEngine]:
    """The engine, its models loaded: one worker a GPU, else ``workers``, else one a machine.

    Raises JobError: no Ray, no cluster, or not so many GPUs; and what loading a model raises.
    """
    with connected() as cluster:
        several: list[Worker] = []
        engine = RayEngine(several, cluster)
        try:
            there = cluster.machines()
            gpus, count, threads = _devices(there, what.options.device, workers)
            what = replace(what, node=there.node)
            several += [Worker(cluster, what, gpus, threads, count) for _ in range(count)]
            _load(several, cluster)
            yield engine
        except (ModelLost, NotDone) as lost:
            raise JobError(str(lost)) from None
        finally:
            engine.end()


def _load(workers: list[Worker], cluster: Cluster) -> None:
    """Wait until they have loaded. Raises what loading raised; ModelLost: the cluster is gone."""
    try:
        while not all([one.is_ready(LOOKED_SECONDS) for one in workers]):
            if cluster.is_gone():
                raise ModelLost(GONE)
        for one in workers:
            one.ready()
    except OSError as error:
        if cluster.has_ended():
            raise ModelLost(GONE) from error
        raise


def _devices(there: Machines, device: str | None, workers: int | None) -> tuple[int, int, int]:
    """(GPUs of a worker, number of workers, threads of each). Raises JobError."""
    if device is not None and device.startswith("cuda:"):
        raise JobError(
            f"--device {device} names one GPU, but with --engine ray each worker gets its own; "
            "give --device cuda or cpu, and --workers"
        )
    gpus = there.gpus if device in (None, "cuda") else 0
    if device == "cuda" and not gpus:
        raise JobError("--device cuda: no machine of the Ray cluster has a GPU")
    if gpus and workers is not None and workers > gpus:
        raise JobError(f"{workers} workers want a GPU each and there are {gpus}; give fewer")
    count = workers or gpus or there.count
    said = os.environ.get("OMP_NUM_THREADS", "")
    threads = int(said) if said.isdecimal() else max(1, there.processors // count)
    return int(gpus > 0), count, threads

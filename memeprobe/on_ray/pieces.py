"""The pieces of a run: their stimuli made by any processor of the cluster, a few pieces ahead."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence

from meme_sets import Item
from memeprobe.conditions.table import Condition
from memeprobe.on_ray.cluster import Cluster, NotDone
from memeprobe.on_ray.workers import Piece, Workshop, make, make_here, received
from memeprobe.running.runner import BATCH
from memeprobe.running.trials import PlannedTrial

LARGEST = 4 * BATCH
"""Trials of a piece at most, however large a family of items is."""
SECONDS = 1.0
"""After so long a wait looks whether it is still wanted."""

Wanted = Sequence[tuple[Item, Sequence[Condition]]]


def cut(wanted: Wanted) -> Iterator[Piece]:
    """Items in their order in pieces of about ``BATCH`` trials: whole families, whose clips are
    opened once then, unless one is too large."""
    piece: list[tuple[str, tuple[str, ...]]] = []
    trials, family = 0, ""
    for item, several in wanted:
        if trials >= LARGEST or (trials >= BATCH and item.cluster != family):
            yield tuple(piece)
            piece, trials = [], 0
        piece.append((item.id, tuple(c.name for c in several)))
        trials, family = trials + len(several), item.cluster
    if piece:
        yield tuple(piece)


class Pieces:
    """A queue that several threads take from; one that is given back goes to another."""

    def __init__(self, wanted: Wanted, cluster: Cluster, workshop: Workshop, ahead: int) -> None:
        """The cluster makes each in ``workshop``, ``ahead`` of them beforehand at most."""
        self._left = deque(cut(wanted))
        self._cluster, self._workshop, self._ahead = cluster, workshop, ahead
        self._making: dict[int, Piece] = {}
        self._back: list[list[PlannedTrial]] = []
        self._taken = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def unfinished(self) -> bool:
        """Whether there are pieces that nobody finished."""
        return bool(self._left or self._making or self._back or self._taken)

    def take(self) -> list[PlannedTrial] | None:
        """The trials of the next piece; None once all are finished. Raises what is wrong with the
        set as a whole."""
        while True:
            with self._changed:
                if self._closed or not self.unfinished:
                    return None
                if self._back:
                    self._taken += 1
                    return self._back.pop()
                while self._left and len(self._making) < self._ahead:
                    piece = self._left.popleft()
                    self._making[self._cluster.make(make, self._workshop, piece)] = piece
                references = list(self._making)
                if not references:  # another thread may give one back
                    self._changed.wait(SECONDS)
                    continue
            made = self._cluster.wait(references, SECONDS)
            found = self._claim(made[0]) if made else None
            if found is not None:
                return self._trials(made[0], found)

    def _claim(self, reference: int) -> Piece | None:
        """The piece, unless another thread was quicker."""
        with self._changed:
            piece = self._making.pop(reference, None)
            self._taken += piece is not None
            return piece

    def _trials(self, reference: int, piece: Piece) -> list[PlannedTrial]:
        try:
            return received(self._workshop, self._cluster.get(reference))
        except NotDone:  # who should have made it died, and died again
            return make_here(self._workshop, piece)

    def finished(self) -> None:
        """A piece that was taken is done."""
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def give_back(self, trials: list[PlannedTrial]) -> None:
        """A piece that was taken goes to whoever comes next."""
        with self._changed:
            self._taken -= 1
            self._back.append(trials)
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody gets any more. Who waits for a cluster that is gone while it has a piece begun
        holds the lock: it is not waited for."""
        self._closed = True
        if self._changed.acquire(timeout=SECONDS):
            self._changed.notify_all()
            self._changed.release()

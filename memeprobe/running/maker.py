"""The process that makes stimuli ahead of the model: what it makes goes into the cache.

    python -m memeprobe.running.maker

It takes one line of JSON that says for which run, then a line for each item (its id and the names
of the conditions), and answers each with a line. Nothing but these lines comes out: whoever wants
the pictures finds them in the cache.
"""

import contextlib
import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from frames import Limits
from meme_sets import Item, load_set
from memeprobe.cache.file import Cache
from memeprobe.conditions.table import Condition, conditions
from memeprobe.stimuli.caption_reader import OcrReader
from memeprobe.stimuli.stimuli import StimulusMaker


class Maker:
    """Makes the stimuli of items of one set."""

    def __init__(self, job: dict[str, Any]) -> None:
        meme_set = load_set(job["set"])
        cache = Cache(Path(job["cache"]), job["bound"])
        reader = OcrReader(job["engine"], cache)
        limits = Limits(**job["limits"])
        self._items = {item.id: item for item in meme_set.items}
        self._conditions = conditions(job["k"])
        self._maker = StimulusMaker(
            meme_set, job["k"], job["policy"], reader, limits, job["seed"], cache
        )

    def make(self, item: str, names: list[str]) -> None:
        """Everything that the conditions show of an item. What fails here fails again in the run,
        which reports it."""
        for name in names:
            with contextlib.suppress(Exception):
                self._shown(self._items[item], self._conditions[name])

    def _shown(self, item: Item, condition: Condition) -> None:
        material = self._maker.material(item, condition.from_frame_0)
        if condition.fits(material):
            condition.images(material)


def main() -> None:
    """Take lines until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's business, which ends us
    warnings.simplefilter("ignore")  # the run says them
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    maker = Maker(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        maker.make(*json.loads(line))
        print("made", file=answers, flush=True)


if __name__ == "__main__":
    main()

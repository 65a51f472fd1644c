"""A run of 100,000 trials: time and store of a trial, memory, and how quick it is read afterwards.

    OMP_NUM_THREADS=1 nice python -m benchmarks.long_run --trials 100000

Makes a set of small clips (four frames, each clip with pixels of its own), asks a scripted subject
that is right, follows the first frame or errs by a draw of each question, and prints JSON. Times
are of this process's processor, which other work on the machine changes little; the process that
decodes (a millisecond a frame) comes on top.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from meme_sets import MemeSet, load_set
from memeprobe import jobs
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import RunSpec
from memeprobe.report.export import comma_separated
from memeprobe.running.runner import run
from memeprobe.store.queries import StoreReader
from memeprobe.store.store import Store
from memeprobe.store.upkeep import check
from memeprobe.verdicts import analyse
from vlm import Answer, Query, Receipt, pixel_sha256

COLOURS = np.array([(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)], np.uint8)
NAMES = ("red", "green", "blue", "yellow")
PARTS = 10
"""The run is watched in so many parts: memory and time of a trial must not grow."""

T = TypeVar("T")


def made_set(folder: Path, clips: int) -> MemeSet:
    """Clips of four colours in a drawn order; asked is the last one, the lure is the first."""
    rng, items = np.random.default_rng(5), []
    folder.mkdir()
    for n in range(clips):
        order = rng.permutation(4)
        pictures = []
        for colour in order:
            pixels = np.broadcast_to(COLOURS[colour], (16, 24, 3)).copy()
            pixels[8:] = rng.integers(0, 256, (8, 24, 3), np.uint8)
            pictures.append(Image.fromarray(pixels))
        first, *more = pictures
        first.save(folder / f"{n}.gif", save_all=True, append_images=more, duration=200)
        items.append(
            {
                "id": f"clip-{n}",
                "media": f"{n}.gif",
                "kind": "colour",
                "question": f"Which colour is there at the end of clip {n}?",
                "options": NAMES,
                "gold": int(order[3]),
                "lure": int(order[0]),
                "order": True,
                "decisive": {"start_ms": 600, "end_ms": 800},
            }
        )
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, items)), "utf-8")
    (folder / "set.yaml").write_text("name: long\ntitle: Long\ndescription: Long\n", "utf-8")
    return load_set(folder)


class Drawn:
    """Names the last colour, the first one or any, as each question's own draw has it."""

    name, revision, deliveries = "drawn", "1", ("native",)

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """See ``vlm.Model``."""
        return [self._one(query) for query in queries]

    def _one(self, query: Query) -> Answer:
        hashes = tuple(map(pixel_sha256, query.images))
        rng = np.random.default_rng(list(("|".join(hashes) + query.text).encode()))
        drawn, chosen = rng.random(), int(rng.integers(4))
        if query.images and drawn < 0.9:
            seen = query.images[0 if drawn < 0.2 else -1][0, 0].astype(int)
            chosen = int(np.abs(seen - COLOURS.astype(int)).sum(1).argmin())
        logprobs = tuple(-0.1 - 2.5 * (i != chosen) - rng.random() / 9 for i in range(4))
        receipt = Receipt("native", len(hashes), len(hashes), hashes, query.text)
        return Answer(NAMES[chosen], receipt, logprobs, (1,) * 4)


def timed(what: Callable[[], T]) -> tuple[float, T]:
    """Seconds of this process's processor time, and what came of it."""
    began = time.process_time()
    found = what()
    return round(time.process_time() - began, 3), found


def resident() -> int:
    """MB of memory that this process has now."""
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmRSS:")[1].split()[0]) // 1024


def asked(experiment: Experiment, store: Store) -> tuple[str, dict[str, Any]]:
    """Run to the end; the run's id, and what each part of it took."""
    marks: list[tuple[int, float, int, int]] = []

    def progress(done: int, planned: int) -> None:
        if done >= planned * len(marks) / PARTS:
            marks.append((done, time.process_time(), resident(), store.path.stat().st_size))

    name = run(experiment, store, progress=progress)
    pairs = list(pairwise(marks))
    return name, {
        "trials": marks[-1][0],
        "milliseconds_a_trial": [
            round(1000 * (b[1] - a[1]) / max(1, b[0] - a[0]), 2) for a, b in pairs if b[0] > a[0]
        ],
        "memory_mb": [mark[2] for mark in marks],
        "store_mb": [round(mark[3] / 1e6, 1) for mark in marks],
    }


def read(store: Store, name: str, folder: Path) -> dict[str, float]:
    """Seconds that each way of reading the run takes."""
    seconds: dict[str, float] = {}
    seconds["list_of_runs"], _ = timed(store.runs)
    seconds["rows"], rows = timed(lambda: store.outcomes(name))
    seconds["statistics"], _ = timed(lambda: analyse(rows, store.run(name)))
    seconds["result"], result = timed(lambda: jobs.result_of(store, name))
    seconds["report"], _ = timed(lambda: jobs.write_report(store, [result], folder / "r.html"))
    seconds["check"], found = timed(lambda: check(store.path))
    assert found.findings == (), found.findings
    with StoreReader(store.path) as reader:
        seconds["page_of_items"], _ = timed(lambda: reader.items(name, "wrong", 500, 20))
        seconds["one_item"], _ = timed(lambda: reader.item(name, "clip-77"))
    stored = jobs.stored(store, name)
    seconds["csv"], _ = timed(lambda: comma_separated(stored, folder / "t.csv"))
    return seconds


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    trials = parser.parse_args().trials
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        spec = RunSpec("long", "drawn", "native", policy="uniform_index", conditions=("frames",))
        few = made_set(folder / "few", 2)
        with Store(folder / "few.sqlite") as store:
            run(Experiment.of(spec, few, Drawn()), store)
            of_two = store.runs()[0].done
        meme_set = made_set(folder / "set", -(-2 * trials // of_two))
        seconds, experiment = timed(lambda: Experiment.of(spec, meme_set, Drawn()))
        with Store(folder / "w.sqlite") as store:
            name, took = asked(experiment, store)
            took["set_seconds"] = seconds
            took["store_bytes_a_trial"] = round(store.path.stat().st_size / took["trials"])
            took["cache_mb"] = round((folder / "w.cache.sqlite").stat().st_size / 1e6, 1)
            took["again_seconds"], _ = timed(lambda: run(experiment, store))
            took["seconds_to_read"] = read(store, name, folder)
            took["report_mb"] = round((folder / "r.html").stat().st_size / 1e6, 1)
            took["most_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(took, indent=1))


if __name__ == "__main__":
    main()

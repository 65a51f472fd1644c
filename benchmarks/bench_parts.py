"""The parts of ``benchmarks.bench`` beside whole runs: counts, clips, decoding, start, scaling."""

import os
import random
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image, ImageSequence

from benchmarks.keyframes_families import FAMILIES, make
from benchmarks.tracks import every_frame, same_tracks
from frames import Clip, open_clip
from ocr import load_engine, read_clip
from vlm import Query, pixel_sha256

COMMANDS = ("--help", "sets", "models")
SCALES = (1, 4, 16)
BASE = 4
"""Items of the smallest run whose memory is measured."""
ONE_RUN = """
import resource, sys, time
from meme_sets import load_set
from memeprobe import jobs
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.store import Store
chosen = load_set("order")
model = jobs.model_for("blip-nano", chosen, "en")
begin = time.perf_counter()
spec = RunSpec("order", "blip-nano", policy="distinct",
               conditions=("first", "keyframes", "reversed"), limit=int(sys.argv[1]))
with Store(sys.argv[2]) as store:
    jobs.run_and_analyse(Experiment.of(spec, chosen, model), store)
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, dict[str, float]]:
    """What ``work`` gives, and its seconds by the clock and of processor time, helpers included."""
    clock, before = time.perf_counter(), _processor()
    found = work(*given)
    return found, {"clock": time.perf_counter() - clock, "processor": _processor() - before}


def _processor() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(one.ru_utime + one.ru_stime for one in used)


class Counts:
    """Counts what runs through a member of the BLIP family, in a ``with``."""

    def __init__(self, model: Any, queries: Sequence[Query]) -> None:
        net = model.network
        self._parts = {
            "tower_calls": (net.vision_model, lambda given, _: len(given[0])),
            "qformer_calls": (net.qformer, lambda _, more: len(more["query_embeds"])),
            "prefills": (net.language_model, _prompts),
        }
        pairs = {(pixel_sha256(i), q.text) for q in queries for i in q.images}
        self.found = {
            "tower_calls": 0,
            "distinct_frames": len({sha for sha, _ in pairs}),
            "qformer_calls": 0,
            "distinct_pairs": len(pairs),
            "prefills": 0,
        }
        self._hooks: list[Any] = []

    def __enter__(self) -> None:
        for name, (module, rows) in self._parts.items():
            hook = self._hook(name, rows)
            self._hooks.append(module.register_forward_pre_hook(hook, with_kwargs=True))

    def _hook(self, name: str, rows: Callable[[Any, Any], int]) -> Callable[..., None]:
        def count(_: Any, given: Any, more: Any) -> None:
            self.found[name] += rows(given, more)

        return count

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()


def _prompts(_: Any, more: Any) -> int:
    embeds = more.get("inputs_embeds")
    return 0 if embeds is None else len(embeds)


def clips_read(clips: Sequence[Clip]) -> dict[str, Any]:
    """Reading every frame against reading a clip: the ratio of their times, and how often both
    give the same captions (``benchmarks.tracks`` does so on many clips); {} without clips."""
    ratios, differ, engine = [], [], load_engine()
    for clip in clips:
        full, every = timed(every_frame, clip, engine)
        fast, once = timed(read_clip, clip, engine)
        ratios.append({kind: every[kind] / once[kind] for kind in every})
        if not same_tracks(clip, fast, full):
            differ.append(Path(clip.name).name)
    if not ratios:
        return {}
    found = {kind: round(statistics.median(r[kind] for r in ratios), 2) for kind in ratios[0]}
    count = len(ratios)
    return {
        "ocr_clip_ratio": {**found, "clips": count},
        "ocr_tracks_equal": [count - len(differ), count],
        "ocr_tracks_differ": differ,
    }


def clips_to_read(gifs: Sequence[Path], each: int = 4) -> list[Clip]:
    """Some real clips of 20 to 60 frames, and as many rendered by a seed that nobody knows."""
    real = [clip for clip in map(open_clip, gifs) if 20 <= len(clip) <= 60]
    seed = secrets.randbelow(10**6) + 10**6
    families = random.Random(seed).sample(sorted(FAMILIES), each)
    drawn = [open_clip(make(f, seed).data, name=f"{f} {seed}") for f in families]
    return [*real[:each], *drawn]


def decode_ratio(gifs: Sequence[Path], repeats: int) -> dict[str, Any] | None:
    """Time of the fastest other decoder over ours, for GIFs that all of them decode to the same
    pixels; beside it the ratio of each."""
    same = [p for p in gifs[:20] if all(_is_right(decode, p) for decode in OTHERS.values())]
    values: dict[str, list[float]] = {name: [] for name in OTHERS}
    for _ in range(repeats if same else 0):
        _, ours = timed(lambda: [[f.pixels for f in open_clip(p)] for p in same])
        for name, decode in OTHERS.items():
            _, theirs = timed(lambda decode=decode: [decode(p) for p in same])
            values[name].append(theirs["processor"] / ours["processor"])
    if not same:
        return None
    medians = {name: round(statistics.median(found), 3) for name, found in values.items()}
    fastest = min(medians, key=lambda name: medians[name])
    spread = [round(min(values[fastest]), 3), round(max(values[fastest]), 3)]
    return {
        "median": medians[fastest],
        "spread": spread,
        "files": len(same),
        "fastest other": fastest,
        "each": medians,
    }


def _pillow(path: Path) -> list[np.ndarray]:
    with Image.open(path) as image:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]


def _opencv(path: Path) -> list[np.ndarray]:
    """FFmpeg's decoder, through OpenCV; it knows no time of a single frame."""
    video, found = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        found.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    video.release()
    return found


def _pyav(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


OTHERS: dict[str, Callable[[Path], list[np.ndarray]]] = {
    "Pillow": _pillow,
    "OpenCV": _opencv,
    "PyAV": _pyav,
}
"""Name -> the frames of a GIF, uint8 (height, width, 3) each."""


def _is_right(decode: Callable[[Path], list[np.ndarray]], path: Path) -> bool:
    ours = [f.pixels for f in open_clip(path)]
    theirs = decode(path)
    return len(ours) == len(theirs) and all(map(np.array_equal, ours, theirs))


def startup(repeats: int = 5) -> dict[str, Any]:
    """Seconds until a command has said its words: median of some starts, clock and processor."""
    found: dict[str, Any] = {}
    for command in COMMANDS:
        times = [timed(_call, "-m", "memeprobe", command)[1] for _ in range(repeats)]
        found[command] = {
            kind: round(statistics.median(t[kind] for t in times), 3) for kind in times[0]
        }
    return found


def scaling() -> list[dict[str, float]]:
    """Seconds and peak memory (MB) of runs over more and more items."""
    found = []
    for times in SCALES:
        with tempfile.TemporaryDirectory() as folder:
            told = _call("-c", ONE_RUN, str(BASE * times), os.path.join(folder, "w.sqlite"))
        seconds, memory = map(float, told.split()[-2:])
        found.append({"items": BASE * times, "seconds": round(seconds, 1), "mb": round(memory)})
    return found


def _call(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    return done.stdout

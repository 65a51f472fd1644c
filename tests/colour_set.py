"""A set of four colours, a model that names the colour it sees, and one that reads captions."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from meme_sets import MemeSet, load_set
from memeprobe.experiment.spec import RunSpec
from vlm import Answer, Query, Receipt, pixel_sha256

COLOURS = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)]


NAMES = ["red", "green", "blue", "yellow"]


ZH = ["红色", "绿色", "蓝色", "黄色"]


OPTIONS = [{"en": e, "zh": z} for e, z in zip(NAMES, ZH, strict=True)]


def write_set(folder: Path, clips: int = 6, stills: int = 0) -> MemeSet:
    """Clips of four colours in a row; asked is the last colour, the lure is the first one."""
    folder.mkdir(parents=True, exist_ok=True)
    items = []
    for n in range(clips):
        order = np.roll(range(4), n)
        frames = [Image.new("RGB", (24, 20 + n), COLOURS[c]) for c in order]
        frames[0].save(folder / f"{n}.gif", save_all=True, append_images=frames[1:], duration=200)
        items.append(
            {
                "id": f"clip-{n}",
                "media": f"{n}.gif",
                "kind": "colour",
                "question": {"en": "Which colour is there at the end?", "zh": "最后是什么颜色？"},
                "options": OPTIONS,
                "gold": int(order[3]),
                "lure": int(order[0]),
                "order": True,
                "decisive": {"start_ms": 600, "end_ms": 800},
            }
        )
    for n in range(stills):
        Image.new("RGB", (24, 40 + n), COLOURS[n % 4]).save(folder / f"still-{n}.png")
        items.append(
            {
                "id": f"still-{n}",
                "media": f"still-{n}.png",
                "kind": "caption",
                "question": {"en": f"Which number is {n}?", "zh": "哪个？"},
                "options": OPTIONS,
                "gold": 0,
                "caption": f"number {n}",
                "counterfactual": {"caption": f"other {n}", "gold": 1},
            }
        )
    (folder / "items.jsonl").write_text("\n".join(json.dumps(i) for i in items), "utf-8")
    (folder / "set.yaml").write_text("name: colours\ntitle: Colours\ndescription: Test\n", "utf-8")
    return load_set(folder)


SOME = (
    "blind",
    "first",
    "last",
    "keyframes",
    "reversed",
    "first_repeated",
    "position",
    "decisive",
    "as_is",
    "erased",
    "replaced",
    "told",
    "transcribe",
)


def plainly(**change: object) -> RunSpec:
    """A run of ``SOME`` conditions whose answers are read as they stand."""
    plain: dict[str, Any] = {"set_name": "colours", "model": "eye", "conditions": SOME}
    return RunSpec(**{**plain, "scoring": "free", **change})


class Eye:
    """A model that names the colour of the last picture with one, and counts what it is asked."""

    name, revision, deliveries = "eye", "1", ("native", "first_only")

    def __init__(self, log: Path | None = None, delay: float = 0.0) -> None:
        self.asked: list[str] = []
        self.log, self.delay = log, delay
        self.broken: set[int] = set()
        """Heights of pictures at which it fails."""

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        return [self._one(q) for q in queries]

    def _one(self, query: Query) -> Answer:
        images = query.images[:1] if query.delivery == "first_only" else query.images
        hashes = tuple(pixel_sha256(i) for i in images)
        about = json.dumps([query.text, query.delivery, [pixel_sha256(i) for i in query.images]])
        self.asked.append(about)
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(about + "\n")
                file.flush()
        time.sleep(self.delay)
        if any(i.shape[0] in self.broken for i in images):
            raise RuntimeError("out of memory")
        receipt = Receipt(query.delivery, len(images), len(images), hashes, query.text)
        for image in images[::-1]:
            distance = [int(np.abs(image[0, 0].astype(int) - c).sum()) for c in COLOURS]
            if min(distance) < 60:
                words = query.options or NAMES
                return Answer(f"It is {words[distance.index(min(distance))]}.", receipt)
        return Answer("I do not know.", receipt)


class Pen:
    """A reader that knows a picture's caption by its height, and leaves a mark where it edits."""

    def __init__(self, stubborn: int | None = None) -> None:
        self.stubborn = stubborn
        self.written: dict[str, str] = {}

    def read(self, image: np.ndarray) -> str:
        return self.written.get(pixel_sha256(image), f"number {image.shape[0] - 40}")

    def reread(self, before: np.ndarray, after: np.ndarray) -> str:
        return self.read(after)

    def _mark(self, image: np.ndarray, text: str) -> np.ndarray:
        marked = image.copy()
        marked[-1, -1] = len(text)
        if image.shape[0] - 40 != self.stubborn:
            self.written[pixel_sha256(marked)] = text
        return marked

    def erase(self, image: np.ndarray) -> np.ndarray:
        return self._mark(image, "")

    def replace(self, image: np.ndarray, text: str) -> np.ndarray:
        return self._mark(image, text)

    def distance(self, reference: str, found: str) -> float:
        return float(reference != found)

"""Stimuli are made once: what a run made is there for the next model, delivery, and look."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meme_sets import load_set
from memeprobe.cache.file import Cache, cache_beside
from memeprobe.experiment.spec import RunSpec
from memeprobe.one_meme import look
from memeprobe.stimuli.caption_edits import CaptionEdits
from memeprobe.stimuli.caption_reader import Unreadable
from memeprobe.store.store import Store
from ocr.rapid import RapidEngine
from tests.running import run
from vlm import Answer, Query, Receipt, pixel_sha256

CONDITIONS = ("keyframes", "as_is", "erased", "replaced", "transcribe_nonword", "lures")


class Namer:
    """A model that answers with the hashes of what it was shown."""

    revision, deliveries = "1", ("native", "vote")

    def __init__(self, name: str) -> None:
        self.name = name

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        made = []
        for query in queries:
            seen = tuple(pixel_sha256(i) for i in query.images)
            receipt = Receipt(query.delivery, len(seen), len(seen), seen, query.text)
            made.append(Answer(" ".join(s[:8] for s in seen) or "nothing", receipt))
        return made


def counted(real: Callable[..., Any], name: str, made: list[str]) -> Callable[..., Any]:
    """A method of the engine that notes its calls."""

    def call(self: RapidEngine, given: Any) -> Any:
        made.extend([name] * (1 if isinstance(given, np.ndarray) else len(given)))
        return real(self, given)

    return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every call of the OCR engine, which is asked in this process only."""
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "0")
    made: list[str] = []
    for name in ("detect", "recognise"):
        monkeypatch.setattr(RapidEngine, name, counted(getattr(RapidEngine, name), name, made))
    yield made


def trials_of(store: Store, name: str) -> list[tuple[object, ...]]:
    return [
        (t.item, t.condition, t.outcome, t.text, t.problem, t.receipt and t.receipt.images)
        for t in store.outcomes(name)
    ]


@pytest.mark.slow
def test_a_second_model_delivery_or_look_reads_nothing(tmp_path: Path, calls: list[str]) -> None:
    captions = load_set("captions")

    def asked(store: Store, model: str, delivery: str) -> list[tuple[object, ...]]:
        spec = RunSpec("captions", model, delivery, conditions=CONDITIONS, limit=3, scoring="free")
        return trials_of(store, run(spec, captions, Namer(model), store))

    with Store(tmp_path / "w.sqlite") as store:
        first = asked(store, "one", "native")
        assert calls and any(row[3] for row in first)
        calls.clear()
        assert asked(store, "two", "native") == first
        asked(store, "two", "vote")
        assert calls == []
        clip = captions.media_path(captions.items[0])
        found = look(clip, cache=cache_beside(store.path))
        calls.clear()
        again = look(clip, cache=cache_beside(store.path))
        assert calls == [] and again.captions == found.captions
    with Store(tmp_path / "other.sqlite") as store:
        assert asked(store, "one", "native") == first  # and what was kept is what is made
        assert calls


def test_what_is_left_of_an_erased_caption_is_named() -> None:
    class Leaves:
        """Reads no caption after an erasure, but something in its place."""

        version = "leaves"

        def read(self, image: np.ndarray) -> str:
            return "hello there" if image.any() else ""

        def reread(self, before: np.ndarray, after: np.ndarray) -> str:
            return "llo"

        def erase(self, image: np.ndarray) -> np.ndarray:
            return np.zeros_like(image)

        def replace(self, image: np.ndarray, text: str) -> np.ndarray:
            return image

        def distance(self, reference: str, found: str) -> float:
            return 1.0

    edits = CaptionEdits(Leaves(), Cache(None))
    with pytest.raises(Unreadable, match="OCR still reads 'llo'"):
        edits.edited(np.full((8, 8, 3), 9, np.uint8), "0" * 64, "")

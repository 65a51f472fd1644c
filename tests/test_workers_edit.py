"""A frame with its caption erased and replaced, as the page shows it: only what OCR confirms."""

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from memeprobe.dashboard.explore.captions import _figures
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.fonts import font
from memeprobe.workers import worker
from memeprobe.workers.sandbox import Event


def meme(text: str) -> bytes:
    """A PNG with a caption below a drawing."""
    image = Image.new("RGB", (360, 240), "#9fc5e8")
    pen = ImageDraw.Draw(image)
    pen.ellipse((120, 30, 240, 150), fill="#f6b26b")
    if text:
        pen.text((180, 205), text, "#ffffff", font(30), "mm", stroke_width=3, stroke_fill="#000000")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def edited(data: bytes, text: str) -> dict[str, Event]:
    """What the worker tells, by variant."""
    return {
        event["event"]: Event(event["event"], event, list(pictures))
        for event, pictures in worker.edit(data, "meme.png", 0, text)
    }


class Stubborn:
    """An engine that reads the same words on every picture, whatever was painted."""

    def __init__(self) -> None:
        self.name, self.version, self.alphabets = "stubborn", "", frozenset[str]()

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        box = np.array([[60, 180], [300, 180], [300, 230], [60, 230]], float)
        return [[box * picture.shape[1] / 360] for picture in images]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        return [("STILL HERE", 0.99)] * len(crops)


def test_edits_that_ocr_confirms_are_pictures() -> None:
    found = edited(meme("WHEN IT COMPILES"), "ON MONDAY")
    assert list(found) == ["as_is", "erased", "replaced"]
    assert found["as_is"].data["text"] == "WHEN IT COMPILES"
    assert found["erased"].data["text"] == "" and len(found["erased"].pictures) == 1
    assert found["replaced"].data["text"] == "ON MONDAY"
    # What was not under the caption is as it was.
    before = np.asarray(Image.open(io.BytesIO(meme(""))).convert("RGB"))
    assert (found["erased"].pictures[0][:170] == before[:170]).all()


def test_no_new_words_make_no_replaced_picture() -> None:
    assert list(edited(meme("WHEN IT COMPILES"), "  ")) == ["as_is", "erased"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_edit_that_ocr_still_reads_is_a_reason_and_no_picture(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = CachedEngine("rapidocr", Cache(None))
    engine._engine = Stubborn()
    monkeypatch.setattr(worker, "_engine", lambda name: engine)
    monkeypatch.setattr(worker, "_cache", Cache(None))
    found = edited(meme("HELLO"), "ON MONDAY")
    assert len(found["as_is"].pictures) == 1
    for name in ("erased", "replaced"):
        assert not found[name].pictures and "STILL HERE" in found[name].data["problem"]
    html = _figures(Texts(language), list(found.values()), False)
    assert html.count("<img") == 1 and html.count("STILL HERE") >= 3
    assert ("已抹去，但 OCR 仍读到" in html) == (language == "zh")
    assert ("OCR still reads" in html) == (language == "en")

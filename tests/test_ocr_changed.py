"""A picture of which a part changed reads as the whole picture does, and costs the part."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from frames import pixel_sha256
from memeprobe.cache.file import Cache
from memeprobe.stimuli.caption_edits import CaptionEdits
from memeprobe.stimuli.caption_reader import OcrReader, Unreadable
from ocr import Caption, read_image
from ocr.caption import Line
from ocr.caption_roles import with_roles
from ocr.changed import read_changed
from tests.test_cache import Reader

WORDS = ("ONE WORD", "TWO WORDS", "THREE THINGS", "FOUR LEGS", "FIVE FINGERS", "SIX OF THEM")


class Blobs:
    """An engine whose text is bars of red: their green tells which of ``WORDS`` they say."""

    name = "blobs"
    alphabets = frozenset[str]()

    def __init__(self) -> None:
        self.pixels = 0
        """Of all pictures in which text was looked for."""

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        return [self._boxes(image) for image in images]

    def _boxes(self, image: np.ndarray) -> list[np.ndarray]:
        self.pixels += image.shape[0] * image.shape[1]
        _, _, stats, _ = cv2.connectedComponentsWithStats((image[..., 0] > 128).astype(np.uint8))
        return [
            np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
            for x, y, w, h, _ in stats[1:]
        ]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        return [(WORDS[round(float(np.median(crop[..., 1])) / 40)], 0.99) for crop in crops]


def bar(image: np.ndarray, x: int, y: int, word: int | None, width: int = 120) -> np.ndarray:
    """The picture with a bar that says a word, or without one that stood there (None)."""
    changed = image.copy()
    changed[y : y + 24, x : x + width] = (0, 0, 60) if word is None else (255, 40 * word, 0)
    return changed


def picture(width: int = 480, height: int = 480) -> np.ndarray:
    return bar(bar(np.full((height, width, 3), (0, 0, 60), np.uint8), 60, 20, 0), 200, 440, 1)


def told(caption: Caption) -> list[tuple[str, str, list[int]]]:
    return [(li.text, li.role, [round(v) for v in li.bounds]) for li in caption.lines]


@pytest.mark.parametrize("size", [(480, 480), (200, 300), (700, 500)])
def test_it_reads_what_the_whole_picture_says(size: tuple[int, int]) -> None:
    before = picture(*size) if size[1] == 480 else picture(480, 480)[: size[1], : size[0]].copy()
    caption = read_image(before, Blobs())
    edits = [
        bar(before, 60, 20, 2),  # says something else
        bar(before, 60, 20, None),  # is gone
        bar(before, 20, 150, 3),  # something new
        bar(bar(before, 60, 20, None), 40, 180, 4, 100),  # moved
        bar(before, 100, 30, 0, 100),  # grew
        before,
    ]
    for after in edits:
        assert told(read_changed(after, before, caption, Blobs())) == told(
            read_image(after, Blobs())
        )


def test_it_looks_at_what_changed_alone() -> None:
    before, engine = picture(), Blobs()
    caption = read_image(before, Blobs())
    read_changed(bar(before, 60, 20, 2), before, caption, engine)
    assert 0 < engine.pixels < 0.35 * 480 * 480
    # Top and foot changed: two parts, and not what lies between them.
    engine = Blobs()
    read_changed(bar(bar(before, 60, 20, 2), 200, 440, None), before, caption, engine)
    assert 0 < engine.pixels < 0.6 * 480 * 480


def test_where_most_changed_or_the_size_did_all_is_read() -> None:
    before = picture()
    caption = read_image(before, Blobs())
    other = bar(np.full((480, 480, 3), (0, 0, 90), np.uint8), 60, 20, 2)
    for after in (other, picture()[:, :400].copy()):
        assert told(read_changed(after, before, caption, Blobs())) == told(
            read_image(after, Blobs())
        )


def test_an_edit_that_its_own_place_does_not_confirm_is_read_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = picture()
    engine = Blobs()
    monkeypatch.setattr("memeprobe.cache.engine.load_engine", lambda name: engine)
    reader = OcrReader("blobs")
    read: list[bool] = []
    real = reader.read_in_full
    monkeypatch.setattr(reader, "read_in_full", lambda image: read.append(True) or real(image))
    edits = CaptionEdits(reader, Cache(None))
    assert edits.caption(before, pixel_sha256(before)) == "ONE WORD\nTWO WORDS"
    with pytest.raises(Unreadable, match="OCR reads"):  # no bar is drawn, so no word is read
        edits.edited(before, pixel_sha256(before), "SIX OF THEM")
    assert read == [True, True]  # once with the letters found, once with the boxes of the lines
    assert not edits.edited(before, pixel_sha256(before), "")[..., 0].max() > 128
    assert len(read) == 2


def test_a_face_that_is_taken_for_a_character_is_no_rest_of_a_caption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    face = Line("0", 0.77, ((0, 0), (480, 0), (480, 470), (0, 470)))
    (judged,) = with_roles([face], 480, 480)
    word = Line("SIX", 0.99, ((60, 20), (400, 20), (400, 460), (60, 460)))
    reader = OcrReader("blobs")
    read = iter([Caption((word,)), Caption((judged,)), Caption((word,)), Caption((word,))])
    monkeypatch.setattr(reader, "_caption", lambda image: next(read))
    before = picture()
    assert reader.reread(before, before) == ""
    assert reader.reread(before, before) == "SIX"


class Doubting(Reader):
    """Reads the new caption only once it was asked to read in full."""

    def read_in_full(self, image: np.ndarray) -> bool:
        self.reads, again = "new", self.reads != "new"
        return again


def test_what_the_full_reading_confirms_holds() -> None:
    image = np.zeros((5, 7, 3), np.uint8)
    for reads in ("?", "new"):
        edits = CaptionEdits(Doubting(reads), Cache(None))
        assert edits.edited(image, pixel_sha256(image), "new").any()

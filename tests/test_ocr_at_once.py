"""Reading several frames and lines at once gives what reading them one by one gives."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.tracks import every_frame, same_tracks
from frames import Clip, open_clip
from frames.source import FrameSource
from ocr import load_engine, read_clip, timeline
from ocr.looks import looks_of
from ocr.rapid import DETECTOR, LARGE, RapidEngine, _detecting, _session
from ocr.timeline import Timeline, timeline_of
from tests.test_ocr_changed import Blobs, bar
from tests.test_ocr_engines import meme
from tests.test_ocr_tracks import captioned, clip


class Noted(Blobs):
    """Counts what it is asked, and in how many calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = self.searched = self.read = 0

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        self.searched += len(images)
        return super().detect(images)

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        self.calls += bool(crops)
        self.read += len(crops)
        return super().recognise(crops)


def drawn(seed: int, count: int = 24) -> list[np.ndarray]:
    """Pictures with bars that come, stay, change what they say, move and go; some are equal."""
    generator = np.random.default_rng(seed)
    places, pictures = [(60, 20), (200, 440), (40, 230)], []
    words: list[int | None] = [None, None, None]
    for _ in range(count):
        if generator.random() < 0.7:
            words[generator.integers(3)] = int(generator.integers(5)) if words.count(None) else None
        image = np.full((480, 480, 3), (0, 0, 60), np.uint8)
        for (x, y), word in zip(places, words, strict=True):
            shift = int(generator.integers(0, 3)) * 20
            image = image if word is None else bar(image, x + shift, y, word)
        pictures.append(image)
    return pictures


def read(pictures: list[np.ndarray], at_once: int) -> tuple[Timeline, Noted]:
    engine = Noted()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "AT_ONCE", at_once)
        return timeline_of(clip(pictures, [100] * len(pictures)), engine), engine


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_frames_read_together_say_what_they_say_one_by_one(seed: int) -> None:
    pictures = drawn(seed)
    together, few = read(pictures, 8)
    alone, many = read(pictures, 1)
    assert any(one.lines for one in alone.seen)
    assert (together.seen, together.phases) == (alone.seen, alone.phases)
    assert (few.searched, few.read) == (many.searched, many.read)
    assert few.calls < many.calls


@pytest.mark.slow
def test_the_fast_way_gives_the_captions_of_every_frame() -> None:
    texts = ["", "我错了", "我错了", "别打我", "别打我", "", "快跑", "快跑"]
    opened = clip([captioned(text, 3 * i) for i, text in enumerate(texts)], [150] * len(texts))
    engine = load_engine("rapidocr", 1)
    fast, full = read_clip(opened, engine), every_frame(opened, engine)
    assert [t.text for t in full] == ["我错了", "别打我", "快跑"]
    assert same_tracks(opened, fast, full)
    later = replace(full[1], start_ms=full[1].start_ms + 200)
    for other in (full[1:], (full[0], later, full[2]), (replace(full[0], text="x"), *full[1:])):
        assert not same_tracks(opened, other, full)


@pytest.mark.slow
def test_threads_find_and_read_what_one_finds_and_reads() -> None:
    pictures = [meme((text, 160, 205, 40)) for text in ("我错了", "别打我", "WAIT WHAT", "快跑")]
    one, three = load_engine("rapidocr", 1), RapidEngine(3)
    found, same = one.detect(pictures), three.detect(pictures)
    assert [[b.tolist() for b in boxes] for boxes in found] == [
        [b.tolist() for b in boxes] for boxes in same
    ]
    crops = [p[180:230, 60 + 5 * i : 260] for i, p in enumerate(pictures * 2)]
    assert three.recognise(crops) == one.recognise(crops)
    assert (three.detect([]), three.recognise([])) == ([], [])


def test_what_one_thread_cannot_read_is_no_text() -> None:
    pictures = [np.zeros((48, 64, 3), np.uint8)] * 2 + [np.zeros((0, 64, 3), np.uint8)] * 2
    with pytest.raises(ZeroDivisionError):
        RapidEngine(2).recognise(pictures)


def test_an_opened_clip_is_looked_through_once() -> None:
    passes = []

    def stream() -> Iterator[np.ndarray]:
        passes.append(1)
        yield from drawn(1, 3)

    opened = Clip("drawn", "0" * 64, "gif", FrameSource(480, 480, (100,) * 3, stream, ()))
    assert looks_of(opened) is looks_of(opened)
    assert len(passes) == 1
    other = open_clip(_png(drawn(1, 1)[0]))
    assert looks_of(other).thumbnails.tolist() == looks_of(opened).thumbnails[:1].tolist()


def _png(pixels: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", pixels[..., ::-1])[1])


def test_who_opens_files_isolated_loads_no_decoder() -> None:
    code = "import sys, frames, ocr; print(sorted({'av', 'rapidocr'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def detector() -> Path:
    rapidocr = pytest.importorskip("rapidocr")
    return Path(rapidocr.__file__).parent / "models" / DETECTOR


@pytest.mark.slow
def test_a_detector_that_keeps_its_memory_finds_the_same_to_the_last_bit() -> None:
    plain, keeping = _session(detector()), _detecting(detector())
    rng = np.random.default_rng(60114)
    for height, width in ((96, 160), (704, 608), (160, 96), (96, 160)):  # one of them is large
        given = {"x": rng.standard_normal((1, 3, height, width)).astype(np.float32)}
        assert (given["x"].size > LARGE) == (height == 704)
        (wanted,), (found,) = plain.run(None, given), keeping.run(None, given)
        assert np.array_equal(wanted, found)


LARGE_PICTURE = """
import numpy as np
from ocr.rapid import _detecting
def resident():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
session = _detecting(%r)
session.run(None, {"x": np.zeros((1, 3, 96, 96), np.float32)})
before = resident()
session.run(None, {"x": np.zeros((1, 3, 1024, 1024), np.float32)})
print(resident() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="memory is read from /proc")
def test_the_memory_of_a_large_picture_is_given_back() -> None:
    code = LARGE_PICTURE % str(detector())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60_000  # KiB; it takes over 100,000

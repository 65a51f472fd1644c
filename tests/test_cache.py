"""The cache: what is kept, that it stays within its bound, that damage is made good."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from frames import pixel_sha256
from memeprobe.cache.ahead import engine_ahead
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache, cache_beside
from memeprobe.errors import JobError
from memeprobe.stimuli.caption_edits import CaptionEdits
from memeprobe.stimuli.caption_reader import Unreadable
from ocr import OcrError


def test_an_entry_is_found_by_all_that_it_was_made_of(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.sqlite")
    cache.put("text", "engine 1", "pixels", value=b"read")
    assert cache.get("text", "engine 1", "pixels") == b"read"
    assert cache.get("text", "engine 2", "pixels") is None
    assert cache.get("boxes", "engine 1", "pixels") is None
    assert cache.get("text", "engine 1pixels") is None
    cache.close()
    assert Cache(tmp_path / "c.sqlite").get("text", "engine 1", "pixels") == b"read"


def test_the_least_recently_used_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("memeprobe.cache.file.time.time", lambda: clock[0])
    cache = Cache(tmp_path / "c.sqlite", bound=10_000)
    for n in range(9):
        clock[0] += 100
        cache.put("edit", n, value=bytes(800))
    clock[0] += 100
    assert cache.get("edit", 0) is not None  # used again: the oldest is 1 now
    for n in range(9, 12):
        clock[0] += 100
        cache.put("edit", n, value=bytes(800))
    kept = [n for n in range(12) if cache.get("edit", n) is not None]
    assert 0 in kept and 1 not in kept and kept[-3:] == [9, 10, 11]
    content = cache.content()
    assert content.bytes <= 10_000 and content.kinds["edit"] == (len(kept), content.bytes)


def test_the_bound_holds_and_what_is_larger_than_it_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.sqlite", bound=50_000)
    cache.put("edit", "huge", value=bytes(60_000))
    for n in range(400):
        cache.put("edit", n, value=np.random.default_rng(n).bytes(997))
        assert cache.content().bytes <= 50_000
    assert cache.get("edit", "huge") is None and cache.get("edit", 399) is not None
    assert (tmp_path / "c.sqlite").stat().st_size < 150_000


def test_a_damaged_entry_is_made_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.sqlite")
    cache.put("text", 1, value=b"right")
    with sqlite3.connect(tmp_path / "c.sqlite") as db:
        db.execute("UPDATE entries SET value = ?", (b"wrong",))
    assert cache.get("text", 1) is None
    cache.put("text", 1, value=b"right")
    assert cache.get("text", 1) == b"right"


@pytest.mark.parametrize("damage", ["text", "holes"])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "c.sqlite"
    cache = Cache(path)
    for n in range(50):
        cache.put("text", n, value=bytes([n]) * 3000)
    cache.close()
    data = bytearray(path.read_bytes())
    if damage == "text":
        data[:] = b"This was a database once. " * 100
    else:
        data[100:] = os.urandom(len(data) - 100)
    path.write_bytes(data)
    for _ in range(3):
        for n in range(50):
            assert cache.get("text", n) in (None, bytes([n]) * 3000)
            cache.put("text", n, value=bytes([n]) * 3000)
    assert cache.get("text", 7) == bytes([7]) * 3000


def test_a_cache_that_cannot_be_written_is_as_if_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "c.sqlite")
    cache.put("text", 1, value=b"x")
    assert cache.get("text", 1) is None and cache.content().kinds == {}


WRITER = """
import sys
import threading
from pathlib import Path
from memeprobe.cache.file import Cache
cache = Cache(Path(sys.argv[1]), 200_000)
for n in range(600):
    cache.put("edit", n, value=bytes([n % 256]) * 900)
    found = cache.get("edit", n - 50)
    assert found in (None, bytes([(n - 50) % 256]) * 900), n
"""


def test_processes_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    assert [w.wait(60) for w in writers] == [0, 0]
    content = Cache(path, 200_000).content()
    assert 0 < content.bytes <= 200_000
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT sum(size) FROM entries").fetchone()[0] == content.bytes
        assert db.execute("SELECT bytes FROM total").fetchone()[0] == content.bytes
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_clearing_gives_the_disk_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.sqlite")
    for n in range(200):
        cache.put("edit", n, value=os.urandom(5000))
    cache.clear()
    assert cache.content().kinds == {} and cache.content().bytes == 0
    assert (tmp_path / "c.sqlite").stat().st_size < 100_000


def test_the_bound_is_read_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_CACHE_BYTES", "0")
    cache = cache_beside(tmp_path / "w.sqlite")
    cache.put("text", 1, value=b"x")
    assert cache.get("text", 1) is None and not list(tmp_path.iterdir())
    monkeypatch.setenv("MEMEPROBE_CACHE_BYTES", "12345")
    assert cache_beside(tmp_path / "w.sqlite").bound == 12345
    monkeypatch.setenv("MEMEPROBE_CACHE_BYTES", "1 GB")
    with pytest.raises(JobError, match="1 GB"):
        cache_beside(tmp_path / "w.sqlite")


class Engine:
    """Boxes and texts that follow from the pixels, and how often they were asked for."""

    name = "fake"
    alphabets = frozenset[str]()

    def __init__(self) -> None:
        self.calls: list[str] = []

    def detect(self, images: list[np.ndarray]) -> list[list[np.ndarray]]:
        self.calls += ["detect"] * len(images)
        counts = [int(image[0, 0, 0]) for image in images]
        return [[np.full((4, 2), i + 0.25, np.float32) for i in range(n)] for n in counts]

    def recognise(self, crops: list[np.ndarray]) -> list[tuple[str, float]]:
        self.calls += ["recognise"] * len(crops)
        return [(pixel_sha256(c)[:6] + "字", 0.123456789) for c in crops]


@pytest.mark.parametrize("boxes", [0, 1, 5])
def test_an_engine_reads_no_picture_twice_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boxes: int
) -> None:
    engine = Engine()
    monkeypatch.setattr("memeprobe.cache.engine.load_engine", lambda name: engine)
    images = [np.full((8, 8, 3), count, np.uint8) for count in (boxes, 3, boxes)]
    crops = [np.full((4, 4, 3), v, np.uint8) for v in (1, 2, 1)]
    wanted = listed(engine.detect(images)), engine.recognise(crops)
    engine.calls.clear()
    for _ in range(2):
        cached = CachedEngine("fake", Cache(tmp_path / "c.sqlite"))
        assert listed(cached.detect(images)) == wanted[0]
        assert cached.recognise(crops) == wanted[1]
    searched = len({boxes, 3})
    assert engine.calls == ["detect"] * searched + ["recognise", "recognise"]


def listed(found: list[list[np.ndarray]]) -> list[list[object]]:
    return [[box.tolist() for box in boxes] for boxes in found]


class Reader:
    """A reader that finds 'old' on black pictures and what was written on others."""

    version = "1"

    def __init__(self, reads: str) -> None:
        self.reads, self.calls = reads, 0

    def read(self, image: np.ndarray) -> str:
        self.calls += 1
        return self.reads if image.any() else "old"

    def reread(self, before: np.ndarray, after: np.ndarray) -> str:
        return self.read(after)

    def erase(self, image: np.ndarray) -> np.ndarray:
        return np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)

    def replace(self, image: np.ndarray, text: str) -> np.ndarray:
        return self.erase(image)

    def distance(self, reference: str, found: str) -> float:
        return float(reference != found)


@pytest.mark.parametrize(
    ("new", "reads", "works"),
    [("", "", True), ("", "old", False), ("new", "new", True), ("new", "?", False)],
)
def test_an_edit_and_why_it_failed_are_kept(
    tmp_path: Path, new: str, reads: str, works: bool
) -> None:
    image = np.zeros((5, 7, 3), np.uint8)
    found = []
    for attempt in range(2):
        reader = Reader(reads)
        edits = CaptionEdits(reader, Cache(tmp_path / "c.sqlite"))
        try:
            found.append(edits.edited(image, pixel_sha256(image), new).tolist())
        except Unreadable as failed:
            found.append((str(failed), failed.read))
        assert edits.caption(image, pixel_sha256(image)) == "old"
        assert (reader.calls > 0) is (attempt == 0)
    assert found[0] == found[1]
    assert (found[0] == Reader("").erase(image).tolist()) is works


def test_a_reader_without_a_version_is_asked_each_time(tmp_path: Path) -> None:
    reader = Reader("")
    reader.version = ""
    image = np.zeros((5, 7, 3), np.uint8)
    for calls in (1, 2):
        edits = CaptionEdits(reader, Cache(tmp_path / "c.sqlite"))
        edits.caption(image, "sha")
        assert reader.calls == calls


def test_an_engine_is_loaded_ahead_for_a_file_that_was_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    cache, file = Cache(tmp_path / "cache.sqlite"), tmp_path / "a.gif"

    def looked() -> int:
        with engine_ahead(file, "rapidocr", cache):
            pass
        for thread in set(threading.enumerate()) - before:
            thread.join()
        return len(loaded)

    before = set(threading.enumerate())
    monkeypatch.setattr("memeprobe.cache.ahead.load_engine", loaded.append)
    assert looked() == 0  # there is no such file
    file.write_bytes(b"GIF")
    with pytest.raises(ValueError), engine_ahead(file, "rapidocr", cache):
        raise ValueError("broken file")
    assert looked() == 2  # what broke off was not read
    assert looked() == 2
    file.write_bytes(b"another GIF")
    assert looked() == 3
    assert set(loaded) == {"rapidocr"}
    file.write_bytes(b"a third")
    monkeypatch.setattr("memeprobe.cache.ahead.load_engine", _refused)
    assert looked() == 3  # who reads is told why


def _refused(name: str) -> None:
    raise OcrError(f"{name} is not installed")

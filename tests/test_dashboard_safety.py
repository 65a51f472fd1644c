"""Hostile uploads: refused in time, in memory and in their own folder, and said why."""

import io
import signal
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from memeprobe.dashboard.sets import archives
from memeprobe.dashboard.sets.archives import ArchiveError, ZipLimits, unpack
from memeprobe.workers import sandbox
from tests.not_none import not_none


def zipped(*files: tuple[str | zipfile.ZipInfo, str | bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize(
    "name", ["../x.gif", "a/../../x.gif", "/etc/x.gif", "C:\\x.gif", "a\\..\\x.gif"]
)
def test_a_zip_with_a_path_that_leads_outside_is_refused_whole(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveError, match="outside"):
        unpack(zipped(("fine.gif", b"GIF89a"), (name, b"GIF89a")), tmp_path / "in" / "set")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_zip_with_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link.gif")
    info.external_attr = 0o120777 << 16
    with pytest.raises(ArchiveError, match="link"):
        unpack(zipped((info, b"/etc/passwd")), tmp_path / "set")


def test_a_zip_bomb_is_given_up_while_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(("items.jsonl", b"\0" * 5_000_000))
    with pytest.raises(ArchiveError, match="200-fold"):
        unpack(bomb, tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_a_zip_that_lies_about_its_sizes_unpacks_no_more_than_it_may(tmp_path: Path) -> None:
    data = bytearray(zipped(("items.jsonl", b"\0" * 3_000_000)).getvalue())
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 10)  # "10 bytes"
    with pytest.raises(ArchiveError):
        unpack(io.BytesIO(bytes(data)), tmp_path / "set")


@pytest.mark.parametrize(
    ("files", "limits", "said"),
    [
        ((), ZipLimits(), "empty"),
        ((("a.exe", b"MZ"),), ZipLimits(), "media files"),
        ((("a.zip", b"PK"),), ZipLimits(), "media files"),
        ((("a.gif", b"1"), ("b.gif", b"2")), ZipLimits(files=1), "2 files"),
        ((("a.gif", bytes(range(256)) * 40),), ZipLimits(file_bytes=1000), "1,000"),
        ((("a.gif", b"1" * 600), ("b.gif", b"2" * 600)), ZipLimits(total_bytes=1000), "1,000"),
    ],
)
def test_other_limits_of_a_zip(tmp_path: Path, files: Any, limits: Any, said: str) -> None:
    with pytest.raises(ArchiveError, match=said):
        unpack(zipped(*files), tmp_path / "set", limits)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no zip"):
        unpack(io.BytesIO(b"not a zip at all"), tmp_path / "set")


def test_a_good_zip_gives_its_set_folder_and_leaves_out_what_a_mac_adds(tmp_path: Path) -> None:
    given = zipped(("my/items.jsonl", b"{}"), ("my/media/a.gif", b"GIF"), ("__MACOSX/x", b""))
    folder = unpack(given, tmp_path / "set")
    assert folder == tmp_path / "set" / "my"
    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["a.gif", "items.jsonl"]


@pytest.fixture(scope="module")
def pool() -> Iterator[sandbox.WorkerPool]:
    made = sandbox.WorkerPool(1)
    yield made
    made.stop()


def look(pool: sandbox.WorkerPool, data: bytes, name: str = "x.gif") -> list[Any]:
    return list(pool.stream("look", {"name": name, "k": 2, "policy": "uniform_time"}, data))


def picture(pixels: np.ndarray | None = None) -> bytes:
    buffer = io.BytesIO()
    flat = np.full((40, 60, 3), 200, np.uint8)
    Image.fromarray(flat if pixels is None else pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.slow
def test_a_worker_opens_a_picture_and_outlives_a_broken_one(pool: sandbox.WorkerPool) -> None:
    with pytest.raises(sandbox.SandboxError, match=r"x\.gif: broken gif file"):
        look(pool, b"GIF89a\x10\x00\x10\x00 this is no picture")
    pid = not_none(pool.workers[0]._process).pid
    events = {e.kind: e for e in look(pool, picture())}
    assert (events["opened"].data["width"], events["opened"].data["height"]) == (60, 40)
    assert (events["keyframes"].pictures[0] == 200).all()
    assert not_none(pool.workers[0]._process).pid == pid


@pytest.mark.slow
def test_a_picture_over_the_limit_is_refused_by_name(pool: sandbox.WorkerPool) -> None:
    head = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0"
    body = b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x4c\x01\x00;"
    with pytest.raises(sandbox.SandboxError, match="frame_pixels"):
        look(pool, head + body)


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_killed_and_the_next_one_is_served(
    pool: sandbox.WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(pool, picture())  # the worker is up
    hung = pool.workers[0]._process
    not_none(hung).send_signal(signal.SIGSTOP)  # as good as a decoder that never comes back
    monkeypatch.setattr(sandbox, "seconds_allowed", lambda: 1.0)
    with pytest.raises(sandbox.SandboxError, match="took more than 1 s and was given up"):
        look(pool, picture())
    assert not_none(hung).poll() is not None
    monkeypatch.setattr(sandbox, "seconds_allowed", lambda: 120.0)
    assert look(pool, picture())[0].kind == "opened"


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [300, 400, 500])
def test_memory_of_a_worker_is_bounded(monkeypatch: pytest.MonkeyPatch, megabytes: int) -> None:
    """The OCR engine does not fit; where it finds that out, and how it says so, differs."""
    monkeypatch.setattr(sandbox, "MEMORY_BYTES", megabytes * 2**20)
    small = sandbox.WorkerPool(1)
    # Never read before: what is remembered of a picture takes no engine.
    unread = picture(np.random.default_rng().integers(0, 255, (40, 60, 3), np.uint8))
    try:
        with pytest.raises(sandbox.SandboxError, match="memory"):
            look(small, unread)
    finally:
        small.stop()


def test_a_folder_of_which_a_worker_says_nothing_is_no_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its job was given up before it began."""
    silent = SimpleNamespace(stream=lambda job, args: iter(()))
    monkeypatch.setattr(archives, "pool", lambda: silent)
    with pytest.raises(sandbox.SandboxError, match="mine is no set"):
        archives.checked_set(tmp_path / "mine")


@pytest.mark.slow
def test_a_yaml_bomb_in_a_set_ends_in_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "seconds_allowed", lambda: 8.0)
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (tmp_path / "set.yaml").write_text("\n".join(lines))
    (tmp_path / "items.jsonl").write_text('{"id": "a", "media": "a.gif", "kind": "x"}\n')
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    made = sandbox.WorkerPool(1)
    monkeypatch.setattr(archives, "pool", lambda: made)
    try:
        with pytest.raises(sandbox.SandboxError):
            archives.checked_set(tmp_path)
    finally:
        made.stop()

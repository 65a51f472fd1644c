"""A model's revision covers every byte that was loaded."""

import hashlib
import os
from pathlib import Path

import pytest

from vlm import fingerprint


@pytest.fixture
def shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as large, and a memory of its own."""
    monkeypatch.setattr(fingerprint, "REMEMBER", 1 << 20)
    monkeypatch.setattr(fingerprint, "_memory", lambda: tmp_path / "memory.json")
    path = tmp_path / "model.safetensors"
    path.write_bytes(bytes(8 << 20))
    return path


@pytest.mark.parametrize("place", [0, 131_073, 4_000_000, 5_555_555, (8 << 20) - 1])
def test_a_single_byte_anywhere_makes_another_model(shard: Path, place: int) -> None:
    before = fingerprint.files_hash([shard])
    with shard.open("r+b") as file:
        file.seek(place)
        file.write(b"x")
    os.utime(shard, ns=(1, 1))  # the clock may be too coarse to tell the two apart
    assert fingerprint.files_hash([shard]) != before


def test_an_unchanged_large_file_is_read_once(shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fingerprint.files_hash([shard])
    monkeypatch.setattr(hashlib, "file_digest", None)  # reading it again would fail
    assert fingerprint.files_hash([shard]) == first


def test_a_damaged_memory_is_no_harm(shard: Path, tmp_path: Path) -> None:
    first = fingerprint.files_hash([shard])
    (tmp_path / "memory.json").write_text("{")
    assert fingerprint.files_hash([shard]) == first

"""Merging, pruning and copying a store that is locked, full or not where it should be."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from memeprobe.store import connect, merging
from memeprobe.store.merging import merge
from memeprobe.store.store import Store, StoreError
from memeprobe.store.upkeep import backup, check, prune
from tests.test_store_damage import all_of, filled


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "w.sqlite"
    filled(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def test_a_lock_ends_a_merge_and_a_prune_in_one_line(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "WAIT", 0.2)
    path, run = tmp_path / "l.sqlite", all_of(whole)[0][0].run
    shutil.copyfile(whole, path)
    with Store(path), closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for change in (lambda: merge([whole], path), lambda: prune(path, [run])):
            with pytest.raises(StoreError, match="another program has held it"):
                change()
        other.execute("ROLLBACK")
    assert all_of(path) == all_of(whole)


def test_a_full_disk_ends_a_merge_in_one_line(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into, real = tmp_path / "into.sqlite", connect.to_write

    def full(path: Path) -> sqlite3.Connection:
        db = real(path)
        db.execute("PRAGMA max_page_count = 1")  # as many as it has by now
        return db

    monkeypatch.setattr(merging, "to_write", full)
    with pytest.raises(StoreError, match=r"into\.sqlite: the disk is full"):
        merge([whole], into)
    monkeypatch.undo()
    assert check(into).runs == 0
    merge([whole], into)
    assert check(into).trials == check(whole).trials


def test_a_copy_that_cannot_be_written_is_told(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"^cannot copy .*w\.sqlite to .*copy: "):
        backup(whole, tmp_path / "file" / "copy")

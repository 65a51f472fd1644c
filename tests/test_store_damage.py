"""Workspace files that are damaged, foreign, full, locked or not there: one line, nothing lost."""

import ctypes
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from memeprobe.store import connect, errors, queries
from memeprobe.store.migrations import MIGRATIONS
from memeprobe.store.queries import StoreReader
from memeprobe.store.rows import ItemLabels
from memeprobe.store.schema import Recheck, Trial
from memeprobe.store.store import Store, StoreError
from memeprobe.store.upkeep import backup, check, prune
from vlm import Answer, Receipt

ITEMS = {f"item-{n}": ItemLabels(cluster=f"c{n}", lure=1, options=("是", "no")) for n in range(60)}


def filled(path: Path) -> str:
    """A store of two runs that share some answers; the id of the first."""
    receipt = Receipt("native", 2, 2, ("a" * 64,) * 2, "What?")
    with Store(path) as store:
        runs = [store.start_run({"k": k}, ITEMS, 240) for k in (4, 5)]
        for run in runs:
            for c in range(4):
                trials = [
                    Trial(item, f"c{c}", "right", 0, 0, f"{item}-{c}", 2, 2, True, None, {"a": [c]})
                    for item in ITEMS
                ]
                answer = Answer(f"答 {c}" * 9, receipt, (-0.5, -1.25), (2, 3))
                store.save(run, trials, {t.answer: answer for t in trials if t.answer})
            store.save_rechecks(run, [Recheck("item-0-0", "item-0", "c0", True, 0.0, "a", "a")])
    return runs[0]


def all_of(path: Path) -> Any:
    """Whatever reports read of a store."""
    with Store.existing(path) as store:
        return [(r, store.outcomes(r.run), store.rechecks(r.run)) for r in store.runs()]


def of_pages(path: Path) -> Any:
    """The same as the pages read it."""
    queries._CHECKED.clear()
    with StoreReader(path) as reader:
        found = reader.items(FIRST, "all", 0, 100)
        return reader.run(FIRST), found, [reader.item(FIRST, i) for i in found[0][:5]]


FIRST = ""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    global FIRST
    path = tmp_path_factory.mktemp("whole") / "w.sqlite"
    FIRST = filled(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trials SET detail = 'x'",
        "UPDATE trials SET outcome = 'wrong' WHERE item = 'item-3'",
        "UPDATE answers SET text = 'no'",
        "UPDATE answers SET logprobs = '[0, 0]'",
        "UPDATE answers SET receipt = '[]'",
        "UPDATE items SET about = '{}'",
        "UPDATE runs SET identity = '{}'",
        "UPDATE runs SET provenance = 'x'",
    ],
)
def test_changed_rows_are_found(whole: Path, tmp_path: Path, change: str) -> None:
    path = tmp_path / "c.sqlite"
    shutil.copyfile(whole, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(change)
        db.commit()
    with pytest.raises(StoreError, match=r"is damaged .*memeprobe store check"):
        all_of(path)
    assert check(path).findings


def test_readers_make_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mistyped" / "w.sqlite"
    for read in (Store.existing, StoreReader, check):
        with pytest.raises(StoreError, match="there is no store"):
            read(path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE runs (a)")
        db.commit()
    before = path.read_bytes()
    for use in (Store, Store.existing, StoreReader, check):
        with pytest.raises(StoreError, match="of another program"):
            use(path)
    assert path.read_bytes() == before
    path.write_bytes(b"hello" * 1000)
    for use in (Store, Store.existing, StoreReader, check):
        with pytest.raises(StoreError):
            use(path)
    assert path.read_bytes() == b"hello" * 1000


@contextmanager
def nobody() -> Iterator[None]:
    """Files are used with the rights of a stranger."""
    library = ctypes.CDLL(None)
    if os.geteuid() != 0:
        yield
        return
    library.setfsuid(65534)
    try:
        yield
    finally:
        library.setfsuid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="setfsuid is a matter of Linux")
@pytest.mark.parametrize("unwritten", [False, True], ids=["whole", "with a write-ahead log"])
def test_a_read_only_medium_is_read(whole: Path, unwritten: bool) -> None:
    folder = Path(mkdtemp(prefix="memeprobe-"))
    path = folder / "w.sqlite"
    expected = all_of(whole)
    shutil.copyfile(whole, path)
    writer = sqlite3.connect(path) if unwritten else None
    if writer is not None:
        writer.execute("UPDATE runs SET updated = 5, created = 5")
        writer.commit()
        kept = {p.name: p.read_bytes() for p in folder.iterdir()}
        writer.close()
        path.write_bytes(kept[path.name])
        path.with_name("w.sqlite-wal").write_bytes(kept["w.sqlite-wal"])
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    with nobody():
        found = all_of(path)
        with pytest.raises(StoreError):
            Store(path)
    if unwritten:
        assert {r.updated for r, *_ in found} == {5}
        assert [rest for _, *rest in found] == [rest for _, *rest in expected]
    else:
        assert found == expected
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_lock_is_waited_for_and_then_told(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "WAIT", 0.2)
    monkeypatch.setattr(errors, "WAIT", 0.2)
    path = tmp_path / "l.sqlite"
    shutil.copyfile(whole, path)
    with Store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program has held it"):
            store.save(FIRST, [Trial("item-0", "new", "right")])
        other.execute("ROLLBACK")
        store.save(FIRST, [Trial("item-0", "new", "right")])
        assert len(store.outcomes(FIRST)) == 241


def test_an_old_format_is_changed_after_a_copy_and_read_from_one(
    whole: Path, tmp_path: Path
) -> None:
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as db:
        for statements in MIGRATIONS[:3]:
            for statement in statements:
                db.execute(statement)
        db.execute("PRAGMA user_version=3")
        db.execute("ATTACH ? AS new", (str(whole),))
        db.execute("INSERT INTO runs SELECT * FROM new.runs")
        db.execute("INSERT INTO items SELECT run, item, place, about FROM new.items")
        db.execute(
            "INSERT INTO answers SELECT key, text, error, logprobs, tokens, receipt, asked "
            "FROM new.answers"
        )
        names = ", ".join(r[1] for r in db.execute("PRAGMA table_info(trials)"))
        db.execute(f"INSERT INTO trials SELECT {names} FROM new.trials")
        db.execute("INSERT INTO rechecks SELECT * FROM new.rechecks")
        db.commit()
    before = path.read_bytes()
    assert all_of(path) == all_of(whole)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1
    Store(path).close()
    assert all_of(path) == all_of(whole)
    assert all_of(tmp_path / "old.sqlite.format-3") == all_of(whole)


def test_a_backup_is_whole_and_a_pruned_store_smaller(whole: Path, tmp_path: Path) -> None:
    path, copy = tmp_path / "w.sqlite", tmp_path / "deep" / "copy.sqlite"
    shutil.copyfile(whole, path)
    expected = all_of(path)
    assert all_of(backup(path, copy)) == expected
    with pytest.raises(StoreError, match="exists"):
        backup(path, copy)
    prune(path, [FIRST])
    assert check(path).findings == () and check(path).runs == 1
    assert all_of(path) == [row for row in expected if row[0].run != FIRST]
    assert path.stat().st_size < whole.stat().st_size
    with Store.existing(path) as store:
        (left,) = store.runs()
    prune(path, [left.run])
    assert (check(path).trials, check(path).answers) == (0, 0)

"""What is said where a store can be opened and then fails: notes, labels, upkeep, saving."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from memeprobe.store import connect, labels, notes, upkeep
from memeprobe.store.errors import written
from memeprobe.store.labels import Label, labels_of, put_label
from memeprobe.store.notes import item_notes, name_run, note_item
from memeprobe.store.queries import exists
from memeprobe.store.store import StoreError
from memeprobe.store.upkeep import prune
from tests.test_store_damage import all_of, filled

ANSWER = Label("item-0", "Ann", "answer", "red")


@pytest.fixture
def store(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "w.sqlite"
    return path, filled(path)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (Label("item-0", " ", "answer", "red"), "who says so"),
        (Label("item-0", "A" * 10_000, "answer", "red"), "who says so"),
        (Label("item-0", "Ann", "caption", "x" * 100_000), "caption has 100,000 characters"),
    ],
)
def test_a_label_that_is_none_is_refused(store: tuple[Path, str], label: Label, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        put_label(store[0], "set", label)
    assert labels_of(store[0], "set") == []


def test_a_note_that_is_too_long_is_refused(store: tuple[Path, str]) -> None:
    path, run = store
    with pytest.raises(StoreError, match="the note has 100,000 characters"):
        note_item(path, run, "item-0", "Ann", "x" * 100_000)
    assert item_notes(path, run) == {}


@pytest.mark.parametrize(
    ("table", "use"),
    [
        ("labels", lambda path, run: put_label(path, "set", ANSWER)),
        ("labels", lambda path, run: labels_of(path, "set")),
        ("run_names", lambda path, run: name_run(path, run, "name")),
        ("item_notes", lambda path, run: note_item(path, run, "item-0", "Ann", "so")),
        ("item_notes", lambda path, run: item_notes(path, run)),
    ],
)
def test_a_table_that_is_gone_is_told_in_one_line(
    store: tuple[Path, str], table: str, use: Callable[[Path, str], object]
) -> None:
    path, run = store
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"DROP TABLE {table}")
        db.commit()
    with pytest.raises(StoreError, match=rf"w\.sqlite.*no such table: {table}") as told:
        use(path, run)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("module", "use"),
    [
        (upkeep, lambda path, run: prune(path, [run])),
        (labels, lambda path, run: put_label(path, "set", ANSWER)),
        (notes, lambda path, run: name_run(path, run, "name")),
        (notes, lambda path, run: note_item(path, run, "item-0", "Ann", "so")),
    ],
)
def test_who_takes_the_store_in_between_is_told(
    store: tuple[Path, str],
    module: ModuleType,
    use: Callable[[Path, str], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another program begins to write once the store is open, and nothing is changed."""
    monkeypatch.setattr(connect, "WAIT", 0.1)
    path, run = store
    before, real = all_of(path), connect.to_write
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def taken(path: Path) -> sqlite3.Connection:
            db = real(path)
            other.execute("BEGIN IMMEDIATE")
            return db

        for name in ("to_write", "_writable"):
            monkeypatch.setattr(module, name, taken, raising=False)
        with pytest.raises(StoreError, match="another program has held it"):
            use(path, run)
        other.execute("ROLLBACK")
    assert all_of(path) == before


def test_a_store_that_cannot_be_copied_to_be_read_is_told(
    store: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a read-only medium it is read from a copy, for which there may be no room."""

    def full(path: Path) -> sqlite3.Connection:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(connect, "_read_only", full)
    with pytest.raises(StoreError, match=r"^.*w\.sqlite: .*No space left on device"):
        connect.to_read(store[0])


def test_damage_that_is_met_while_writing_is_told(tmp_path: Path) -> None:
    class Broken:
        path = tmp_path / "w.sqlite"

        @written
        def save(self, error: Exception) -> None:
            raise error

    with pytest.raises(StoreError, match=r"w\.sqlite.*malformed"):
        Broken().save(sqlite3.DatabaseError("database disk image is malformed"))
    with pytest.raises(sqlite3.IntegrityError):  # a mistake of the caller keeps its traceback
        Broken().save(sqlite3.IntegrityError("UNIQUE constraint failed"))


def test_what_is_no_store_is_told_when_it_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    assert not exists(path)
    path.write_text("this is a diary, and no database at all " * 30)
    with pytest.raises(StoreError, match="cannot be used as a workspace"):
        exists(path)


def test_who_reads_a_store_cannot_write_to_it(store: tuple[Path, str]) -> None:
    readonly = pytest.raises(sqlite3.OperationalError, match="readonly")
    with closing(connect.to_read(store[0])) as db, readonly:
        db.execute("DELETE FROM trials")


def test_an_empty_file_is_no_workspace_without_runs(tmp_path: Path) -> None:
    (tmp_path / "w.sqlite").touch()
    with pytest.raises(StoreError, match=r"w\.sqlite is empty: nothing was stored in it yet"):
        connect.to_read(tmp_path / "w.sqlite")
    assert (tmp_path / "w.sqlite").read_bytes() == b""


def test_what_only_sqlites_own_check_finds_is_told(store: tuple[Path, str]) -> None:
    """An index that lacks a row: whoever reads by it misses that row, and nothing else shows it."""
    path, _ = store
    mine = "FROM sqlite_schema WHERE name = 'odd'"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE more (x)")
        db.execute("CREATE INDEX odd ON more (x)")
        row = db.execute(f"SELECT * {mine}").fetchone()
        db.execute("PRAGMA writable_schema = ON")
        db.execute(f"DELETE {mine}")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO more VALUES (1)")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", row)
    connect.to_read(path).close()
    with pytest.raises(StoreError, match="row 1 missing from index odd"):
        connect.to_read(path, whole=True)

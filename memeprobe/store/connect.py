"""How a workspace file is opened: to write, which makes one; or to read, which makes nothing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from memeprobe.store.errors import WAIT, StoreError, describe
from memeprobe.store.migrations import MIGRATIONS

OURS = 0x6D656D65
"""SQLite's application id of our files, 'meme'; 0 in files of before format 4."""
DAMAGED = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file makes sqlite3 raise; the second where its own message is no UTF-8."""
TABLES = {"runs", "items", "answers", "trials"}


def to_write(path: Path) -> sqlite3.Connection:
    """The file in today's format, made with its folder if there is none.

    A file of an older format is copied before it is changed. Raises StoreError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = _rows(sqlite3.connect(path, timeout=WAIT, isolation_level=None))
        version = known_format(db, path)
        if 0 < version < len(MIGRATIONS):
            copy_to(db, path.with_name(f"{path.name}.format-{version}"))
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        migrate(db)
        return db
    except (OSError, *DAMAGED) as error:
        raise StoreError(_unusable(path, error)) from None


def to_read(path: Path, *, whole: bool = False) -> sqlite3.Connection:
    """The file as it is: nothing is made or changed. ``whole``: its structure is checked first.

    An older format, or a file where nothing can be written beside it, is read into memory.
    Raises StoreError, also if there is none.
    """
    if not path.is_file():
        raise StoreError(
            f"there is no store {path}; `memeprobe run` makes one, --workspace names another"
        )
    try:
        db = _read_only(path)
        version = known_format(db, path)
        if not version:
            raise StoreError(
                f"{path} is empty: nothing was stored in it yet, or all of it is lost; "
                "`memeprobe run` begins anew there"
            )
        if version < len(MIGRATIONS):
            with closing(db):
                db = _in_memory(db)
            migrate(db)
        if whole:
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise sqlite3.DatabaseError(said.splitlines()[-1])
        return db
    except OSError as error:
        raise StoreError(_unusable(path, error)) from None
    except DAMAGED as error:
        raise StoreError(describe(path, error)) from None


def _read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    db = _rows(sqlite3.connect(address, uri=True, timeout=WAIT))
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return db
    except sqlite3.OperationalError as error:
        if not any(word in str(error) for word in ("unable to open", "readonly", "disk I/O")):
            raise
    # SQLite wants a file beside it, for what other programs write meanwhile, and cannot make one:
    # then nobody writes.
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return _rows(sqlite3.connect(f"{address}&immutable=1", uri=True))
    with TemporaryDirectory() as folder:
        for name in (path.name, f"{path.name}-wal"):
            if path.with_name(name).is_file():
                shutil.copyfile(path.with_name(name), Path(folder) / name)
        with closing(sqlite3.connect(Path(folder) / path.name)) as copy:
            return _in_memory(copy)


def _in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    memory = _rows(sqlite3.connect(":memory:", isolation_level=None))
    db.backup(memory)
    return memory


def _rows(db: sqlite3.Connection) -> sqlite3.Connection:
    db.row_factory = sqlite3.Row
    return db


def known_format(db: sqlite3.Connection, path: Path) -> int:
    """The format of a file; 0 for an empty one. Raises StoreError: not ours, or a newer one."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if owner not in (0, OURS) or (tables and not tables >= TABLES):
        raise StoreError(
            f"{path} is an SQLite file of another program; nothing in it was changed. Give another "
            "with --workspace"
        )
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} was written by a newer memeprobe (format {version}, this one knows "
            f"{len(MIGRATIONS)}); update memeprobe or give another file with --workspace"
        )
    return int(version)


def migrate(db: sqlite3.Connection) -> None:
    """Bring a file to today's format, in one transaction: a kill leaves it as it was."""
    if db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been quicker.
        done = db.execute("PRAGMA user_version").fetchone()[0]
        for statement in (s for several in MIGRATIONS[done:] for s in several):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
        db.execute(f"PRAGMA application_id={OURS}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk ends it by itself
            db.execute("ROLLBACK")
        raise


def copy_to(db: sqlite3.Connection, path: Path) -> None:
    """A whole copy of a file, written beside and then renamed: never half a copy."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(beside)) as copy:
            db.backup(copy)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _unusable(path: Path, error: Exception) -> str:
    if any(word in str(error) for word in ("full", "locked", "busy")):  # which passes
        return describe(path, error)
    return f"{path}: cannot be used as a workspace ({error}); give another with --workspace"

"""The cache's file: one SQLite file beside the workspace, which may be deleted at any time.

An entry is addressed by all that it was made of, so that it is never out of date, only unused:
the least recently used go first when the file grows over its bound. Any number of processes may
share the file. What cannot be read back as it was written is forgotten and made anew; a cache
that cannot be used at all is as if it were empty.
"""

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from memeprobe.settings import whole_number

DEFAULT_BYTES = 2**30
FRESH = 60.0
"""Seconds within which a second use of an entry is not noted."""
KEEP = 0.9
"""Share of the bound that is left when the file grew over it."""

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, kind TEXT NOT NULL, value BLOB NOT NULL,
    digest BLOB NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_use ON entries(used);
CREATE TABLE IF NOT EXISTS total (bytes INTEGER NOT NULL);
INSERT INTO total SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM total);
CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON entries
    BEGIN UPDATE total SET bytes = bytes + NEW.size; END;
CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON entries
    BEGIN UPDATE total SET bytes = bytes - OLD.size; END;
"""
_OVERHEAD = 200
"""Bytes that an entry takes beside its value, about."""


@dataclass(frozen=True)
class Content:
    """What a cache holds."""

    path: Path
    bytes: int
    """Of all entries together."""
    bound: int
    kinds: dict[str, tuple[int, int]]
    """Kind -> (entries, bytes)."""


class Cache:
    """One cache. ``path`` None, or a bound of 0: nothing is kept and nothing found."""

    def __init__(self, path: Path | None, bound: int | None = None) -> None:
        """``bound``: bytes at most; by default as MEMEPROBE_CACHE_BYTES says. Raises JobError for
        a value of that variable that is no number of bytes."""
        self.bound = (
            whole_number("MEMEPROBE_CACHE_BYTES", DEFAULT_BYTES) if bound is None else bound
        )
        self.path = path if self.bound > 0 else None
        self._db: sqlite3.Connection | None = None
        self._opened_by = 0

    def get(self, kind: str, *parts: object) -> bytes | None:
        """The entry made of ``parts``; None if there is none that is whole."""
        key = _key(kind, parts)
        with self._using() as db:
            if db is None:
                return None
            row = db.execute("SELECT value, digest, used FROM entries WHERE key = ?", (key,))
            found = row.fetchone()
            if found is None:
                return None
            value, digest, used = found
            if not isinstance(value, bytes) or _digest(value) != digest:
                db.execute("DELETE FROM entries WHERE key = ?", (key,))
                return None
            now = time.time()
            if now - used > FRESH:
                db.execute("UPDATE entries SET used = ? WHERE key = ?", (now, key))
            return value
        return None

    def put(self, kind: str, *parts: object, value: bytes) -> None:
        """Keep an entry, unless it is there: whoever made it, it is the same."""
        row = (_key(kind, parts), kind, value, _digest(value), len(value) + _OVERHEAD, time.time())
        with self._using() as db:
            if db is not None and row[4] <= self.bound:
                db.execute("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
                if _total(db) > self.bound:
                    self._shrink(db)

    def content(self) -> Content:
        """What there is."""
        kinds: dict[str, tuple[int, int]] = {}
        with self._using() as db:
            if db is not None:
                rows = db.execute(
                    "SELECT kind, count(*), sum(size) FROM entries GROUP BY kind ORDER BY kind"
                )
                kinds = {kind: (count, size) for kind, count, size in rows}
        total = sum(size for _, size in kinds.values())
        return Content(self.path or Path(), total, self.bound, kinds)

    def clear(self) -> None:
        """Forget everything, and give the disk back."""
        with self._using() as db:
            if db is not None:
                db.execute("DELETE FROM entries")
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _shrink(self, db: sqlite3.Connection) -> None:
        """Drop what was used least recently."""
        db.execute("BEGIN IMMEDIATE")
        excess = _total(db) - KEEP * self.bound  # another process may have been quicker
        oldest = db.execute("SELECT key, size FROM entries ORDER BY used").fetchall()
        for key, size in oldest:
            if excess <= 0:
                break
            db.execute("DELETE FROM entries WHERE key = ?", (key,))
            excess -= size
        db.execute("COMMIT")

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection | None]:
        """The open file; None if it cannot be used, for example in a folder that may not be
        written. A file that is no database any more is replaced by an empty one."""
        try:
            db = self._open()
        except (sqlite3.Error, OSError) as error:
            db = None
            self._failed(error)
        try:
            yield db
        except sqlite3.Error as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """A full disk or a lock held too long passes; damage does not."""
        passing = isinstance(error, sqlite3.OperationalError | OSError)
        if not passing:
            self._discard()
        elif self._db is not None and self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection | None:
        if self.path is None:
            return None
        if self._opened_by != os.getpid():  # a connection must not be carried over a fork
            self._db = None
        if self._db is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.executescript(_TABLES)
            self._db, self._opened_by = db, os.getpid()
        return self._db

    def _discard(self) -> None:
        self.close()
        if self.path is not None:
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.path}{ending}").unlink(missing_ok=True)


def file_beside(workspace: str | Path) -> Path:
    """Where a workspace's cache lies: ``memeprobe.sqlite`` has ``memeprobe.cache.sqlite``."""
    path = Path(workspace)
    return path.with_name(f"{path.stem}.cache.sqlite")


def cache_beside(workspace: str | Path) -> Cache:
    """The cache of a workspace."""
    return Cache(file_beside(workspace))


def _total(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT bytes FROM total").fetchone()[0])


def _key(kind: str, parts: tuple[object, ...]) -> bytes:
    return hashlib.sha256(repr((kind, parts)).encode("utf-8", "surrogatepass")).digest()


def _digest(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()[:8]

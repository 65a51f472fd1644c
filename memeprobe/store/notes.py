"""What people write of runs and of their items: names and notes; no part of a run's identity."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from memeprobe.store.connect import to_read, to_write
from memeprobe.store.errors import NoRun, StoreError, describe
from memeprobe.store.schema import storable

LONGEST_NAME = 80
LONGEST_NOTE = 4000
_LATEST = "written = excluded.written WHERE excluded.written >= "
PUT_NAME = (
    "INSERT INTO run_names VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name, "
    f"note = excluded.note, {_LATEST} run_names.written"
)
"""The latest name and note of a run stay, also where stores are merged."""
PUT_ITEM_NOTE = (
    "INSERT INTO item_notes VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note, "
    f"{_LATEST} item_notes.written"
)
"""The latest note of each author on an item stays."""


def name_run(path: Path, run: str, name: str | None = None, note: str | None = None) -> None:
    """Call a run something, and say something of it; None keeps what there is, '' takes it away.

    ``run``: its whole id. Raises StoreError: there is no such run, a text that is too long, or a
    store that cannot be written.
    """
    name = None if name is None else " ".join(name.split())
    for what, text, most in (("name", name, LONGEST_NAME), ("note", note, LONGEST_NOTE)):
        if text is not None and len(text) > most:
            raise StoreError(f"the {what} has {len(text):,} characters; it may have {most:,}")
    with closing(_writable(path)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM runs WHERE id = ?", (run,)).fetchone():
                raise NoRun(f"there is no run {run!r} in {path}")
            before = db.execute("SELECT * FROM run_names WHERE run = ?", (run,)).fetchone()
            kept = (before["name"], before["note"]) if before else ("", "")
            said = [
                old if new is None else new for new, old in zip((name, note), kept, strict=True)
            ]
            db.execute(PUT_NAME, (run, *map(storable, said), time.time()))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(describe(path, error)) from None


def note_item(path: Path, run: str, item: str, author: str, note: str) -> None:
    """Keep what ``author`` says of an item of a run; '' takes it away. Raises StoreError."""
    if len(note) > LONGEST_NOTE:
        raise StoreError(f"the note has {len(note):,} characters; it may have {LONGEST_NOTE:,}")
    with closing(_writable(path)) as db:
        try:
            db.execute(PUT_ITEM_NOTE, (run, item, storable(author), storable(note), time.time()))
        except sqlite3.Error as error:
            raise StoreError(describe(path, error)) from None


def item_notes(path: Path, run: str) -> dict[str, list[tuple[str, str]]]:
    """Item -> (author, note) of everybody who said something of it. Raises StoreError."""
    found: dict[str, list[tuple[str, str]]] = {}
    with closing(to_read(path)) as db:
        try:
            rows = db.execute(
                "SELECT item, author, note FROM item_notes WHERE run = ? AND note != '' "
                "ORDER BY item, written",
                (run,),
            )
            for row in rows:
                found.setdefault(row["item"], []).append((row["author"], row["note"]))
        except sqlite3.Error as error:
            raise StoreError(describe(path, error)) from None
    return found


def _writable(path: Path) -> sqlite3.Connection:
    """Raises StoreError, also where there is no store: a note makes none."""
    with closing(to_read(path)):
        pass
    return to_write(path)

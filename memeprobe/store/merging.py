"""Several stores into one: runs that were asked in parts, or on several machines.

Answers and trials are addressed by what they depend on, so that nothing can be mixed up: parts of
one run become that run, and what two stores both hold is the same and stays once.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from memeprobe.store.connect import to_read, to_write
from memeprobe.store.errors import StoreError, describe
from memeprobe.store.labels import PUT_LABEL
from memeprobe.store.notes import PUT_ITEM_NOTE, PUT_NAME
from memeprobe.store.schema import (
    CLOSE_RUNS,
    PUT_ANSWER,
    PUT_TRIAL,
    about_of,
    answer_of,
    record_of,
    verify,
)

PUT = {
    "runs": "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
    "created = min(created, excluded.created), updated = max(updated, excluded.updated), "
    "planned = max(planned, excluded.planned), "
    "provenance = coalesce(provenance, excluded.provenance)",
    "items": "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?)",
    "answers": PUT_ANSWER,
    # What is settled stays, as the answer that it names does.
    "trials": PUT_TRIAL.replace(" OR excluded.outcome != 'failed'", ""),
    "paces": "INSERT OR IGNORE INTO paces VALUES (?, ?, ?, ?, ?, ?, ?)",
    "rechecks": "INSERT OR IGNORE INTO rechecks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "shards": "INSERT OR IGNORE INTO shards VALUES (?, ?, ?)",
    "run_names": PUT_NAME,
    "item_notes": PUT_ITEM_NOTE,
    "labels": PUT_LABEL,
}
"""Table -> how a row of another store is taken over."""
WHOLE = {
    "runs": lambda row: record_of(row, {}),
    "items": about_of,
    "answers": answer_of,
    "trials": lambda row: verify(row, "trial_sum"),
}
"""Table -> what throws if a row is not what was written."""


@dataclass(frozen=True)
class Merged:
    """What a store holds after merging."""

    runs: int
    trials: int
    answers: int
    missing: dict[str, tuple[int, int]]
    """Run that is not complete -> (trials there, trials planned at most)."""


def merge(sources: Sequence[Path], into: Path) -> Merged:
    """Take all of ``sources`` over into the store ``into``, which is made if there is none.

    All or nothing, and doing it again changes nothing. Raises StoreError: a source that is
    missing, damaged or ``into`` itself.
    """
    for source in sources:
        if source.resolve() == into.resolve():
            raise StoreError(f"{source} cannot be merged into itself; give --into another file")
        with closing(to_read(source, whole=True)):  # all are seen to be whole before one is taken
            pass
    with closing(to_write(into)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
            for source in sources:
                with closing(to_read(source, whole=True)) as other:
                    _take_over(other, db, source)
            db.execute(CLOSE_RUNS)
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(describe(into, error)) from None
        return _counted(db)


def _take_over(other: sqlite3.Connection, db: sqlite3.Connection, source: Path) -> None:
    for table, put in PUT.items():
        whole = WHOLE.get(table, lambda row: None)
        for row in other.execute(f"SELECT * FROM {table}"):
            try:
                whole(row)
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise StoreError(
                    f"{source}: {table}: {error}; nothing was merged. `memeprobe store check` "
                    "tells more"
                ) from None
            db.execute(put, tuple(row))


def _counted(db: sqlite3.Connection) -> Merged:
    runs, trials, answers = (
        db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("runs", "trials", "answers")
    )
    rows = db.execute(
        "SELECT id, planned, (SELECT count(*) FROM trials t WHERE t.run = runs.id) AS done "
        "FROM runs ORDER BY created"
    )
    missing = {
        row["id"]: (row["done"], row["planned"]) for row in rows if row["done"] < row["planned"]
    }
    return Merged(runs, trials, answers, missing)

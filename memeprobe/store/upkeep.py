"""Keeping a workspace: say whether it is whole, copy it, take runs out of it."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from memeprobe.store.connect import copy_to, to_read, to_write
from memeprobe.store.errors import StoreError, describe
from memeprobe.store.schema import about_of, answer_of, record_of, verify

MOST_FINDINGS = 20
"""Findings that are told; where one row is damaged, hundreds may be."""


@dataclass(frozen=True)
class Checked:
    """What a check of a workspace found."""

    path: str
    runs: int
    trials: int
    answers: int
    bytes: int
    findings: tuple[str, ...]
    """What is damaged, one sentence each; empty for a whole file."""


def check(path: Path) -> Checked:
    """Read all of a workspace. Raises StoreError: there is none, or nothing of it can be read."""
    findings: list[str] = []
    with closing(to_read(path)) as db:
        _structure(db, findings)
        counts = {
            table: _rows_of(db, table, reader, findings)
            for table, reader in {
                "runs": lambda row: record_of(row, {}),
                "items": about_of,
                "answers": answer_of,
                "trials": lambda row: verify(row, "trial_sum"),
            }.items()
        }
        if not findings:
            _joined(db, findings)
    return Checked(
        str(path),
        counts["runs"],
        counts["trials"],
        counts["answers"],
        path.stat().st_size,
        tuple(findings[:MOST_FINDINGS]),
    )


def _structure(db: sqlite3.Connection, findings: list[str]) -> None:
    try:
        said = [row[0] for row in db.execute(f"PRAGMA integrity_check({MOST_FINDINGS})")]
        findings += [] if said == ["ok"] else said
    except sqlite3.Error as error:
        findings.append(f"its structure: {error}")


def _rows_of(
    db: sqlite3.Connection,
    table: str,
    reader: Callable[[sqlite3.Row], object],
    findings: list[str],
) -> int:
    """How many rows of a table can be read."""
    good = 0
    try:
        for row in db.execute(f"SELECT * FROM {table}"):
            try:
                reader(row)
                good += 1
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                findings.append(f"{table}: {error}")
    except sqlite3.Error as error:
        findings.append(f"{table}: {error}")
    return good


def _joined(db: sqlite3.Connection, findings: list[str]) -> None:
    """Trials whose run, item or answer is missing."""
    for what, condition in {
        "run": "run NOT IN (SELECT id FROM runs)",
        "item": "NOT EXISTS (SELECT 1 FROM items i WHERE i.run = t.run AND i.item = t.item)",
        "answer": "answer IS NOT NULL AND answer NOT IN (SELECT key FROM answers)",
    }.items():
        (count,) = db.execute(f"SELECT count(*) FROM trials t WHERE {condition}").fetchone()
        if count:
            findings.append(f"{count} trials have no {what} any more")


def backup(path: Path, to: Path) -> Path:
    """A whole copy of a workspace, also while a run writes to it; returns where it is.

    Raises StoreError: there is none, it is damaged, or the copy cannot be written.
    """
    if to.exists():
        raise StoreError(f"{to} exists; name a file that does not, or take it away first")
    try:
        with closing(to_read(path, whole=True)) as db:
            to.parent.mkdir(parents=True, exist_ok=True)
            copy_to(db, to)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot copy {path} to {to}: {error}") from None
    return to


def prune(path: Path, runs: Sequence[str]) -> int:
    """Take runs out, with the answers that only they use; returns how many rows went.

    ``runs``: full ids. The space is given back to the disk. Raises StoreError.
    """
    with closing(to_read(path, whole=True)):  # there is one, and it is whole
        pass
    with closing(to_write(path)) as db:
        try:
            before = db.total_changes
            db.execute("BEGIN IMMEDIATE")
            for run in runs:
                db.execute(
                    "DELETE FROM answers WHERE key IN (SELECT answer FROM trials WHERE run = ?) "
                    "AND key NOT IN (SELECT answer FROM trials WHERE run != ? "
                    "AND answer IS NOT NULL)",
                    (run, run),
                )
                for table, column in (
                    ("trials", "run"),
                    ("items", "run"),
                    ("rechecks", "run"),
                    ("shards", "run"),
                    ("run_names", "run"),
                    ("item_notes", "run"),
                    ("runs", "id"),
                ):
                    db.execute(f"DELETE FROM {table} WHERE {column} = ?", (run,))
            db.execute("COMMIT")
            gone = db.total_changes - before
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return gone
        except sqlite3.Error as error:
            raise StoreError(describe(path, error)) from None

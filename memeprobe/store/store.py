"""The store: one SQLite file with runs, trials and answers. Killed at any time, it stays whole.

A batch is one transaction, so a kill loses at most the batch in flight. Answers are addressed by
their content and shared by all runs and conditions; a trial row points to its answer.
"""

import sqlite3
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from types import TracebackType
from typing import Any

from memeprobe.store.connect import to_read, to_write
from memeprobe.store.errors import NoRun, StoreError, guarded, written
from memeprobe.store.rows import ItemLabels, Provenance, RunRecord, TrialRow
from memeprobe.store.schema import (
    ANSWER_COLUMNS,
    CLOSE_RUNS,
    NAMED_RUNS,
    PUT_ANSWER,
    PUT_TRIAL,
    Pace,
    Recheck,
    Trial,
    about_of,
    answer_of,
    answer_row,
    identified,
    recheck_of,
    record_of,
    row_of,
    signed,
    storable,
    to_json,
)
from vlm import Answer

__all__ = ["Store", "StoreError"]


class Store:
    """One workspace. Creates the file (and its folder) where there is none.

    Whatever SQLite throws becomes a StoreError that says what to do.
    """

    def __init__(self, path: str | Path, db: sqlite3.Connection | None = None) -> None:
        """``db``: a connection to it that is open already."""
        self.path = Path(path)
        self._db = to_write(self.path) if db is None else db

    @classmethod
    def existing(cls, path: str | Path) -> "Store":
        """A store to read from. Nothing is made or changed, and damage is found before it is read.

        Raises StoreError, also where there is none.
        """
        return cls(path, to_read(Path(path), whole=True))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk ends it by itself
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @written
    def start_run(
        self,
        identity: Mapping[str, Any],
        items: Mapping[str, ItemLabels],
        planned: int,
        provenance: Provenance | None = None,
    ) -> str:
        """The id of the run with this identity: the old one if it was begun before, which changes
        only when answers come.

        ``items`` tells of each item, in order, what reports need; ``planned`` counts the trials.
        """
        run, text = identified(identity)
        now = time.time()
        made_by = to_json(provenance.as_json()) if provenance is not None else None
        rows = [
            signed((run, name, place, to_json(asdict(about))))
            for place, (name, about) in enumerate(items.items())
        ]
        with self._transaction():
            self._db.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
                "provenance = coalesce(excluded.provenance, runs.provenance)",
                (run, text, now, now, planned, made_by),
            )
            self._db.executemany("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?)", rows)
        return run

    @written
    def complete_run(self, run: str, shard: tuple[int, int] = (1, 1)) -> None:
        """A run came to its end, or its part ``shard`` (i of n) did; once all parts did, what it
        holds is what it planned.

        How many trials there are is known then only: a condition may not fit a clip (fewer frames
        than slots, a still).
        """
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO shards VALUES (?, ?, ?)", (run, *shard))
            self._db.execute(CLOSE_RUNS + " AND id = ?", (run,))

    @written
    def save(
        self,
        run: str,
        trials: Iterable[Trial],
        answers: Mapping[str, Answer] | None = None,
        pace: Pace | None = None,
        only_new: bool = False,
    ) -> frozenset[str]:
        """Store a batch in one transaction.

        A stored answer is only replaced if it had failed, and no trial by one that failed.
        ``only_new``: if any of ``answers`` is stored by now (another process works on the same
        run), nothing is written, and the keys of these come back.
        """
        now = time.time()
        asked = []
        for key, answer in (answers or {}).items():
            *values, checksum = signed((key, *answer_row(answer)))
            asked.append((*values, now, checksum))
        rows = [
            signed(
                (
                    run,
                    t.item,
                    t.condition,
                    t.outcome,
                    t.chosen,
                    t.gold,
                    t.answer,
                    t.intended,
                    t.shown,
                    t.testable,
                    storable(t.problem),
                    to_json(t.detail),
                )
            )
            for t in trials
        ]
        with self._transaction():
            there = {row["key"] for row in self._answered(list(answers or {}))}
            if only_new and there:
                return frozenset(there)
            self._db.executemany(PUT_ANSWER, asked)
            self._db.executemany(PUT_TRIAL, rows)
            self._db.execute("UPDATE runs SET updated = ? WHERE id = ?", (now, run))
            if pace is not None:
                self._db.execute(
                    "INSERT INTO paces VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                    "trials = trials + excluded.trials, seconds = seconds + excluded.seconds",
                    astuple(pace),
                )
        return frozenset()

    @guarded
    def pace(
        self, model: str, revision: str, delivery: str, device: str, set_name: str
    ) -> float | None:
        """Seconds that a trial took so far with this model; None if it was never asked."""
        row = self._db.execute(
            "SELECT seconds / trials AS pace FROM paces WHERE model = ? AND revision = ? AND "
            "delivery = ? AND device = ? AND set_name = ? AND trials > 0",
            (model, revision, delivery, device, set_name),
        ).fetchone()
        return None if row is None else float(row["pace"])

    @written
    def save_rechecks(self, run: str, rechecks: Iterable[Recheck]) -> None:
        """Store what came of asking some questions of a run again, one by one."""
        rows = [
            (run, r.answer, r.item, r.condition, r.same, r.difference, r.before, r.after)
            for r in rechecks
        ]
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO rechecks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    @guarded
    def rechecks(self, run: str) -> list[Recheck]:
        """The questions of a run that were asked again, one by one."""
        rows = self._db.execute(
            "SELECT * FROM rechecks WHERE run = ? ORDER BY item, condition", (run,)
        )
        return [recheck_of(row) for row in rows]

    @guarded
    def answers(self, keys: Sequence[str]) -> dict[str, Answer]:
        """The stored answers among ``keys``; failed ones are left out, they are asked again."""
        return {row["key"]: answer_of(row) for row in self._answered(keys, "*")}

    def _answered(self, keys: Sequence[str], columns: str = "key") -> Iterator[Any]:
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            yield from self._db.execute(
                f"SELECT {columns} FROM answers WHERE error IS NULL AND "
                f"key IN ({', '.join('?' * len(part))})",
                part,
            )

    @guarded
    def settled(self, run: str) -> set[tuple[str, str]]:
        """(item, condition) of every trial that needs no more asking: all but the failed ones."""
        rows = self._db.execute(
            "SELECT item, condition FROM trials WHERE run = ? AND outcome != 'failed'", (run,)
        )
        return {(row["item"], row["condition"]) for row in rows}

    @guarded
    def found(self, run: str, items: Container[str]) -> tuple[int, int]:
        """(settled, failed) trials of some items that a run has by now."""
        rows = self._db.execute(
            "SELECT item, outcome = 'failed' AS failed, count(*) AS n FROM trials WHERE run = ? "
            "GROUP BY item, failed",
            (run,),
        )
        counts = [0, 0]
        for row in rows:
            counts[row["failed"]] += row["n"] * (row["item"] in items)
        return counts[0], counts[1]

    @guarded
    def items(self, run: str) -> dict[str, dict[str, Any]]:
        """What was stored about each item of a run, in the set's order."""
        rows = self._db.execute("SELECT * FROM items WHERE run = ? ORDER BY place", (run,))
        return {row["item"]: about_of(row) for row in rows}

    @guarded
    def outcomes(self, run: str) -> list[TrialRow]:
        """One row per trial, in the set's order: the trial, its item's labels and its answer."""
        about = self.items(run)
        place = {name: i for i, name in enumerate(about)}
        rows = self._db.execute(
            f"SELECT t.*, {ANSWER_COLUMNS} FROM trials t "
            "LEFT JOIN answers a ON a.key = t.answer WHERE t.run = ?",
            (run,),
        ).fetchall()
        rows.sort(key=lambda row: place[row["item"]])
        return [row_of(row, about[row["item"]]) for row in rows]

    @guarded
    def run(self, name: str) -> RunRecord:
        """The run whose id is or begins with ``name``. Raises NoRun: none, or several."""
        rows = self._db.execute(
            "SELECT id FROM runs WHERE substr(id, 1, ?) = ?", (len(name), name)
        ).fetchall()
        if len(rows) == 1:
            return next(r for r in self.runs() if r.run == rows[0]["id"])
        known = ", ".join(r.run for r in self.runs()[:5])
        if rows:
            raise NoRun(f"several runs begin with {name!r}; give more of the id")
        raise NoRun(
            f"there is no run {name!r} in {self.path}; "
            + (f"the latest are {known}" if known else "it holds no runs yet")
        )

    @guarded
    def runs(self) -> list[RunRecord]:
        """Every run, latest first: its id, identity, times, and how many trials it has of what."""
        counts: dict[str, dict[str, int]] = {}
        for row in self._db.execute(
            "SELECT run, outcome, count(*) AS n FROM trials GROUP BY run, outcome"
        ):
            counts.setdefault(row["run"], {})[row["outcome"]] = row["n"]
        return [
            record_of(row, counts.get(row["id"], {}))
            for row in self._db.execute(NAMED_RUNS + " ORDER BY updated DESC, id")
        ]

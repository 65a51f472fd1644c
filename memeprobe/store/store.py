"""The store: one SQLite file with runs, trials and answers. Killed at any time, it stays whole.

A batch is one transaction, so a kill loses at most the batch in flight. Answers are addressed by
their content and shared by all runs and conditions; a trial row points to its answer.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from types import TracebackType
from typing import Any

from memeprobe.store.rows import ItemLabels, Provenance, RunRecord, TrialRow
from memeprobe.store.schema import (
    MIGRATIONS,
    Pace,
    Recheck,
    Trial,
    answer_of,
    answer_row,
    recheck_of,
    record_of,
    row_of,
    storable,
    to_json,
)
from vlm import Answer


class StoreError(ValueError):
    """The workspace file cannot be used, or does not hold what was asked for."""


class Store:
    """One workspace. Creates the file (and its folder) where there is none."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._migrate()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{path}: cannot be used as a workspace ({error}); give another with --workspace"
            ) from None

    def _migrate(self) -> None:
        done = self._version()
        if done > len(MIGRATIONS):
            raise StoreError(
                f"{self.path} was written by a newer memeprobe (format {done}, this one knows "
                f"{len(MIGRATIONS)}); update memeprobe or give another file with --workspace"
            )
        for number, statements in enumerate(MIGRATIONS[done:], done + 1):
            with self._transaction():
                if self._version() < number:  # another process may have been quicker
                    for statement in statements:
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version={number}")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

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

    def start_run(
        self,
        identity: Mapping[str, Any],
        items: Mapping[str, ItemLabels],
        planned: int,
        provenance: Provenance | None = None,
    ) -> str:
        """The id of the run with this identity: the old one if it was begun before.

        ``items`` tells of each item, in order, what reports need; ``planned`` counts the trials.
        """
        text = to_json(dict(sorted(identity.items())))
        run = hashlib.sha256(text.encode()).hexdigest()[:10]
        now = time.time()
        made_by = to_json(provenance.as_json()) if provenance is not None else None
        rows = [
            (run, name, place, to_json(asdict(about)))
            for place, (name, about) in enumerate(items.items())
        ]
        with self._transaction():
            self._db.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
                "updated = excluded.updated, "
                "provenance = coalesce(excluded.provenance, runs.provenance)",
                (run, text, now, now, planned, made_by),
            )
            self._db.executemany("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?)", rows)
        return run

    def save(
        self,
        run: str,
        trials: Iterable[Trial],
        answers: Mapping[str, Answer] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Store a batch in one transaction. A stored answer is only replaced if it had failed."""
        now = time.time()
        asked = [(key, *answer_row(answer), now) for key, answer in (answers or {}).items()]
        rows = [
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
            for t in trials
        ]
        with self._transaction():
            self._db.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET "
                "text = excluded.text, error = excluded.error, logprobs = excluded.logprobs, "
                "tokens = excluded.tokens, receipt = excluded.receipt, asked = excluded.asked "
                "WHERE answers.error IS NOT NULL",
                asked,
            )
            self._db.executemany(
                f"INSERT OR REPLACE INTO trials VALUES ({', '.join('?' * 12)})", rows
            )
            self._db.execute("UPDATE runs SET updated = ? WHERE id = ?", (now, run))
            if pace is not None:
                self._db.execute(
                    "INSERT INTO paces VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                    "trials = trials + excluded.trials, seconds = seconds + excluded.seconds",
                    astuple(pace),
                )

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

    def rechecks(self, run: str) -> list[Recheck]:
        """The questions of a run that were asked again, one by one."""
        rows = self._db.execute(
            "SELECT * FROM rechecks WHERE run = ? ORDER BY item, condition", (run,)
        )
        return [recheck_of(row) for row in rows]

    def answers(self, keys: Sequence[str]) -> dict[str, Answer]:
        """The stored answers among ``keys``; failed ones are left out, they are asked again."""
        found: dict[str, Answer] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ", ".join("?" * len(part))
            for row in self._db.execute(
                f"SELECT * FROM answers WHERE key IN ({marks}) AND error IS NULL", part
            ):
                found[row["key"]] = answer_of(row)
        return found

    def settled(self, run: str) -> set[tuple[str, str]]:
        """(item, condition) of every trial that needs no more asking: all but the failed ones."""
        rows = self._db.execute(
            "SELECT item, condition FROM trials WHERE run = ? AND outcome != 'failed'", (run,)
        )
        return {(row["item"], row["condition"]) for row in rows}

    def items(self, run: str) -> dict[str, dict[str, Any]]:
        """What was stored about each item of a run, in the set's order."""
        rows = self._db.execute(
            "SELECT item, about FROM items WHERE run = ? ORDER BY place", (run,)
        )
        return {row["item"]: json.loads(row["about"]) for row in rows}

    def outcomes(self, run: str) -> list[TrialRow]:
        """One row per trial, in the set's order: the trial, its item's labels and its answer."""
        about = self.items(run)
        place = {name: i for i, name in enumerate(about)}
        rows = self._db.execute(
            "SELECT t.*, a.text, a.error, a.receipt, a.logprobs, a.tokens FROM trials t "
            "LEFT JOIN answers a ON a.key = t.answer WHERE t.run = ?",
            (run,),
        ).fetchall()
        rows.sort(key=lambda row: place[row["item"]])
        return [row_of(row, about[row["item"]]) for row in rows]

    def run(self, name: str) -> RunRecord:
        """The run whose id is or begins with ``name``. Raises StoreError: none, or several."""
        rows = self._db.execute(
            "SELECT id FROM runs WHERE substr(id, 1, ?) = ?", (len(name), name)
        ).fetchall()
        if len(rows) == 1:
            return next(r for r in self.runs() if r.run == rows[0]["id"])
        known = ", ".join(r.run for r in self.runs()[:5])
        if rows:
            raise StoreError(f"several runs begin with {name!r}; give more of the id")
        raise StoreError(
            f"there is no run {name!r} in {self.path}; "
            + (f"the latest are {known}" if known else "it holds no runs yet")
        )

    def runs(self) -> list[RunRecord]:
        """Every run, latest first: its id, identity, times, and how many trials it has of what."""
        counts: dict[str, dict[str, int]] = {}
        for row in self._db.execute(
            "SELECT run, outcome, count(*) AS n FROM trials GROUP BY run, outcome"
        ):
            counts.setdefault(row["run"], {})[row["outcome"]] = row["n"]
        return [
            record_of(row, counts.get(row["id"], {}))
            for row in self._db.execute("SELECT * FROM runs ORDER BY updated DESC, id")
        ]

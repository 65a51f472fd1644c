"""What the pages ask of a store and of answers: read-only, and never a whole store at once."""

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from memeprobe.scoring.answers import RIGHT
from memeprobe.store.connect import to_read
from memeprobe.store.errors import StoreError, guarded
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.store.schema import ANSWER_COLUMNS, NAMED_RUNS, about_of, record_of, row_of

FILTERS: dict[str, str] = {
    "all": "SELECT item FROM items WHERE run = :run",
    "flipped": (
        "SELECT i.item FROM items i JOIN trials t ON t.run = i.run AND t.item = i.item "
        "AND t.condition = 'keyframes' WHERE i.run = :run AND t.chosen IS NOT NULL "
        "AND t.chosen = json_extract(i.about, '$.lure')"
    ),
    "unread": (
        "SELECT DISTINCT item FROM trials WHERE run = :run AND (outcome = 'unreadable' "
        "OR (condition = 'transcribe' AND outcome IN ('wrong', 'unparsed')))"
    ),
    "failed": "SELECT DISTINCT item FROM trials WHERE run = :run AND outcome = 'failed'",
    "unparsed": "SELECT DISTINCT item FROM trials WHERE run = :run AND outcome = 'unparsed'",
    "wrong": (
        "SELECT item FROM trials WHERE run = :run AND condition IN ('keyframes', 'as_is') "
        "AND outcome != 'right' GROUP BY item"
    ),
}
"""Which items to list: the filter's name -> the query for their names."""


CHECKED_EVERY = 60.0
"""Seconds after which a store's structure is checked again before it is read: pages open it often,
and the check reads all of it."""
_CHECKED: dict[Path, float] = {}


@dataclass(frozen=True)
class ItemAnswers:
    """How the conditions of one item were answered; transcriptions left out."""

    item: str
    question: str
    options: int
    """Different options that were chosen: the more, the less the conditions agree."""
    read: int
    """Trials in whose answer an option could be read."""
    right: int
    failed: int
    asked: int

    @property
    def disagreement(self) -> float:
        """From 0 (one option under every condition) towards 1: how mixed right and other are, and
        then how many different options were chosen."""
        if self.read < 2:
            return 0.0
        share = self.right / self.asked
        return 4 * share * (1 - share) * 0.8 + 0.2 * (1 - 1 / max(1, self.options))


class StoreReader:
    """A store opened for reading only. Raises StoreError: there is none, or it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        due = time.monotonic() - _CHECKED.get(path, float("-inf")) > CHECKED_EVERY
        self._db = to_read(path, whole=due)
        if due:
            _CHECKED[path] = time.monotonic()

    def __enter__(self) -> "StoreReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @guarded
    def progress(self, run: str) -> tuple[int, int]:
        """(trials done, trials planned) of a run."""
        (done,) = self._db.execute("SELECT count(*) FROM trials WHERE run = ?", (run,)).fetchone()
        row = self._db.execute("SELECT planned FROM runs WHERE id = ?", (run,)).fetchone()
        return int(done), int(row["planned"]) if row else 0

    @guarded
    def run(self, name: str) -> RunRecord | None:
        """The run with this id, without its counts; None if there is none."""
        row = self._db.execute(NAMED_RUNS + " WHERE id = ?", (name.strip(),)).fetchone()
        return record_of(row, {}) if row else None

    @guarded
    def state(self) -> tuple[float, int, float]:
        """Changes whenever any run does: (time of the latest batch, runs, time of the latest
        name or note)."""
        row = self._db.execute(
            "SELECT coalesce(max(updated), 0), count(*), "
            "(SELECT coalesce(max(written), 0) FROM run_names) FROM runs"
        ).fetchone()
        return float(row[0]), int(row[1]), float(row[2])

    @guarded
    def version(self, run: str) -> tuple[float, int]:
        """Changes whenever a run's trials do: (time of the last batch, trials)."""
        row = self._db.execute("SELECT updated FROM runs WHERE id = ?", (run,)).fetchone()
        return (float(row["updated"]) if row else 0.0, self.progress(run)[0])

    @guarded
    def items(self, run: str, which: str, start: int, count: int) -> tuple[list[str], int]:
        """Names of the items that a filter takes, in the set's order, from ``start`` on, and how
        many there are in all. Raises StoreError for an unknown filter."""
        chosen = FILTERS[which]
        parameters = {"run": run, "start": start, "count": count}
        rows = self._db.execute(
            f"SELECT item FROM items WHERE run = :run AND item IN ({chosen}) "
            "ORDER BY place LIMIT :count OFFSET :start",
            parameters,
        ).fetchall()
        (total,) = self._db.execute(f"SELECT count(*) FROM ({chosen})", {"run": run}).fetchone()
        return [r["item"] for r in rows], int(total)

    @guarded
    def item_answers(self, run: str) -> list[ItemAnswers]:
        """Every item of a run with how its conditions answered, in the set's order."""
        rows = self._db.execute(
            "SELECT i.item, i.about, count(DISTINCT t.chosen) AS options, count(t.chosen) AS read, "
            "sum(t.outcome = 'right') AS right, sum(t.outcome = 'failed') AS failed, "
            "count(t.condition) AS asked FROM items i LEFT JOIN trials t ON t.run = i.run "
            "AND t.item = i.item AND t.condition NOT LIKE '%transcribe%' WHERE i.run = ? "
            "GROUP BY i.item ORDER BY i.place",
            (run,),
        )
        return [
            ItemAnswers(
                row["item"],
                str(json.loads(row["about"]).get("question") or ""),
                *(int(row[name] or 0) for name in ("options", "read", "right", "failed", "asked")),
            )
            for row in rows
        ]

    @guarded
    def place(self, run: str, item: str) -> int | None:
        """How many items of the run stand before this one; None if it has no such item."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM items b WHERE b.run = i.run AND b.place < i.place) AS n "
            "FROM items i WHERE i.run = ? AND i.item = ?",
            (run, item),
        ).fetchone()
        return int(row["n"]) if row else None

    @guarded
    def item(self, run: str, item: str) -> list[TrialRow]:
        """The rows of one item, as ``Store.outcomes`` gives them."""
        about = self._db.execute(
            "SELECT * FROM items WHERE run = ? AND item = ?", (run, item)
        ).fetchone()
        rows = self._db.execute(
            f"SELECT t.*, {ANSWER_COLUMNS} FROM trials t "
            "LEFT JOIN answers a ON a.key = t.answer WHERE t.run = ? AND t.item = ?",
            (run, item),
        )
        labels = about_of(about) if about else {}
        return [row_of(row, labels) for row in rows]

    @guarded
    def rights(self, run: str) -> dict[tuple[str, str], tuple[bool, str]]:
        """(item, condition) -> (right or not, cluster) of every trial that was answered."""
        rows = self._db.execute(
            "SELECT t.item, t.condition, t.outcome, json_extract(i.about, '$.cluster') AS cluster "
            "FROM items i JOIN trials t ON t.run = i.run AND t.item = i.item WHERE i.run = ? "
            "AND t.outcome IN ('right', 'wrong', 'unparsed') ORDER BY i.place",
            (run,),
        )
        return {
            (r["item"], r["condition"]): (r["outcome"] == RIGHT, str(r["cluster"])) for r in rows
        }

    @guarded
    def conditions(self, run: str) -> set[str]:
        """The conditions under which anything was asked."""
        rows = self._db.execute("SELECT DISTINCT condition FROM trials WHERE run = ?", (run,))
        return {row["condition"] for row in rows}

    @guarded
    def changes(
        self, first: tuple[str, str], second: tuple[str, str]
    ) -> tuple[dict[str, str], int]:
        """Item -> 'gained', 'lost' or 'changed', of the items whose answer is another one under
        the second (run, condition) than under the first, in the first run's order; and how many
        items were answered under both.

        Gained: right under the second only. Changed: another option, and both right (for what they
        show) or neither.
        """
        rows = self._db.execute(
            "SELECT a.item, a.outcome AS one, b.outcome AS two, "
            "(a.chosen IS NOT b.chosen OR a.outcome != b.outcome) AS differs FROM items i "
            "JOIN trials a ON a.run = i.run AND a.item = i.item AND a.condition = :condition "
            "JOIN trials b ON b.run = :other AND b.item = i.item AND b.condition = :under "
            "WHERE i.run = :run AND a.outcome IN ('right', 'wrong', 'unparsed') "
            "AND b.outcome IN ('right', 'wrong', 'unparsed') ORDER BY i.place",
            {"run": first[0], "condition": first[1], "other": second[0], "under": second[1]},
        ).fetchall()
        told = {
            r["item"]: _change(r["one"] == RIGHT, r["two"] == RIGHT) for r in rows if r["differs"]
        }
        return told, len(rows)

    @guarded
    def pace(self, model: str, delivery: str, set_name: str) -> float | None:
        """Seconds that a trial took so far; None if fewer than 20 were timed.

        Over all revisions and devices of the model: which it will be is known once it is loaded.
        """
        row = self._db.execute(
            "SELECT sum(seconds) AS took, sum(trials) AS n FROM paces "
            "WHERE model = ? AND delivery = ? AND set_name = ?",
            (model, delivery, set_name),
        ).fetchone()
        return float(row["took"]) / row["n"] if row["n"] and row["n"] >= 20 else None


def reading(path: Path) -> StoreReader:
    """See ``StoreReader``."""
    return StoreReader(path)


def exists(path: Path) -> bool:
    """Whether there is a store with tables in it. Raises StoreError: the file is something else."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone())
    except sqlite3.Error as error:
        raise StoreError(
            f"{path}: cannot be used as a workspace ({error}); "
            "name another file in MEMEPROBE_WORKSPACE"
        ) from None


def _change(before: bool, after: bool) -> str:
    return "changed" if before is after else "gained" if after else "lost"


def lure_text(row: TrialRow) -> str | None:
    """The option that the first frame alone suggests, in words."""
    if row.lure is None or row.lure >= len(row.options):
        return None
    return row.options[row.lure]

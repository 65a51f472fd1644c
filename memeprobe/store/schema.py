"""How trials and answers lie in the rows of the tables that ``migrations`` makes."""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from memeprobe.scoring.answers import OUTCOMES
from memeprobe.store.rows import Provenance, RunRecord, TrialRow
from vlm import Answer, Receipt

UNREADABLE = "unreadable"
"""Outcome of a trial that was not asked because its caption edit failed the reader's check."""

NAMED_RUNS = "SELECT runs.*, name, note FROM runs LEFT JOIN run_names ON run = id"
"""Runs with what people call them."""
ANSWER_COLUMNS = "a.key, a.text, a.error, a.logprobs, a.tokens, a.receipt, a.answer_sum"
"""What is read of an answer, in the order in which it is signed."""
SIGNED = {
    "item_sum": ("run", "item", "place", "about"),
    "answer_sum": ("key", "text", "error", "logprobs", "tokens", "receipt"),
    "trial_sum": (
        "run",
        "item",
        "condition",
        "outcome",
        "chosen",
        "gold",
        "answer",
        "intended",
        "shown",
        "testable",
        "problem",
        "detail",
    ),
}
"""Column of a checksum -> the columns that it covers."""
PUT_ANSWER = (
    "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(key) DO UPDATE SET text = excluded.text, error = excluded.error, "
    "logprobs = excluded.logprobs, tokens = excluded.tokens, receipt = excluded.receipt, "
    "asked = excluded.asked, answer_sum = excluded.answer_sum WHERE answers.error IS NOT NULL"
)
"""A stored answer is only replaced if it had failed."""
PUT_TRIAL = (
    f"INSERT INTO trials VALUES ({', '.join('?' * 13)}) ON CONFLICT DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*SIGNED["trial_sum"][3:], "trial_sum"))
    + " WHERE trials.outcome = 'failed' OR excluded.outcome != 'failed'"
)
"""No trial is replaced by one that failed."""
CLOSE_RUNS = (
    "UPDATE runs SET planned = (SELECT count(*) FROM trials WHERE run = runs.id) "
    "WHERE EXISTS (SELECT 1 FROM shards s WHERE s.run = runs.id "
    "GROUP BY s.parts HAVING count(*) = s.parts)"
)
"""What a run holds is what it planned, once all of its parts came to their end."""


def signed(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a row and their checksum (CRC-32): SQLite finds damage to the structure of a
    file, and not to what stands in a row."""
    # As they come back: SQLite knows no booleans.
    plain = [int(v) if isinstance(v, bool) else v for v in values]
    return (*values, zlib.crc32(repr(plain).encode()))


def verify(row: sqlite3.Row, column: str) -> None:
    """Raise ValueError if a row is not what was written. Rows of older formats have no checksum."""
    if row[column] is None:
        return
    values = tuple(row[name] for name in SIGNED[column])
    if signed(values)[-1] != row[column]:
        raise ValueError(f"a row about {values[1] or values[0]!r} is not what was written")


@dataclass(frozen=True)
class Trial:
    """One row: what was asked of one item under one condition, and what came of it."""

    item: str
    condition: str
    outcome: str
    chosen: int | None = None
    gold: int | None = None
    answer: str | None = None
    """Key of the answer; None if nothing was asked."""
    intended: int = 0
    """Pictures that the condition means to show."""
    shown: int | None = None
    """Pictures that the receipt says were seen; None without a receipt."""
    testable: bool | None = None
    """Whether the receipt shows every intended picture; None if nothing was asked."""
    problem: str | None = None
    """Why there is no answer."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """More for the report: keyframe numbers, whether one shows the decisive span, edit checks."""

    def __post_init__(self) -> None:
        if self.outcome not in (*OUTCOMES, UNREADABLE):
            raise ValueError(f"trial {self.item}/{self.condition}: outcome {self.outcome!r}")


@dataclass(frozen=True)
class Pace:
    """How long some trials took, with everything around them."""

    model: str
    revision: str
    delivery: str
    device: str
    """Where the model ran: 'cpu', 'cuda:0', ...; '' if it did not say."""
    set_name: str
    """Sets differ in how much OCR their caption edits take."""
    trials: int
    seconds: float


@dataclass(frozen=True)
class Recheck:
    """One answer that was given in a batch, and the same question asked alone."""

    answer: str
    """Key of the answer."""
    item: str
    condition: str
    same: bool
    """Whether words and likeliest option are the same."""
    difference: float | None
    """Largest difference of an option's log-probability; None where there are none."""
    before: str | None
    after: str | None


def to_json(value: object) -> str:
    """Compact JSON, Chinese as it is."""
    return str(storable(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))


def storable(text: str | None) -> str | None:
    """The text with what is no Unicode (half a surrogate pair, a file name's odd byte) as U+FFFD:
    such a text cannot be stored, and one answer must not stop a run."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def answer_row(answer: Answer) -> tuple[str | None, ...]:
    """An answer as the columns text, error, logprobs, tokens, receipt."""
    receipt = answer.receipt
    return (
        storable(answer.text),
        storable(answer.error),
        to_json(answer.option_logprobs) if answer.option_logprobs is not None else None,
        to_json(answer.option_tokens) if answer.option_tokens is not None else None,
        to_json(asdict(receipt)) if receipt is not None else None,
    )


def receipt_of(stored: str | None) -> Receipt | None:
    """The receipt in a column of JSON; fields that an older store lacks keep their defaults."""
    if not stored:
        return None
    plain = json.loads(stored)
    pairs = tuple((before, after) for before, after in plain.get("translations", ()))
    named = {f.name for f in fields(Receipt)}
    lists: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in plain.items() if k in named
    }
    lists["translations"] = pairs
    return Receipt(**lists)


def about_of(row: sqlite3.Row) -> dict[str, Any]:
    """The labels in a row of the table ``items``."""
    verify(row, "item_sum")
    found: dict[str, Any] = json.loads(row["about"])
    return found


def answer_of(row: sqlite3.Row) -> Answer:
    """The answer in a row of the table ``answers``."""
    verify(row, "answer_sum")
    return Answer(
        row["text"],
        receipt_of(row["receipt"]),
        tuple(json.loads(row["logprobs"])) if row["logprobs"] else None,
        tuple(json.loads(row["tokens"])) if row["tokens"] else None,
        row["error"],
    )


def row_of(row: sqlite3.Row, about: Mapping[str, Any]) -> TrialRow:
    """A trial joined with its answer and its item's labels."""
    verify(row, "trial_sum")
    if row["answer"] is not None:
        verify(row, "answer_sum")
    plain = dict(row)
    detail = json.loads(plain.pop("detail"))
    for name in ("logprobs", "tokens"):
        plain[name] = json.loads(row[name]) if row[name] else None
    plain["receipt"] = receipt_of(row["receipt"])
    plain["testable"] = None if row["testable"] is None else bool(row["testable"])
    return TrialRow.of({**about, **detail, **plain})


def run_id(identity: str) -> str:
    """The id of a run: the beginning of the SHA-256 of what identifies it, in hexadecimal."""
    return hashlib.sha256(identity.encode()).hexdigest()[:10]


def identified(identity: Mapping[str, Any]) -> tuple[str, str]:
    """(id, text) of what identifies a run, as ``runs`` keeps them."""
    text = to_json(dict(sorted(identity.items())))
    return run_id(text), text


def record_of(row: sqlite3.Row, outcomes: Mapping[str, int]) -> RunRecord:
    """A run from its row (of ``NAMED_RUNS``, or of ``runs`` alone) and its trials by outcome."""
    if run_id(row["identity"]) != row["id"]:
        raise ValueError(f"what identifies the run {row['id']!r} is not what was written")
    identity = {**json.loads(row["identity"]), "run": row["id"]}
    times = {name: row[name] for name in ("created", "updated", "planned")}
    made_by = Provenance.of(json.loads(row["provenance"])) if row["provenance"] else None
    called = {name: row[name] or "" for name in {"name", "note"} & set(row.keys())}
    found = {"provenance": made_by, "done": sum(outcomes.values()), "outcomes": dict(outcomes)}
    return RunRecord.of({**identity, **times, **called, **found})


def recheck_of(row: sqlite3.Row) -> Recheck:
    """An answer asked again, from its row."""
    plain = {f.name: row[f.name] for f in fields(Recheck)}
    return Recheck(**{**plain, "same": bool(row["same"])})

"""A sample of a run's free answers to label by hand, and the labels read back.

The sheet says what was asked and answered, never what the reader made of it or which option is
right: who labels must not be led. Equal answers to equal options stand in it once.
"""

import csv
import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from memeprobe.errors import JobError
from memeprobe.report.export import inert
from memeprobe.store.rows import TrialRow

COLUMNS = ("key", "question", "options", "answer", "label")
NONE = "none"
"""Label of an answer that gives no option, or several."""
UNSURE = "?"
"""Label of an answer that the labeller cannot judge either; it is left out."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Case:
    """One answer to label."""

    key: str
    """Of the answer and its options."""
    question: str
    options: tuple[str, ...]
    answer: str
    clusters: tuple[str, ...]
    """The cluster of each drawn trial that got this answer."""

    @property
    def listed(self) -> str:
        """'A. sleeps | B. jumps'."""
        return " | ".join(f"{LETTERS[i]}. {o}" for i, o in enumerate(self.options))


def draw(rows: Sequence[TrialRow], count: int, seed: int = 0) -> list[Case]:
    """Cases of at most ``count`` trials drawn by the seed among those with words and options.

    Raises JobError: the run has no such answer.
    """
    usable = [r for r in rows if r.text and 2 <= len(r.options) <= len(LETTERS)]
    if not usable:
        raise JobError("the run has no answer in words to a question with options: none to audit")
    if count < len(usable):
        usable = random.Random(f"audit-{seed}").sample(usable, count)
    found: dict[str, Case] = {}
    for row in usable:
        key = _key(row.text or "", row.options)
        before = found[key].clusters if key in found else ()
        found[key] = Case(
            key, row.question or "", row.options, row.text or "", (*before, row.cluster)
        )
    return list(found.values())


def _key(text: str, options: Sequence[str]) -> str:
    shown = "\x1f".join([text, *options]).encode("utf-8", "backslashreplace")
    return hashlib.sha256(shown).hexdigest()[:12]


def write_sheet(cases: Sequence[Case], path: Path, labels: dict[str, str] | None = None) -> None:
    """The sheet as CSV, with an empty column to fill. Raises JobError: it cannot be written."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for case in cases:
        label = (labels or {}).get(case.key, "")
        cells = (case.key, case.question, case.listed, case.answer, label)
        writer.writerow([inert(cell) for cell in cells])
    try:
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror}") from None


def read_labels(path: Path, cases: Sequence[Case]) -> dict[str, str]:
    """Key of a case -> label ('A', 'none', '?'); rows without a label are left out.

    Raises JobError: the file cannot be read, lacks the columns, is of another sample, or has a
    label that is none.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    except (OSError, UnicodeError, csv.Error) as error:
        raise JobError(f"{path}: cannot be read as labels: {error}") from None
    known = {case.key: case for case in cases}
    found: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        key, label = (row.get("key") or "").strip(), (row.get("label") or "").strip()
        if key not in known:
            raise JobError(
                f"{path} line {number}: key {key!r:.40} is of no answer in this sample; give the "
                "same run, --sample and --seed with which the sheet was made"
            )
        if label:
            found[key] = checked(label, known[key], f"{path} line {number}")
    return found


def checked(label: str, case: Case, where: str) -> str:
    """The label in its one form. Raises JobError: it is none."""
    allowed = LETTERS[: len(case.options)]
    if label.upper() in tuple(allowed):
        return label.upper()
    if label.casefold() in (NONE, UNSURE):
        return label.casefold()
    raise JobError(
        f"{where}: label is {label!r:.40}; must be a letter from A to {allowed[-1]}, "
        f"{NONE!r} (gives no option) or {UNSURE!r} (cannot tell)"
    )

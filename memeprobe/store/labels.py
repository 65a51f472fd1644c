"""What people say of a set's items, kept in the workspace: answers, captions and notes."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from memeprobe.store.connect import to_read, to_write
from memeprobe.store.errors import StoreError, describe
from memeprobe.store.schema import storable

ANSWER, CAPTION, NOTE = KINDS = ("answer", "caption", "note")
LONGEST_PERSON = 40
LONGEST_LABEL = 4000
PUT_LABEL = (
    "INSERT INTO labels VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "value = excluded.value, written = excluded.written WHERE excluded.written >= labels.written"
)
"""A person's latest label stays, also where stores are merged."""


@dataclass(frozen=True)
class Label:
    """One thing that one person said of one item."""

    item: str
    person: str
    kind: str
    """One of ``KINDS``."""
    value: str | None
    """An answer is an option's English text, or 'none'; a caption '' says that there is none. None
    takes the label away."""


def put_label(path: Path, set_name: str, label: Label) -> None:
    """Keep a label; the store is made if there is none.

    Raises StoreError: it cannot be written, or a text is empty or too long.
    """
    if not label.person.strip() or len(label.person) > LONGEST_PERSON:
        raise StoreError(f"who says so? A name has 1 to {LONGEST_PERSON} characters")
    value = label.value or ""
    if len(value) > LONGEST_LABEL:
        raise StoreError(
            f"the {label.kind} has {len(value):,} characters; it may have {LONGEST_LABEL:,}"
        )
    where = tuple(map(storable, (set_name, label.item, label.person.strip(), label.kind)))
    with closing(to_write(path)) as db:
        try:
            if label.value is None:
                db.execute(
                    "DELETE FROM labels WHERE (set_name, item, person, kind) = (?, ?, ?, ?)", where
                )
            else:
                db.execute(PUT_LABEL, (*where, storable(value), time.time()))
        except sqlite3.Error as error:
            raise StoreError(describe(path, error)) from None


def labels_of(path: Path, set_name: str) -> list[Label]:
    """All labels of a set, by item and person; none where there is no store. Raises StoreError."""
    if not path.is_file():
        return []
    with closing(to_read(path)) as db:
        try:
            rows = db.execute(
                "SELECT item, person, kind, value FROM labels WHERE set_name = ? "
                "ORDER BY item, person, kind",
                (set_name,),
            )
            return [Label(*row) for row in rows]
        except sqlite3.Error as error:
            raise StoreError(describe(path, error)) from None

"""A run as a data frame."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memeprobe.store.rows import RunRecord, TrialRow

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, tuple[str, str]] = {
    "run": ("string", "id of the run"),
    "model": ("string", "name of the model"),
    "revision": ("string", "which weights and settings of it"),
    "set": ("string", "name of the set"),
    "delivery": ("string", "how frames reached the model"),
    "language": ("string", "language of the questions, 'en' or 'zh'"),
    "item": ("string", "id of the item"),
    "cluster": ("string", "items of one clip or family; cluster intervals by it"),
    "kind": ("string", "kind of question"),
    "condition": ("string", "what was shown and said, by its name"),
    "outcome": ("string", "right, wrong, unparsed, failed or unreadable"),
    "chosen": ("Int64", "index of the option chosen, from 0"),
    "gold": ("Int64", "index of the right option, from 0"),
    "lure": ("Int64", "index of the option that the first frame alone suggests, from 0"),
    "text": ("string", "the model's own words"),
    "question": ("string", "the item's question"),
    "options": ("object", "tuple of option texts"),
    "logprobs": ("object", "tuple of the options' natural-log probabilities, or None"),
    "tokens": ("object", "tuple of the options' token counts, or None"),
    "intended": ("Int64", "pictures that the condition means to show"),
    "shown": ("Int64", "pictures that the receipt says were seen"),
    "testable": ("boolean", "whether all intended pictures were seen"),
    "caption": ("string", "the item's gold caption"),
    "shown_caption": ("string", "the caption on the pictures of a transcription"),
    "judge": ("string", "outcome by the judge model"),
    "problem": ("string", "why there is no answer"),
}
"""Column -> (pandas dtype, what it holds)."""


def rows_of(record: RunRecord, rows: Sequence[TrialRow]) -> list[dict[str, Any]]:
    """One row a trial, with ``COLUMNS``, as plain values."""
    return [
        {name: getattr(row if hasattr(row, name) else record, name) for name in COLUMNS}
        for row in rows
    ]


def dataframe(rows: Sequence[Mapping[str, Any]]) -> "pd.DataFrame":
    """What ``rows_of`` gave, or JSON has kept of it, as typed columns."""
    import pandas as pd

    def value(row: Mapping[str, Any], name: str) -> object:
        found = row[name]
        return tuple(found) if isinstance(found, list) else found

    return pd.DataFrame(
        {
            name: pd.Series([value(row, name) for row in rows], dtype=dtype)
            for name, (dtype, _) in COLUMNS.items()
        }
    )

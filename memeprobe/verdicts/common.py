"""What the verdicts share: their form, the margins, and how a rule becomes a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memeprobe import stats
from memeprobe.measures import Table, paired
from memeprobe.messages import Points

FLAT_MARGIN = 0.10
"""Slots that differ by less are called equal; a bias must be at least as large."""
CHANGE_LIMIT = 1 / 3
"""One end alone decides only if surely fewer settled answers than this share change with the other
frames, beyond the model's own inconsistency. Of a fair subject all do whose clip turns."""
NO_GAIN_MARGIN = 0.25
"""A gain whose upper bound (one-sided, 95 %) is below this, and that may be 0, is called none."""
CER_LIMIT = 0.5
"""Reads: character error rate surely below; cannot read: surely above."""
ALPHA = 0.05
SURE = 0.01
"""Adjusted p-value below which a bias is named that surely exceeds ``FLAT_MARGIN``: several rules
are tried, and a run's whole verdict may be wrong in 5 % of the runs."""
BEYOND_DOUBT = 0.0001
"""Adjusted p-value below which a difference is named that may be smaller than ``FLAT_MARGIN``. A
model without any bias is asked again and again: at 1 % some of its runs would be called biased."""


@dataclass(frozen=True)
class Verdict:
    """A conclusion in both languages with the numbers behind it."""

    key: str
    text: str
    text_zh: str
    numbers: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the result object has it."""
        return {
            "key": self.key,
            "text": self.text,
            "text_zh": self.text_zh,
            "numbers": self.numbers,
        }


def say(
    texts: Mapping[str, tuple[str, str]],
    key: str,
    numbers: dict[str, Any] | None = None,
    **said: Any,
) -> Verdict:
    """The verdict ``key`` of a table of texts, whose braces are filled with what is ``said``."""
    english, chinese = texts[key]
    in_english = {k: v.en if isinstance(v, Points) else v for k, v in said.items()}
    in_chinese = {k: v.zh if isinstance(v, Points) else v for k, v in said.items()}
    return Verdict(key, english.format(**in_english), chinese.format(**in_chinese), numbers or {})


def surely_small(table: Table, after: str, before: str) -> bool:
    """Whether a gain that may be 0 is surely small: upper bound of its 90 % interval."""
    return stats.mean(*paired(table, after, before), level=0.90).high < NO_GAIN_MARGIN


def with_remarks(verdict: Verdict, remarks: Sequence[Verdict]) -> Verdict:
    """The verdict with more sentences behind its own; their keys stand in the numbers."""
    if not remarks:
        return verdict
    return Verdict(
        verdict.key,
        " ".join([verdict.text, *(r.text for r in remarks)]),
        "".join([verdict.text_zh, *(r.text_zh for r in remarks)]),
        {**verdict.numbers, "remarks": [r.key for r in remarks]},
    )

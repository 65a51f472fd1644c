"""What the verdicts share: their form, the margins, and how a rule becomes a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memeprobe import stats
from memeprobe.measures import Table, TrialRow, paired
from memeprobe.messages import Points

FLAT_MARGIN = 0.10
"""Slots that differ by less are called equal; a bias must be at least as large."""
CHANGE_LIMIT = 0.25
"""Surely fewer answers than this share may change when the other frames are replaced. Two answers
that each go wrong by chance in 3 % of the items differ in 6 %; those of a fair subject in 75 %."""
NO_GAIN_MARGIN = 0.25
"""A gain whose upper bound (one-sided, 95 %) is below this, and that may be 0, is called none."""
CER_LIMIT = 0.5
"""Reads: character error rate surely below; cannot read: surely above."""
ALPHA = 0.05


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


def blocked(table: Table, conditions: Mapping[str, object] | set[str]) -> list[TrialRow]:
    """The rows of these conditions whose receipt shows fewer pictures than were meant."""
    return [r for c in conditions for r in table.rows.get(c, {}).values() if r.testable is False]

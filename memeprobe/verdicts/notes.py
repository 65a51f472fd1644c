"""What a reader must know beside the numbers, in both languages."""

from collections.abc import Mapping, Sequence

from memeprobe import messages
from memeprobe.measures import TrialRow
from memeprobe.scoring.answers import UNPARSED
from memeprobe.stats import NOTHING, Interval
from memeprobe.store.rows import RunRecord
from memeprobe.verdicts.common import SURE
from memeprobe.verdicts.run_result import Note


def notes(
    rows: Sequence[TrialRow], info: RunRecord, found: Mapping[str, Interval]
) -> tuple[Note, ...]:
    """The notes that concern a run."""
    counts = {name: sum(r.outcome == name for r in rows) for name in ("failed", "unreadable")}
    unparsed = [r for r in rows if r.outcome == UNPARSED]
    counts["unasked"] = info.planned - info.done
    counts["tied"] = sum(map(_tied, unparsed))
    counts["unparsed"] = len(unparsed) - counts["tied"]
    counts["failed_calls"] = sum(r.failed_calls > 0 for r in rows)
    counts["short"] = sum(r.testable is False for r in rows)
    counts["truncated"] = sum(r.truncated for r in rows)
    counts["missed"] = len({r.item for r in rows if r.decisive_hit is False})
    letter = found.get("letter_bias", NOTHING)
    if letter.n and letter.low > 0 and (letter.p or 0) < SURE:
        counts["letter"] = round(100 * letter.value)
    counts[str(info.delivery)] = 1
    return tuple(
        Note(key, en.format(n=counts[key]), zh.format(n=counts[key]))
        for key, (en, zh) in messages.NOTES.items()
        if counts.get(key, 0) > 0
    )


def _tied(row: TrialRow) -> bool:
    """Whether options came out alike, which is another thing than an answer that names none."""
    if row.rotations:
        return any(vote is not None for vote in row.rotations)
    return bool(row.logprobs)

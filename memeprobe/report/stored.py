"""A stored run as the exports take it: its record, its rows, what follows, and how to see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memeprobe.cache.file import Cache
from memeprobe.store.rows import RunRecord, TrialRow

if TYPE_CHECKING:  # the command line lists the formats without the statistics
    from memeprobe.verdicts.run_result import RunResult


class ExportError(ValueError):
    """A file cannot be written; the message says why and what to do."""


@dataclass(frozen=True)
class Stored:
    """One run with all that an export may show."""

    record: RunRecord
    rows: Sequence[TrialRow]
    result: "RunResult"
    cache: Cache
    """Of the workspace: keyframes and edited captions that were made once are not made again."""
    saved: Path | None = None
    """Where the pages keep sets."""


Writer = Callable[[Stored, Path], None]

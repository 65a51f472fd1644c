"""One thing that the doctor looked at."""

from dataclasses import dataclass

FINE, NOTE, WRONG = "fine", "note", "wrong"
"""As it should be; worth knowing; a run would be untrue or impossible."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it."""

    name: str
    text: str
    state: str = FINE
    cure: str = ""
    """What to do; empty where there is nothing to be done."""

"""What can be wrong with a request, whoever asks: command line, pages or Python."""

from collections.abc import Iterable
from difflib import get_close_matches


class JobError(ValueError):
    """Something asked for does not fit together; the message says what and what to do."""


class Paused(JobError):
    """A run stopped by itself: whom it asks is gone. What was answered is kept."""


class Stopped(Exception):
    """Stopped by Ctrl-C; what was answered is kept."""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not known, with the nearest that is."""
    listed = list(known)
    near = get_close_matches(name, listed, 1)
    hint = f"did you mean {near[0]!r}? There" if near else "there"
    return f"unknown {what} {name!r}; {hint} are {', '.join(listed)}"

"""Numbers that come from environment variables: refused where they are none, never ignored."""

import os

from memeprobe.errors import JobError

MEANING = {
    "MEMEPROBE_CACHE_BYTES": "a number of bytes, 0 for no cache",
    "MEMEPROBE_JOBS": "the number of jobs that work at once",
    "MEMEPROBE_PAGE_SECONDS": "the seconds that one job of a page may take",
    "MEMEPROBE_PROCESSES": "the number of processes that make stimuli, 0 for none",
}
"""Variable -> what it must be."""


def whole_number(name: str, default: int) -> int:
    """The variable's number, or ``default`` where it is not set. Raises JobError if it holds
    anything but a whole number of 0 or more."""
    setting = os.environ.get(name, "").strip()
    if not setting:
        return default
    if not (setting.isascii() and setting.isdecimal()):
        raise JobError(f"{name} is {setting!r}; it must be {MEANING[name]}")
    return int(setting)


def check() -> None:
    """Read every variable once, so that a service refuses a wrong one when it starts."""
    for name in MEANING:
        whole_number(name, 0)

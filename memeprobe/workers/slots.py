"""A job's turn: only a few jobs of a workspace work at once, the others wait for a slot.

Each job loads a model of its own; without a bound ten visitors would load ten at once. A slot is a
file beside the jobs that a process locks; when it ends, however it ends, the slot is free.
Nothing heavy is imported here: a job that waits costs some megabytes.
"""

import fcntl
import os
import time
from pathlib import Path

from memeprobe.settings import whole_number

JOB = "MEMEPROBE_JOB_FOLDER"
"""Variable that tells a process which job it is."""
WAITING = "waiting.txt"
"""In a job's folder as long as it waits."""
PAUSED = "paused.txt"
"""In a job's folder: why it stopped by itself, if it did and can go on."""
_held: list[int] = []
_mine: list[Path] = []
"""The folder of the job that this process is, if it is one."""


def slots() -> int:
    """How many jobs of a workspace work at once: MEMEPROBE_JOBS, else a quarter of the processors,
    two at least."""
    return max(1, whole_number("MEMEPROBE_JOBS", max(2, (os.cpu_count() or 1) // 4)))


def take_turn() -> None:
    """Wait until a slot is free and keep it until this process ends; at once outside a job."""
    named = os.environ.pop(JOB, "")
    if not named:
        return
    folder = Path(named)
    _mine.append(folder)
    mark = folder / WAITING
    while (slot := _free(folder.parent)) is None:
        mark.touch()
        time.sleep(0.3)
    _held.append(slot)
    mark.unlink(missing_ok=True)


def note_paused(why: str) -> None:
    """Say in the folder of this job, if this process is one, that it stopped and can go on."""
    for folder in _mine:
        (folder / PAUSED).write_text(why, "utf-8")


def _free(folder: Path) -> int | None:
    """The descriptor of a slot that nobody held; None where all are taken."""
    for number in range(slots()):
        slot = os.open(folder / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return slot
        except OSError:
            os.close(slot)
    return None

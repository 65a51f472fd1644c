"""The set that a stored run was made with: found by its record, recognised by its content."""

from pathlib import Path

from meme_sets import BUILTIN, MemeSet, SetError, load_set
from memeprobe.store.rows import RunRecord


def place_of_set(record: RunRecord, saved: Path | None = None) -> str | None:
    """Where the set of a run lies: a built-in name, or a folder that is there; None = nowhere.

    A run's record names the folder. A run of an older store does not: then a built-in set, or one
    in the folder ``saved`` (where the pages keep sets), has to bear its name. What lies there may
    have changed since: ``find_set`` looks.
    """
    made_by = record.provenance
    if made_by is not None and made_by.set_folder is not None:
        return made_by.set_folder if Path(made_by.set_folder).is_dir() else None
    if record.set in BUILTIN:
        return record.set
    if saved is None or not (saved / record.set).is_dir():
        return None
    return str(saved / record.set)


def find_set(record: RunRecord, saved: Path | None = None) -> MemeSet | None:
    """The run's set as it was; None if it has gone, or has another content now.

    The content decides, never the name alone.
    """
    place = place_of_set(record, saved)
    if place is None:
        return None
    try:
        found = load_set(place)
        return found if found.content_sha256() == record.content else None
    except (SetError, OSError):
        return None

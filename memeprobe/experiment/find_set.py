"""The set that a stored run was made with: found by its record, recognised by its content."""

from meme_sets import BUILTIN, MemeSet, SetError, load_set
from memeprobe.store.rows import RunRecord


def find_set(record: RunRecord) -> MemeSet | None:
    """The run's set as it was; None if it has gone, or has another content now.

    A run's record names the folder. A run of an older store does not: then a built-in set of the
    same name and content is taken. The content decides, never the name alone.
    """
    made_by = record.provenance
    source = made_by.set_folder if made_by is not None else None
    if source is None and record.set not in BUILTIN:
        return None
    try:
        found = load_set(source or record.set)
        return found if found.content_sha256() == record.content else None
    except (SetError, OSError):
        return None

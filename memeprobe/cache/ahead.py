"""The OCR engine loaded beside the opening of a file, unless what is read there is kept already."""

import contextlib
import os
import threading

from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from ocr import OcrError, load_engine


def load_ahead(
    file: str | os.PathLike[str], reader: CachedEngine, cache: Cache
) -> threading.Thread | None:
    """Begin to load the engine of ``reader`` in a thread, for a file that was not read before.

    Its decoder starts in the meantime. An engine that cannot be loaded is told by who asks for it.
    """
    key = _key(file, reader)
    if not key or cache.get("was read", *key) is not None:
        return None
    loading = threading.Thread(target=_load, args=(reader.name,))
    loading.start()
    return loading


def note_read(file: str | os.PathLike[str], reader: CachedEngine, cache: Cache) -> None:
    """Keep in mind that what is read in this file is kept."""
    key = _key(file, reader)
    if key:
        cache.put("was read", *key, value=b"")


def _key(file: str | os.PathLike[str], reader: CachedEngine) -> tuple[str | int, ...]:
    """Of a file as it is now, by name, size and time; () if there is none. It decides no result."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return ()
    return os.path.realpath(file), found.st_size, found.st_mtime_ns, reader.version


def _load(name: str) -> None:
    with contextlib.suppress(OcrError):
        load_engine(name)

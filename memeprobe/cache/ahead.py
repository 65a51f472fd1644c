"""The OCR engine loaded beside the opening of a file, unless what is read there is kept already."""

import contextlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from memeprobe.cache.file import Cache
from memeprobe.cache.versions import engine_version
from ocr import OcrError, load_engine


@contextmanager
def engine_ahead(file: str | os.PathLike[str], engine: str, cache: Cache) -> Iterator[None]:
    """While a file is opened and read: load the engine of this name in a thread, unless the file
    was read before. What was read without an error is kept in mind.

    An engine that cannot be loaded is told by who asks for it.
    """
    key = _key(file, engine_version(engine))
    if key and cache.get("was read", *key) is None:
        threading.Thread(target=_load, args=(engine,)).start()
    yield
    if key:
        cache.put("was read", *key, value=b"")


def _key(file: str | os.PathLike[str], version: str) -> tuple[str | int, ...]:
    """Of a file as it is now, by name, size and time; () if there is none. It decides no result."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return ()
    return os.path.realpath(file), found.st_size, found.st_mtime_ns, version


def _load(name: str) -> None:
    with contextlib.suppress(OcrError):
        load_engine(name)

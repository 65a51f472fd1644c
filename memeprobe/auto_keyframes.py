"""How many keyframes a set needs: as many as the clip of it that needs most."""

from frames import Limits, MediaError, open_isolated
from meme_sets.format import MemeSet
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from ocr import DEFAULT_ENGINE
from ocr.reading_policy import needed

ASKED = 24
"""So many clips are read, spread evenly over the set."""


def keyframes_for(meme_set: MemeSet, limits: Limits, cache: Cache) -> tuple[int, int]:
    """(Keyframes, clips that were read) for a run whose clips all get the same number.

    Files that cannot be decoded are passed over; their own items report them.
    """
    files = list(dict.fromkeys(meme_set.media_path(item) for item in meme_set.items))
    files = files[:: -(-len(files) // ASKED)]
    engine = CachedEngine(DEFAULT_ENGINE, cache)
    most, read = 1, 0
    for file in files:
        try:
            most = max(most, needed(open_isolated(str(file), limits=limits), engine))
            read += 1
        except MediaError:
            continue
    return most, read

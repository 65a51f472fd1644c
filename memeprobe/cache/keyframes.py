"""Keyframes that are chosen once: their numbers are kept by file, policy and code."""

import json

from frames import Clip, Frame
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from memeprobe.cache.versions import code_version
from ocr import keyframes
from ocr.policies import package_of


def chosen_once(
    clip: Clip, k: int, policy: str, cache: Cache, engine: CachedEngine, *, frame_0: bool = False
) -> list[Frame]:
    """See ``ocr.keyframes``.

    What a policy of another package chose is not kept: its code may change without a new version.
    """
    if package_of(policy) is not None:
        return keyframes(clip, k, policy, frame_0=frame_0, engine=engine)
    # With less time to read, other frames may be chosen.
    given = clip.reading_seconds
    parts = clip.sha256, clip.timings, policy, k, frame_0, engine.version, code_version(), given
    kept = cache.get("keyframes", *parts)
    if kept is not None:
        return clip.frames(json.loads(kept))
    found = keyframes(clip, k, policy, frame_0=frame_0, engine=engine)
    cache.put("keyframes", *parts, value=json.dumps([f.index for f in found]).encode())
    return found

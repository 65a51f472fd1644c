"""The table of keyframe policies, and the one function that applies them."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from frames import Clip, Frame
from frames.policies import distinct, first, uniform_index, uniform_time
from ocr.engines import Engine
from ocr.reading_policy import captions, needed

Policy = Callable[[Clip, int], list[int]]
"""(clip, k) -> at most k frame indices, ascending, each once."""

KEYFRAME_POLICIES: dict[str, Policy] = {
    "captions": captions,
    "distinct": distinct,
    "uniform_time": uniform_time,
    "uniform_index": uniform_index,
    "first": first,
}
"""``captions`` reads the clip; the others look at the clock or at whole pictures (frames)."""
DEFAULT_POLICY = "captions"
AUTO = 0
"""As ``k``: as many keyframes as the clip needs, at most ``reading_policy.MOST_AUTO``."""
PLUGINS = "memeprobe.policies"
"""Group of entry points by which other packages bring policies: ``mine = "module:function"``."""


def policy_names() -> list[str]:
    """``KEYFRAME_POLICIES`` and those of other packages, which are not imported for it."""
    return [*KEYFRAME_POLICIES, *(name for name in _plugins() if name not in KEYFRAME_POLICIES)]


def package_of(policy: str) -> str | None:
    """The distribution that brings a policy; None for a built-in or an unknown one."""
    entry = None if policy in KEYFRAME_POLICIES else _plugins().get(policy)
    return entry.dist.name if entry is not None and entry.dist is not None else None


def _plugins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=PLUGINS)}


def _policy(name: str) -> Policy:
    """The policy of this name. Raises ValueError: there is none, or its package is broken."""
    if name in KEYFRAME_POLICIES:
        return KEYFRAME_POLICIES[name]
    found = _plugins().get(name)
    if found is None:
        known = policy_names()
        close = get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ValueError(f"unknown keyframe policy {name!r}; {hint}known: {', '.join(known)}")
    try:
        policy: Policy = found.load()
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f"the keyframe policy {name!r} of the package {package_of(name)} cannot be loaded "
            f"from {found.value}: {error}"
        ) from error

    def checked(clip: Clip, k: int) -> list[int]:
        return _checked(policy(clip, k), name, len(clip), k)

    return checked


def _checked(chosen: Sequence[int], name: str, frames: int, k: int) -> list[int]:
    """What a policy of another package gave, if it keeps to what ``Policy`` says."""
    indices = [int(i) for i in chosen]
    fits = 1 <= len(indices) <= k and indices == sorted(set(indices))
    if not fits or indices[0] < 0 or indices[-1] >= frames:
        raise ValueError(
            f"the keyframe policy {name!r} gave {indices} for k = {k} and a clip of {frames} "
            f"frames; it has to give 1 to {k} numbers from 0 to {frames - 1}, ascending, each once"
        )
    return indices


def keyframes(
    clip: Clip,
    k: int = 4,
    policy: str = DEFAULT_POLICY,
    *,
    frame_0: bool = False,
    engine: Engine | None = None,
) -> list[Frame]:
    """At most ``k`` frames of ``clip``, in order of time, chosen by ``policy``; ``AUTO``: as many
    as show all its texts, and its pictures but for a few moments.

    ``frame_0``: frame 0 first, then the k - 1 frames that add most to it. ``engine`` reads where
    the policy reads; by default the default one. Raises ValueError for a k under 0, an unknown
    policy, or one of another package that does not give what ``Policy`` says; what the OCR engine
    raises.
    """
    if k < 0:
        raise ValueError(f"k must be at least 1, or {AUTO} for as many as needed, got {k}")
    choose = _policy(policy)
    if k == AUTO:
        k = needed(clip, engine)
    if policy == "captions" and not (frame_0 and k == 1):
        begin_with = 0 if frame_0 else None
        return clip.frames(captions(clip, k, engine=engine, begin_with=begin_with))
    if not frame_0:
        return clip.frames(choose(clip, k))
    if k == 1:
        return clip.frames([0])
    chosen = choose(clip, k)
    if chosen[0] != 0:
        chosen = [0, *choose(clip, k - 1)]
    return clip.frames(chosen)

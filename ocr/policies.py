"""The table of keyframe policies, and the one function that applies them."""

from collections.abc import Callable
from difflib import get_close_matches

from frames import Clip, Frame
from frames.policies import distinct, first, uniform_index, uniform_time
from ocr.engines import Engine
from ocr.reading_policy import captions

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


def keyframes(
    clip: Clip,
    k: int = 4,
    policy: str = DEFAULT_POLICY,
    *,
    frame_0: bool = False,
    engine: Engine | None = None,
) -> list[Frame]:
    """At most ``k`` frames of ``clip``, in order of time, chosen by ``policy``.

    ``frame_0``: frame 0 first, then the k - 1 frames that add most to it. ``engine`` reads where
    the policy reads; by default the default one. Raises ValueError for a k under 1 or a policy
    that is not in KEYFRAME_POLICIES; what the OCR engine raises.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if policy not in KEYFRAME_POLICIES:
        close = get_close_matches(policy, KEYFRAME_POLICIES, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ValueError(
            f"unknown keyframe policy {policy!r}; {hint}known: {', '.join(KEYFRAME_POLICIES)}"
        )
    if policy == "captions" and not (frame_0 and k == 1):
        begin_with = 0 if frame_0 else None
        return clip.frames(captions(clip, k, engine=engine, begin_with=begin_with))
    if not frame_0:
        return clip.frames(KEYFRAME_POLICIES[policy](clip, k))
    if k == 1:
        return clip.frames([0])
    chosen = KEYFRAME_POLICIES[policy](clip, k)
    if chosen[0] != 0:
        chosen = [0, *KEYFRAME_POLICIES[policy](clip, k - 1)]
    return clip.frames(chosen)

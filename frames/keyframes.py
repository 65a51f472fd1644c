"""The table of keyframe policies, and the one function that applies them."""

from difflib import get_close_matches

from frames.captions import captions
from frames.clip import Clip, Frame
from frames.policies import Policy, distinct, first, uniform_index, uniform_time

KEYFRAME_POLICIES: dict[str, Policy] = {
    "captions": captions,
    "distinct": distinct,
    "uniform_time": uniform_time,
    "uniform_index": uniform_index,
    "first": first,
}
DEFAULT_POLICY = "captions"


def keyframes(clip: Clip, k: int = 4, policy: str = DEFAULT_POLICY) -> list[Frame]:
    """At most ``k`` frames of ``clip``, in order of time, chosen by ``policy``.

    Raises ValueError for a k under 1 or a policy that is not in KEYFRAME_POLICIES.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if policy not in KEYFRAME_POLICIES:
        close = get_close_matches(policy, KEYFRAME_POLICIES, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ValueError(
            f"unknown keyframe policy {policy!r}; {hint}known: {', '.join(KEYFRAME_POLICIES)}"
        )
    return clip.frames(KEYFRAME_POLICIES[policy](clip, k))

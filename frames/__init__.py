"""Media files in, clips of RGB frames out, and the few frames of a clip worth showing."""

from frames.clip import Clip, Frame, open_clip, pixel_sha256
from frames.errors import Limits, MediaError, MediaWarning
from frames.keyframes import DEFAULT_POLICY, KEYFRAME_POLICIES, keyframes

__all__ = [
    "DEFAULT_POLICY",
    "KEYFRAME_POLICIES",
    "Clip",
    "Frame",
    "Limits",
    "MediaError",
    "MediaWarning",
    "keyframes",
    "open_clip",
    "pixel_sha256",
]

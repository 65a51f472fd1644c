"""Media files in, clips of RGB frames out, edits of sequences, and keyframes without reading."""

from frames.clip import Clip, Frame, open_clip, pixel_sha256
from frames.errors import Limits, MediaError, MediaWarning
from frames.isolated import open_isolated

__all__ = [
    "Clip",
    "Frame",
    "Limits",
    "MediaError",
    "MediaWarning",
    "open_clip",
    "open_isolated",
    "pixel_sha256",
]

"""What a decoder gives for a file: the contract that every kind of media follows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from frames.errors import Limits


@dataclass(frozen=True)
class FrameSource:
    """An opened file: its measures, and a way to decode it from the start as often as wanted."""

    width: int
    height: int
    delays_ms: tuple[int, ...]
    """How long each frame stays, as a browser reads it; one 0 for a still."""
    stream: Callable[[], Iterator[np.ndarray]]
    """Starts one decode pass: RGB arrays, uint8 (height, width, 3), new memory for each."""
    warnings: tuple[str, ...] = ()


Opener = Callable[[bytes, Limits], FrameSource]
"""bytes of a file -> Source. Raises MediaError (limits), or ValueError or OSError (broken)."""

NO_DELAY_MS = 100


def browser_delay(ms: int) -> int:
    """A delay as browsers read it: 0 to 10 ms mean 'not set' and become 100 ms.

    So do Chromium (third_party/blink/.../image_decoder: FrameDurationAtIndex), Firefox and
    WebKit, for GIF, WebP and APNG alike.
    """
    return NO_DELAY_MS if ms <= 10 else ms


def check_size(limits: Limits, width: int, height: int, frames: int) -> None:
    """Refuse a header that promises too much, before anything is allocated for it."""
    if width < 1 or height < 1:
        raise ValueError(f"the picture is {width}x{height} pixels: nothing to see")
    limits.check("frame_pixels", width * height, f"a frame has {width:,}x{height:,} pixels")
    limits.check("frames", frames, f"there are {frames:,} frames or more")
    total = 3 * width * height * frames
    limits.check("decoded_bytes", total, f"its {frames:,} frames decode to {total:,} bytes")

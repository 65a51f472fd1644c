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


FREE_PIXELS = 256 * 10**6
"""So many pixels any file may decode to, however few bytes it has: about 2 s of work."""


def check_size(limits: Limits, width: int, height: int, frames: int) -> None:
    """Refuse a header that promises too much, before anything is allocated for it."""
    if width < 1 or height < 1:
        raise ValueError(f"the picture is {width}x{height} pixels: nothing to see")
    limits.check("frame_pixels", width * height, f"a frame has {width:,}x{height:,} pixels")
    limits.check("frames", frames, f"there are {frames:,} frames or more")
    if frames > 1:
        what = f"a frame of this moving picture has {width:,}x{height:,} pixels"
        limits.check("moving_pixels", width * height, what)
    total = 3 * width * height * frames
    limits.check("decoded_bytes", total, f"its {frames:,} frames decode to {total:,} bytes")


def check_inflation(limits: Limits, pixels: int, file_bytes: int) -> None:
    """Refuse a small file that decodes to a huge one: ``pixels`` are those of all frames."""
    extra = max(pixels - FREE_PIXELS, 0)
    limits.check(
        "pixels_per_byte",
        -(-extra // max(file_bytes, 1)),
        f"its {file_bytes:,} bytes decode to {pixels:,} pixels, {extra // max(file_bytes, 1):,} a "
        f"byte beyond the first {FREE_PIXELS:,}",
    )

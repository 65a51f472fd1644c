"""AVIF, still and animated, decoded by libavif (Pillow)."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL.AvifImagePlugin import AvifImageFile

from frames.boundary import Budget
from frames.errors import Limits
from frames.isobmff import find, orientations, read_items
from frames.orientation import turned, turned_size
from frames.raster import on_white
from frames.source import FrameSource, browser_delay, check_inflation, check_size


def open_avif(data: bytes, limits: Limits) -> FrameSource:
    """Open an AVIF: the animation if it has one, as browsers do, else its primary picture."""
    file = _without_exif(data)
    with AvifImageFile(BytesIO(file)) as picture:
        width, height = picture.size
        frames = picture.n_frames
    check_size(limits, width, height, frames)
    check_inflation(limits, width * height * frames, len(data))
    turns = _turns(data) if frames == 1 else []

    def decoded() -> Iterator[tuple[np.ndarray, int]]:
        with AvifImageFile(BytesIO(file)) as picture:
            for index in range(frames):
                picture.seek(index)
                picture.load()
                delay = int(picture.info.get("duration", 0))
                pixels = on_white(picture)
                for turn in turns:
                    pixels = turned(pixels, turn)
                yield pixels, delay

    # Only a decoded frame tells its length; a file that is broken should fail when it is opened.
    delays = [delay for _, delay in Budget(limits).watch(decoded())]
    for turn in turns:
        width, height = turned_size(width, height, turn)
    return FrameSource(
        width,
        height,
        tuple(map(browser_delay, delays)) if frames > 1 else (0,),
        lambda: (pixels for pixels, _ in decoded()),
    )


def _turns(data: bytes) -> list[int]:
    items = read_items(data)
    if items is None or items.primary not in items.by_id:
        return []
    return orientations(items.by_id[items.primary])


def _without_exif(data: bytes) -> bytes:
    """The file with its EXIF item renamed: it must not turn the picture, and it may be broken."""
    meta = find(data, 0, len(data), b"meta")
    if meta is None:
        return data
    start, end = meta
    return data[:start] + data[start:end].replace(b"Exif", b"free") + data[end:]

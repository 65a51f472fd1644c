"""Recipes: deliveries by name that do what applications do to a GIF. One row each.

An application gets a clip's frames, keeps some of them, and packs what it kept; a model then sees
that and nothing else. docs/recipes.md says who does which, and where that was read.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

Images = Sequence[np.ndarray]
Times = Sequence[float]

QUALITY = 85
"""JPEG quality of montage, strip and thumbnail."""
LONGEST = 1280
"""Longest side of a montage in pixels."""
HEIGHT = 200
"""Height of a strip and a thumbnail in pixels."""
STRIP = 15
"""Frames of a strip at most."""
DIFFERENT = 1000.0
"""Mean squared difference (of 0 to 255) above which a strip takes a frame for a new one."""
FPS = 2.0
FEWEST, MOST = 4, 768
"""Frames a second that a server's own sampling takes, and the bounds on their number."""


@dataclass(frozen=True)
class Recipe:
    """What one kind of application does."""

    picks: Callable[[Images, Times], list[int]]
    """(frames, their times in seconds) -> places of the frames that are kept, in order."""
    pack: Callable[[Images], list[np.ndarray]]
    """The kept frames -> the pictures that are sent."""
    form: str
    """What the frames become: ``one`` picture of one frame, a ``sheet`` of several, ``video``."""
    carrier: str
    """The plain delivery that takes the result."""


def spread(images: Images, times: Times, count: int) -> list[int]:
    """``count`` places from first to last, rint(linspace(0, n - 1, count)); all if there are
    fewer."""
    n = len(images)
    return (
        list(range(n)) if n <= count else np.rint(np.linspace(0, n - 1, count)).astype(int).tolist()
    )


def stepped(images: Images, times: Times, count: int) -> list[int]:
    """``count`` places at steps of n / count, rounded down; all if there are fewer."""
    n = len(images)
    return list(range(n)) if n <= count else [int(i * n / count) for i in range(count)]


def differing(images: Images, times: Times) -> list[int]:
    """The first place, and each that differs from the one taken before it, ``STRIP`` at most."""
    kept: list[int] = []
    for i, image in enumerate(images):
        if kept and not _differ(images[kept[-1]], image):
            continue
        kept.append(i)
        if len(kept) == STRIP:
            break
    return kept


def _differ(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return True
    # In uint8, as the application computes it, this difference wraps round and never passes 255.
    return float(np.mean((one.astype(np.float32) - other) ** 2)) > DIFFERENT


def sampled(images: Images, times: Times) -> list[int]:
    """The places that Qwen's video code takes of a clip: ``FPS`` a second, an even number, at
    least ``FEWEST``, evenly from first to last. Raises ValueError: the frames have no times."""
    n = len(images)
    if len(times) != n:
        raise ValueError(f"video-fps needs the time of each frame; got {len(times)} for {n}")
    if n < 3:
        return list(range(n))
    # A clip's length is not known from the beginnings of its frames; the last one is taken to be
    # as long as the others.
    seconds = (times[-1] - times[0]) * n / (n - 1)
    wanted = min(max(seconds * FPS, FEWEST), MOST, n)
    return np.linspace(0, n - 1, int(wanted) // 2 * 2).round().astype(int).tolist()


def montage(images: Images, columns: int, cells: int) -> list[np.ndarray]:
    """Cells in reading order without numbers, empty ones white, one JPEG of at most ``LONGEST``
    pixels. A single picture stays as it is."""
    if len(images) < 2:
        return list(images)
    height, width = images[0].shape[:2]
    rows = -(-max(cells, len(images)) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), "white")
    for i, image in enumerate(images):
        place = i % columns * width, i // columns * height
        sheet.paste(_sized(image, (width, height)), place)
    shrink = LONGEST / max(sheet.size)
    if shrink < 1:
        size = max(1, round(sheet.width * shrink)), max(1, round(sheet.height * shrink))
        sheet = sheet.resize(size, Image.Resampling.LANCZOS)
    return [as_jpeg(sheet)]


def strip(images: Images) -> list[np.ndarray]:
    """Frames side by side, each ``HEIGHT`` pixels high, one JPEG."""
    if not images:
        return []
    height, width = images[0].shape[:2]
    size = max(1, int(HEIGHT / height * width)), HEIGHT
    sheet = Image.new("RGB", (size[0] * len(images), HEIGHT))
    for i, image in enumerate(images):
        sheet.paste(_sized(image, size), (i * size[0], 0))
    return [as_jpeg(sheet)]


def as_jpeg(image: Image.Image, quality: int = QUALITY) -> np.ndarray:
    """The pixels that a picture has after it was written as a JPEG; uint8 (height, width, 3)."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def _sized(image: np.ndarray, size: tuple[int, int]) -> Image.Image:
    picture = Image.fromarray(image)
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _first(images: Images, times: Times) -> list[int]:
    return [0] if len(images) else []


RECIPES: dict[str, Recipe] = {
    "frame0": Recipe(_first, list, "one", "native"),
    "thumbnail": Recipe(_first, strip, "one", "native"),
    "montage-3x3": Recipe(
        partial(spread, count=9), partial(montage, columns=3, cells=9), "sheet", "native"
    ),
    "montage-3x2": Recipe(
        partial(stepped, count=6), partial(montage, columns=3, cells=1), "sheet", "native"
    ),
    "strip": Recipe(differing, strip, "sheet", "native"),
    "video-fps": Recipe(sampled, list, "video", "video"),
}
"""Name -> what it does. All but ``video-fps`` make one picture, which every model takes."""


def recipes_for(deliveries: Sequence[str]) -> tuple[str, ...]:
    """The recipes that a model with these plain deliveries can be sent."""
    return tuple(n for n, r in RECIPES.items() if r.form != "video" or r.carrier in deliveries)

"""Text that stands still through a whole clip while captions come and go beside it.

A sign in the background would otherwise be read as a part of every caption. It becomes a track of
its own. This is only done if some frames show nothing else: a title that never stands alone
belongs to the captions that change under it.
"""

from collections.abc import Callable, Sequence

from ocr.accuracy import normalise
from ocr.caption import Caption, Line

SHARE = 0.9
"""Steady text shows in at least this share of the frames that were read."""
OVERLAP = 0.5
"""Boxes that share this much of their union are the same text; a sign is often misread."""


def split_steady(captions: Sequence[Caption]) -> tuple[list[Caption], list[Caption]] | None:
    """Per frame (without the steady lines, the steady lines only); None if there are none."""
    places: list[tuple[Line, int]] = []
    for caption in captions:
        for line in caption.lines:  # a sign's lines may be caption in one frame, other in the next
            for i, (known, count) in enumerate(places):
                if _overlap(known, line) >= OVERLAP:
                    places[i] = (known, count + 1)
                    break
            else:
                places.append((line, 1))
    steady = [line for line, count in places if count >= SHARE * len(captions)]
    if not steady or len(captions) < 3:
        return None
    rest = [_keep(c, lambda li: not _known(li, steady)) for c in captions]
    empty = [len(normalise(c.text)) < 2 for c in rest]
    if all(empty) or not any(empty):
        return None
    return rest, [_keep(c, lambda li: _known(li, steady)) for c in captions]


def _keep(caption: Caption, wanted: Callable[[Line], bool]) -> Caption:
    return Caption(tuple(li for li in caption.lines if li.role == "other" or wanted(li)))


def _known(line: Line, steady: Sequence[Line]) -> bool:
    return any(_overlap(line, other) >= OVERLAP for other in steady)


def _overlap(a: Line, b: Line) -> float:
    """Intersection over union of two boxes."""
    (left_a, top_a, right_a, bottom_a), (left_b, top_b, right_b, bottom_b) = a.bounds, b.bounds
    width = min(right_a, right_b) - max(left_a, left_b)
    height = min(bottom_a, bottom_b) - max(top_a, top_b)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (right_a - left_a) * (bottom_a - top_a) + (right_b - left_b) * (bottom_b - top_b)
    return both / (areas - both)

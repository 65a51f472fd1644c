"""The letters of a caption line in a picture: their pixels, colours, outline and size.

Colours inside the line's box are gathered into a few clusters. What is frequent in the box and
rare on the rim around it is ink, what is frequent on the rim is ground. Of two inks the one that
lies at the border is the outline. White letters with a black outline on white ground show one
ink only, the outline: thin strokes that enclose thick ground.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.caption import Line
from ocr.colour_clusters import beside_segment, clusters
from ocr.deskew import RotatedBox

Colour = tuple[int, int, int]
MOST_INK = 0.58
"""Letters cover no more of their box than this."""
WIDEST = 0.11
"""An outline is at most this wide, in heights of the line's box; wider, it is ground."""

MIXED, INKED = 25.0, 0.3
"""A colour so near to the line between ink and ground (RGB distance), with so much of the ink in
it, is the rim of a letter."""
ENCLOSED = 0.7
"""Share of a shell that is inside the letters, from which on it is their fill."""


@dataclass(frozen=True)
class LetterMask:
    """One line's letters. Pixels are those of the upright crop, see ``upright.RotatedBox``."""

    mask: np.ndarray
    """Bool (height, width): letters with their outline."""
    fill: Colour
    outline: Colour | None
    stroke: float
    """Width of the outline in pixels."""
    ground: Colour
    """Most frequent colour around the line."""
    extent: tuple[float, float, float, float]
    """(left, top, right, bottom) of the letters without outline."""


def find(
    image: np.ndarray, line: Line, frame: RotatedBox, others: Sequence[Line] = ()
) -> LetterMask:
    """The ink of a line of a picture, uint8 (height, width, 3) RGB.

    ``others`` are lines near it, whose ink is no ground.
    """
    crop = frame.crop(image)
    left, top, right, bottom = frame.box
    box = np.zeros(crop.shape[:2], bool)
    box[top:bottom, left:right] = True
    rim = ~box & frame.inside(*image.shape[:2])
    free = rim & ~frame.covered(others)
    rim = free if free.sum() > 0.2 * rim.sum() else rim
    labels, colours = clusters(crop)
    n = len(colours)
    within = np.bincount(labels[box], minlength=n) / max(1, box.sum())
    around = np.bincount(labels[rim], minlength=n) / max(1, rim.sum())
    ground = int(np.argmax(within if within.max() > MOST_INK else around + 0.2 * within))
    first = _first_ink(colours, within, around, ground)
    letters = _within(labels == first, grown(box, 2))
    shell = _shell(labels, colours, letters, first, ground)
    if shell is not None and shell[1] > WIDEST * (bottom - top):
        ground, shell = (
            shell[0],
            None,
        )  # a strip as narrow as the line: the rim shows what is beyond
    if shell is not None and _enclosed(labels == shell[0], letters):
        # The outline was the more striking of the two, and its shell is the letters themselves.
        inside = _closed(letters) & ~letters & (labels == shell[0])
        shell = first, max(1.0, _thickness(letters))
        return _outlined(crop, labels, colours, inside, shell, ground, box)
    if shell is not None:
        return _outlined(crop, labels, colours, letters, shell, ground, box)
    return _single(crop, labels, colours, letters, first, ground, box)


def _within(mask: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The parts of a mask that lie in the box: things that reach in from outside are no letters."""
    _, parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    inner = np.bincount(parts[box], minlength=parts.max() + 1)
    outer = np.bincount(parts[~box], minlength=parts.max() + 1)
    letters = np.isin(parts, np.nonzero(outer <= 0.3 * (inner + outer))[0]) & mask & box
    return letters if letters.any() else mask & box


def _first_ink(colours: np.ndarray, within: np.ndarray, around: np.ndarray, ground: int) -> int:
    """The cluster that is the letters' most striking colour."""
    away = np.linalg.norm(colours - colours[ground], axis=1)
    score = (within - around) * np.minimum(1, away / 150)
    score[ground] = -1
    first = int(np.argmax(score))
    for other in np.argsort(-away):
        # A rim of letters mixes their colour with the ground's: the pure one is meant.
        mixed = beside_segment(colours[first], colours[ground], colours[other]) < 40
        if mixed and away[other] > 1.2 * away[first] and within[other] > 0.05:
            return int(other)
    return first


def _shell(
    labels: np.ndarray, colours: np.ndarray, letters: np.ndarray, first: int, ground: int
) -> tuple[int, float] | None:
    """(cluster, width in pixels) of the outline around the letters, if there is one."""
    away = cv2.distanceTransform((~letters).astype(np.uint8), cv2.DIST_L2, 5)
    second = (away > 1.2) & (away <= 2.3)
    if not second.any():
        return None
    count = np.bincount(labels[second], minlength=len(colours))
    count[first] = 0
    most = int(np.argmax(count))
    if most == ground or count[most] < 0.6 * second.sum():
        return None
    if beside_segment(colours[most], colours[first], colours[ground]) < 40:
        return None
    width, step = 2.0, 2
    while step <= 1.5 * WIDEST * letters.shape[0]:
        share = float((labels[(away > step) & (away <= step + 1)] == most).mean())
        if share < 0.4:
            break
        width, step = width + share, step + 1
    return most, width


def _enclosed(shell: np.ndarray, letters: np.ndarray) -> bool:
    """Whether most of what lies beside some letters is inside of them, and not around them."""
    beside = shell & grown(letters, 2) & ~letters
    return bool((beside & _closed(letters)).sum() > ENCLOSED * max(1, beside.sum()))


def _outlined(
    crop: np.ndarray,
    labels: np.ndarray,
    colours: np.ndarray,
    letters: np.ndarray,
    shell: tuple[int, float],
    ground: int,
    box: np.ndarray,
) -> LetterMask:
    """Letters in a fill with an outline of another colour."""
    cluster, width = shell
    reach = grown(letters, round(width) + 1)
    return LetterMask(
        mask=_closed(letters | (reach & (labels == cluster))),
        fill=_rgb(_deep(crop, letters, colours[ground])),
        outline=_rgb(colours[cluster]),
        stroke=width,
        ground=_rgb(colours[ground]),
        extent=_tight(letters & box),
    )


def _soft(
    labels: np.ndarray, colours: np.ndarray, letters: np.ndarray, first: int, ground: int
) -> np.ndarray:
    """The letters with what mixes their colour and the ground's: of thin strokes that is all."""
    mixed = [
        c
        for c in range(len(colours))
        if c not in (first, ground)
        and beside_segment(colours[c], colours[first], colours[ground]) < MIXED
        and np.linalg.norm(colours[c] - colours[ground])
        > INKED * np.linalg.norm(colours[first] - colours[ground])
    ]
    return letters | np.isin(labels, mixed) if mixed else letters


def _single(
    crop: np.ndarray,
    labels: np.ndarray,
    colours: np.ndarray,
    letters: np.ndarray,
    first: int,
    ground: int,
    box: np.ndarray,
) -> LetterMask:
    """Letters of one colour; or the outlines alone, with the ground's colour as the fill."""
    closed = _closed(letters)
    soft = _within(_soft(labels, colours, letters, first, ground), grown(box, 2))
    holes = closed & ~letters
    _, top, _, bottom = _tight(letters & box)
    thin = _thickness(letters)
    fill, outline = letters, None
    if (
        holes.sum() > 0.7 * letters.sum()
        and thin < 0.085 * (bottom - top)
        and thin < _thickness(holes)
    ):
        fill, outline = holes, _rgb(colours[first])
    return LetterMask(
        mask=closed | soft,
        fill=_rgb(_deep(crop, fill, colours[first])),
        outline=outline,
        stroke=thin if outline else 0.0,
        ground=_rgb(colours[ground]),
        extent=_tight(fill & box),
    )


def grown(mask: np.ndarray, by: int, shape: int = cv2.MORPH_ELLIPSE) -> np.ndarray:
    """The mask with all pixels within ``by`` of it, in a circle or (MORPH_RECT) in a square."""
    kernel = cv2.getStructuringElement(shape, (2 * by + 1, 2 * by + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def _closed(mask: np.ndarray) -> np.ndarray:
    """The mask with what it encloses, as long as that is no larger than a letter."""
    height = mask.shape[0]
    _, parts, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    small = [
        i
        for i, (x, y, w, h, _) in enumerate(stats)
        if i
        and h < height
        and w < 1.5 * height
        and x > 0
        and y > 0
        and x + w < mask.shape[1]
        and y + h < height
    ]
    return np.asarray(mask | np.isin(parts, small))


def _thickness(mask: np.ndarray) -> float:
    """Typical width of a mask's strokes in pixels: twice the depth of their middle."""
    if not mask.any():
        return 0.0
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    ridge = depth[depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-6]
    return float(2 * np.median(ridge[ridge > 0]))


def _tight(mask: np.ndarray) -> tuple[float, float, float, float]:
    """The box around a mask, specks at its edge left out; (0, 0, 0, 0) for an empty one."""
    rows, columns = mask.sum(axis=1), mask.sum(axis=0)
    if not mask.any():
        return 0.0, 0.0, 0.0, 0.0
    ys = np.nonzero(rows > 0.04 * rows.max())[0]
    xs = np.nonzero(columns > 0)[0]
    return float(xs[0]), float(ys[0]), float(xs[-1] + 1), float(ys[-1] + 1)


def _deep(crop: np.ndarray, letters: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The letters' colour in the middle of their strokes, where it is not mixed with others."""
    depth = cv2.distanceTransform(letters.astype(np.uint8), cv2.DIST_L2, 3)
    middle = letters & (depth >= np.quantile(depth[letters], 0.7) if letters.any() else False)
    return np.median(crop[middle], axis=0) if middle.any() else colour


def _rgb(colour: np.ndarray) -> Colour:
    red, green, blue = (round(float(c)) for c in colour)
    return red, green, blue

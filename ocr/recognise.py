"""What the lines say that were found in a picture: cut out, set upright, recognised.

A line that reads doubtfully is tried upside down and mirrored as well: letters that stand so give
nonsense at a confidence of 0.7, and read surely once they are set right.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import cv2
import numpy as np

from ocr.accents import without_false_accents
from ocr.engines import Engine
from ocr.lookalikes import as_meant
from ocr.same_text import misread

TURNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "upside down": lambda crop: crop[::-1, ::-1],
    "mirrored": lambda crop: crop[:, ::-1],
    "mirrored and upside down": lambda crop: crop[::-1],
}
"""Name -> how a crop whose letters stand so is set right."""
DOUBTFUL, SURE = 0.9, 0.95
"""Lines read under DOUBTFUL are tried in other ways; one is taken if it reads with SURE."""
TRIES = 2
"""A doubtful reading of a clip is tried in other ways so often, if that never helps."""
ON_THEIR_HEADS = str.maketrans("MW69", "WM96"), set("HINOSXZ08MW69")
"""Letters that are others upside down; and all that are letters at all then: `WOW` is `MOM`."""
RIM, LONGEST = 4, 32_000
"""Pixels around a box that its letters may be mixed from; pixels to which one is cut."""
RUN, WIDER = re.compile(r"([^\W\d_])\1\1"), 1.4
"""Letters of which a recogniser, going by steps of a width, may have passed over some; and by how
much wider they are read again."""
LETTERS = 3
"""A turned reading has at least as many letters: one or two read surely by chance."""


@dataclass(frozen=True)
class Reading:
    """What one line says."""

    text: str
    confidence: float
    orientation: str = ""
    known: frozenset[str] = frozenset()
    """See ``ocr.caption.Line``."""


def recognised(
    crops: Sequence[np.ndarray], engine: Engine, in_vain: Counter[str] | None = None
) -> list[Reading]:
    """The reading of each crop, uint8 (height, width, 3) RGB.

    ``in_vain`` counts the texts that were tried in other ways without success, of pictures that
    belong together: what was tried ``TRIES`` times is left as it reads.
    """
    found, in_vain = _read(crops, engine), Counter() if in_vain is None else in_vain
    _count_runs(crops, found, engine)
    doubtful = [
        i
        for i, reading in enumerate(found)
        if _doubted(crops[i], reading) and in_vain[reading.text] < TRIES
    ]
    turned = [np.ascontiguousarray(turn(crops[i])) for i in doubtful for turn in TURNS.values()]
    others = iter(_read(turned, engine))
    for i in doubtful:
        as_it_stands, found[i] = found[i], _surest(found[i], list(islice(others, len(TURNS))))
        if found[i] is as_it_stands and found[i].text:
            in_vain[found[i].text] += 1
    return found


def _read(crops: Sequence[np.ndarray], engine: Engine) -> list[Reading]:
    if not crops:
        return []
    return [
        Reading(as_meant(text.strip()), min(1.0, max(0.0, c)), known=engine.alphabets)
        for text, c in without_false_accents(crops, engine.recognise(crops), engine)
    ]


def _count_runs(crops: Sequence[np.ndarray], found: list[Reading], engine: Engine) -> None:
    """Read doubtful runs of one letter (`SHIIIIT`) again, wider; nothing but their length may
    change by it."""
    runs = [i for i, r in enumerate(found) if r.confidence < DOUBTFUL and RUN.search(r.text)]
    sizes = [(round(WIDER * crops[i].shape[1]), crops[i].shape[0]) for i in runs]
    wide = [cv2.resize(np.ascontiguousarray(crops[i]), s) for i, s in zip(runs, sizes, strict=True)]
    for i, again in zip(runs, _read(wide, engine), strict=True):
        same = _without_runs(again.text) == _without_runs(found[i].text)
        if same and again.confidence > found[i].confidence:
            found[i] = again


def _without_runs(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text.replace(" ", ""))


def _doubted(crop: np.ndarray, found: Reading) -> bool:
    # Where there is no room for LETTERS, no turn will help. Marks alone read doubtfully as they
    # are, and `???` as `iii` on its head.
    marks = bool(found.text) and not any(c.isalnum() for c in found.text)
    return not marks and found.confidence < DOUBTFUL and crop.shape[1] >= 1.5 * crop.shape[0]


def _surest(found: Reading, turned: Sequence[Reading]) -> Reading:
    if found.text and not any(c.isalnum() for c in found.text):
        return found  # marks are letters in a mirror: `？？？` is `SSS`
    ways = [
        (reading, name)
        for reading, name in zip(turned, TURNS, strict=True)
        # `WITH 0` is letters in a mirror as well: `0 HTIW`; and `WOW` on its head: `MOM`.
        if not misread(reading.text[::-1], found.text)
        and not _both_ways_up(reading.text, found.text)
        and len(_without_runs(reading.text)) > 1  # `ZZZZ` is `SSSS`
    ]
    if not ways:
        return found
    best, name = max(ways, key=lambda pair: pair[0].confidence)
    letters = sum(c.isalnum() for c in best.text)
    if best.confidence < SURE or letters < max(LETTERS, sum(c.isalnum() for c in found.text) - 1):
        return found
    return replace(best, orientation=name)


def _both_ways_up(a: str, b: str) -> bool:
    """Whether one text is the other on its head, letter by letter: then it stands as it reads."""
    others, known = ON_THEIR_HEADS
    letters = [c for c in a.upper() if not c.isspace()]
    if not letters or not known.issuperset(letters):
        return False
    return misread("".join(letters[::-1]).translate(others), b)


def _around(image: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that holds a box, and the box in it: OpenCV turns no picture with a
    side of 32,767 pixels. A box that is longer is cut off."""
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(box.min(axis=0)).astype(int) - RIM, 0, (width - 1, height - 1))
    right, foot = np.maximum(np.ceil(box.max(axis=0)).astype(int) + RIM, (left + 1, top + 1))
    part = image[top : min(foot, top + LONGEST), left : min(right, left + LONGEST)]
    return part, (box - (left, top)).clip(-LONGEST, LONGEST).astype(np.float32)


def cut_out(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The line in ``box`` set upright; a vertical line is turned by a quarter, as PP-OCR does."""
    image, box = _around(image, box)
    width = max(1, round(max(np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[2] - box[3]))))
    height = max(1, round(max(np.linalg.norm(box[0] - box[3]), np.linalg.norm(box[1] - box[2]))))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(box.astype(np.float32), corners)
    crop = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.rot90(crop) if stands(box) else crop


def stands(box: np.ndarray) -> bool:
    """Whether a box is so much higher than wide that its text runs up or down."""
    width = max(1, round(max(np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[2] - box[3]))))
    height = max(1, round(max(np.linalg.norm(box[0] - box[3]), np.linalg.norm(box[1] - box[2]))))
    return height >= 1.5 * width

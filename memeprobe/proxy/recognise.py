"""Which frames of which clips a picture shows, and where that cannot be told.

A cell x of a picture is compared with every frame f of every clip, at the size that both have.
Frame f* fits best. Another frame g is told from it by the part of the residual x - f* that points
towards g, t = <x - f*, g - f*> / |g - f*|^2: about 0 if the cell shows f*, about 1 if it shows g.
Its noise is that of the residual, which has JPEG, resizing and misplacement in it, over |g - f*|.
Where that noise could carry t half-way, the two cannot be told apart, and both are named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from memeprobe.proxy.boxes import Box, cut, in_order
from memeprobe.proxy.clips import FINE, KnownClip, fitted, shrunk, unit
from memeprobe.proxy.layout import find_layout

CLOSE = 0.99
"""Correlation below which a cell is aligned with its frame more closely."""
FITS = 0.88
"""Correlation from which a cell is taken for a frame; below, it is something else."""
NOISE = 8.0
"""How many times its own noise t must be away from one half; residuals of neighbouring pixels go
together, so that this many is not as many as it looks."""

MISFIT = 20.0
"""How far t must moreover be from one half, by how much the best frame itself does not fit: what is
left then is no noise but a cell that was not found exactly."""


@dataclass(frozen=True)
class Shown:
    """One cell of a picture, and the frames that it may show."""

    candidates: Mapping[str, tuple[int, ...]]
    """Clip -> numbers of its frames that the cell may show, in order; more than one where they look
    the same here. Empty: no frame of a known clip."""
    box: Box
    fit: float
    """Correlation with the best frame, -1 to 1."""
    scale: float = 0.0
    """Width of the cell by that of the best clip."""


def recognise(image: np.ndarray, clips: Sequence[KnownClip]) -> list[Shown]:
    """The cells of a picture, uint8 (height, width, 3), in reading order.

    One cell without candidates where the picture shows no frame of any clip.
    """
    layout = find_layout(image, clips)
    cells = {box: _cell(image, box, clips) for box in layout.boxes}
    known = [c for c in cells.values() if c.candidates]
    cells |= {box: _blank(image, box, clips) for box in layout.blanks}
    if len(known) >= 0.5 * len(layout.boxes) and any(c.candidates for c in cells.values()):
        return [cells[box] for box in in_order(list(cells)) if cells[box].candidates]
    height, width = image.shape[:2]
    return [Shown({}, (0, 0, width, height), layout.quality)]


def _cell(image: np.ndarray, box: Box, clips: Sequence[KnownClip]) -> Shown:
    cell = cut(image, box)
    best, fit = None, -1.0
    for clip in clips:
        size = _size(clip, box)
        found = float((clip.at(size) @ unit(shrunk(cell, size)[None])[0]).max())
        if found > fit:
            best, fit = clip, found
    if best is None or fit < FITS:
        return Shown({}, box, fit)
    size = _size(best, box)
    frames, seen = best.at(size), unit(shrunk(cell, size)[None])[0]
    place = int((frames @ seen).argmax())
    fit = float(frames[place] @ seen)
    if fit < CLOSE:
        aligned = unit(_aligned(image, box, shrunk(best.frames[place], size))[None])[0]
        if float((frames @ aligned).max()) > fit:
            seen = aligned
            place = int((frames @ seen).argmax())
            fit = float(frames[place] @ seen)
    star = frames[place]
    found_in = {clip.name: _same(clip, size, seen, star) for clip in clips}
    named = {name: numbers for name, numbers in found_in.items() if numbers}
    return Shown(named, box, fit, box[2] / best.size[0])


def _aligned(image: np.ndarray, box: Box, frame: np.ndarray) -> np.ndarray:
    """The cell shifted and stretched by fractions of a pixel to where it fits the frame, by the
    enhanced correlation coefficient (Evangelidis and Psarakis 2008); as it is where that fails."""
    x, y, w, h = box
    height, width = frame.shape[:2]
    edge = max(2, round(0.05 * max(w, h)))
    padded = cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    wide = cut(padded, (x, y, w + 2 * edge, h + 2 * edge))
    sx, sy = width / w, height / h
    size = round(wide.shape[1] * sx), round(wide.shape[0] * sy)
    scene = cv2.GaussianBlur(shrunk(wide, size), (3, 3), 0)
    warp = np.array([[1, 0, edge * sx], [0, 1, edge * sy]], np.float32)
    grey = [cv2.cvtColor(i, cv2.COLOR_RGB2GRAY).astype(np.float32) for i in (frame, scene)]
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-5)
    try:
        _, found = cv2.findTransformECC(grey[0], grey[1], warp, cv2.MOTION_AFFINE, stop)
    except cv2.error:
        return shrunk(cut(image, box), (width, height))
    return cv2.warpAffine(
        shrunk(wide, size),
        np.asarray(found),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )


def _blank(image: np.ndarray, box: Box, clips: Sequence[KnownClip]) -> Shown:
    """A cell of one colour: the frames of one and the same colour."""
    colour = cut(image, box).reshape(-1, 3).mean(0)
    found = {clip.name: clip.blank(colour) for clip in clips}
    width = next((c.size[0] for c in clips if found[c.name]), 0)
    named = {name: frames for name, frames in found.items() if frames}
    return Shown(named, box, float(bool(named)), box[2] / width if width else 0.0)


def _size(clip: KnownClip, box: Box) -> tuple[int, int]:
    """The size at which cell and frame are compared: neither is enlarged much."""
    longest = min(FINE, max(box[2:]), max(clip.size))
    return fitted(*clip.size, max(8, longest // 8 * 8))


def _same(
    clip: KnownClip, size: tuple[int, int], seen: np.ndarray, star: np.ndarray
) -> tuple[int, ...]:
    """The frames of a clip that cannot be told from the best one, ``star``; unit vectors."""
    frames = clip.at(size)
    fit = float(seen @ star)
    alike = frames @ star
    apart = 2 - 2 * alike  # |g - f*|^2
    part = (frames @ seen / fit - alike) / np.maximum(apart, 1e-9)
    residual = np.sqrt(max(1 / fit**2 - 1, 0.0) / len(seen))
    noise = residual / np.sqrt(np.maximum(apart, 1e-9))
    same = (apart < 1e-4) | (0.5 - part < NOISE * noise + MISFIT * (1 - fit))
    return tuple(clip.indices[i] for i in np.flatnonzero(same))

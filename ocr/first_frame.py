"""What the file's first frame shows: a pipeline that takes the first frame sees nothing else."""

import numpy as np

from ocr.phase import Phase
from ocr.timeline import Timeline

BLANK = 4.0
"""Spread of levels under which a picture is of one colour, with the noise of JPEG and palettes."""


def is_blank(pixels: np.ndarray) -> bool:
    """Whether a picture, uint8 (height, width, 3), is of one colour."""
    return float(pixels.std(axis=(0, 1)).max()) < BLANK


def first_frame_state(pixels: np.ndarray, timeline: Timeline) -> str:
    """'blank', 'cut off' (its text stands in full only later) or 'shown'.

    ``pixels`` are those of frame 0.
    """
    if is_blank(pixels):
        return "blank"
    return "cut off" if any(map(_comes, timeline.phases)) else "shown"


def _comes(phase: Phase) -> bool:
    """Whether a caption is there from the beginning, but not yet as it reads in full."""
    return phase.first == 0 and phase.line.role == "caption" and 0 not in phase.full

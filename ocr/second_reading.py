"""What glances alone tell is doubted: lines that few of them saw are read again in full.

A full reading finds text at reading size. What it does not confirm was a stroke taken for a letter;
what it confirms is taken as it reads there.
"""

from collections.abc import Sequence
from dataclasses import replace

from frames import Clip
from ocr.caption import Line
from ocr.clip_reader import ClipReader
from ocr.phase import BRIEF, Phase, Seen
from ocr.same_text import related, stage

FEW = 2
"""A line that no more glances than this saw is doubted, and one that shows for ``BRIEF``."""
MOST_PICTURES = 6
"""Pictures of one clip that are read again, at most: those with the least sure lines."""
SAME_PLACE = 0.5
"""Two lines stand in the same place if they share this much of the smaller one's box."""


def read_again(
    clip: Clip, seen: Sequence[Seen], phases: Sequence[Phase], reader: ClipReader
) -> list[Seen]:
    """What was seen at glances, with its doubted lines as full readings have them."""
    doubts = _doubted(phases, seen)
    lines = [list(one.lines) for one in seen]
    places = sorted(doubts)
    for place, frame in zip(places, clip.frames([seen[p].frame for p in places]), strict=True):
        if reader.is_late():
            break
        full = reader.read(frame.pixels).lines
        for phase in doubts[place]:
            _corrected(lines, phase, place, full)
    return [replace(one, lines=tuple(some)) for one, some in zip(seen, lines, strict=True)]


def _doubted(phases: Sequence[Phase], seen: Sequence[Seen]) -> dict[int, list[Phase]]:
    """Place in ``seen`` -> the lines to be confirmed there.

    Of the glances that saw a line, the one that stands for the longest time is confirmed.
    """
    found: dict[int, list[Phase]] = {}
    for phase in sorted(phases, key=lambda p: p.confidence):
        if phase.line.role != "caption" or (len(phase.lines) > FEW and phase.ms > BRIEF):
            continue
        at = max(phase.full, key=lambda i: seen[i].end_ms - seen[i].start_ms)
        if at in found or len(found) < MOST_PICTURES:
            found.setdefault(at, []).append(phase)
    return found


def _corrected(lines: list[list[Line]], phase: Phase, place: int, full: Sequence[Line]) -> None:
    """Change the ``lines`` of all places by what a full reading of ``place`` has of a phase."""
    doubt = phase.full[place]
    there = [line for line in full if _same_place(line, doubt)]
    if any(stage(line.text, doubt.text) for line in there):
        return  # a box drawn too small cuts a letter off; hardly one too large makes one up
    if not any(related(line.text, doubt.text) for line in there):
        for at in range(phase.first, phase.last + 1):
            lines[at] = [line for line in lines[at] if line not in phase.lines]
    rest = [line for line in lines[place] if not any(_same_place(line, new) for new in there)]
    lines[place] = [*there, *rest]


def _same_place(a: Line, b: Line) -> bool:
    (left_a, top_a, right_a, bottom_a), (left_b, top_b, right_b, bottom_b) = a.bounds, b.bounds
    width = min(right_a, right_b) - max(left_a, left_b)
    height = min(bottom_a, bottom_b) - max(top_a, top_b)
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (a.bounds, b.bounds)]
    return width > 0 and height > 0 and width * height >= SAME_PLACE * min(areas)

"""What glances alone tell is doubted: lines that few of them saw are read again in full.

A full reading finds text at reading size. What it does not confirm was a stroke taken for a letter;
what it confirms is taken as it reads there.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from frames import Clip
from ocr.caption import Line
from ocr.clip_reader import ClipReader
from ocr.phase import BRIEF, Phase, Seen, middle
from ocr.regions import shared
from ocr.same_text import core, misread, related, stage, strict

FEW = 2
"""A line that no more glances than this saw is doubted, and one that shows for ``BRIEF``; and one
in which a letter changes and then changes back."""
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
        few = len(phase.lines) <= FEW or phase.ms <= BRIEF
        if phase.line.role != "caption" or not (few or _changes_back(phase, phases)):
            continue
        at = max(phase.full, key=lambda i: seen[i].end_ms - seen[i].start_ms)
        if at in found or len(found) < MOST_PICTURES:
            found.setdefault(at, []).append(phase)
    return found


def _changes_back(phase: Phase, phases: Sequence[Phase]) -> bool:
    """Whether the same text, nearly that of ``phase``, stands there just before it and after it."""
    before = [p.text for p in phases if p.last + 1 == phase.first and _goes_on(p, phase)]
    after = [p.text for p in phases if p.first - 1 == phase.last and _goes_on(phase, p)]
    same = {strict(text) for text in before} & {strict(text) for text in after}
    return any(misread(text, phase.text) for text in same)


def _goes_on(before: Phase, after: Phase) -> bool:
    """Whether one phase begins near where the other ends."""
    away = math.dist(middle(before.lines[-1]), middle(after.lines[0]))
    return away <= max(before.line.height, after.line.height)


def _corrected(lines: list[list[Line]], phase: Phase, place: int, full: Sequence[Line]) -> None:
    """Change the ``lines`` of all places by what a full reading of ``place`` has of a phase."""
    doubt = phase.full[place]
    there = [line for line in full if _same_place(line, doubt)]
    if any(_less(line.text, doubt.text) for line in there):
        return  # a box drawn too small cuts a letter off; hardly one too large makes one up
    surest = max(there, key=lambda line: line.confidence, default=doubt)
    alike = related(surest.text, doubt.text) and bool(there)
    for at in range(phase.first, phase.last + 1):
        kept = [line for line in lines[at] if line not in phase.lines]
        said = [line for line in lines[at] if line in phase.lines]
        if alike:  # all glances that said the same meant what the full reading says
            same = strict(doubt.text)
            kept += [replace(x, text=surest.text) if strict(x.text) == same else x for x in said]
        lines[at] = kept
    rest = [line for line in lines[place] if not any(_same_place(line, new) for new in there)]
    lines[place] = [*there, *rest]


def _less(text: str, than: str) -> bool:
    return len(core(text)) < len(core(than)) and stage(text, than)


def _same_place(a: Line, b: Line) -> bool:
    return shared(np.asarray(a.box), np.asarray(b.box)) >= SAME_PLACE

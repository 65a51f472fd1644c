"""A text that runs through a window and never stands in it whole, put together from its views."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import replace

from ocr.phase import SURE, Phase, middle
from ocr.same_text import joined, slides, strict

WINDOWS = 3
"""A text runs through a window if what it shows moves on, at both ends, this often at least."""


def passing(phases: Sequence[Phase]) -> Phase | None:
    """One phase for a text that runs through a window and never stands in it whole."""
    steps = list(itertools.pairwise(phases))
    windows = [(a.text, b.text) for a, b in steps if min(len(a.text), len(b.text)) > 2]
    linked = [pair for pair in windows if joined(*pair) is not None]
    wider = any(_wider(a, b) for a, b in steps)
    if not wider and _windows(phases) < WINDOWS:
        return None
    views = [p.text for p in phases if len(p.text) > 2 and p.confidence >= SURE]
    if not views or len(linked) < 0.7 * len(windows):
        return None
    whole = functools.reduce(lambda text, view: joined(text, view) or text, views)
    best = max(phases, key=lambda p: len(p.text))
    if len(strict(whole)) < len(strict(best.text)) + (not wider):
        return None
    result = replace(best, text=whole, line=replace(best.line, text=whole), full=dict(best.full))
    result.lines = [line for phase in phases for line in phase.lines]
    result.first, result.last = phases[0].first, phases[-1].last
    result.ms = sum(phase.ms for phase in phases)
    return result


def _windows(phases: Sequence[Phase]) -> int:
    """How often the window moved on at both ends, in one direction; a slow one takes several views
    for it, which first lose a letter at one end and then gain one at the other."""
    views = [p.text for p in phases if len(p.text) > 2]
    count, begin = 0, "".join(views[:1])
    for text in views[1:]:
        whole = joined(begin, text)
        moved = slides(begin, text)
        if moved:
            count += 1 if strict(whole or "").startswith(strict(begin)[:2]) else -1
        if moved or whole is None:
            begin = text
    return abs(count)


def _wider(before: Phase, after: Phase) -> bool:
    """Whether a text a little wider than the picture moved on: each view lacks one end of it."""
    sideways = abs(middle(before.line)[0] - middle(after.line)[0]) > 0.2 * after.line.height
    return before.cut[0] and after.cut[0] and sideways and slides(before.text, after.text)

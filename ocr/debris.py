"""Scraps: what a text looked like for a moment while it came, went, zoomed or was covered."""

from collections.abc import Sequence

from ocr.phase import BRIEF, CERTAIN, SURE, Phase, middle
from ocr.same_text import core, stage


def without_debris(phases: Sequence[Phase]) -> list[Phase]:
    """Without scraps: what a text looked like for a moment while it came, went or was covered."""
    kept = list(phases)
    for scrap in sorted(phases, key=lambda p: p.ms):
        brief = scrap.ms <= BRIEF
        owner = next(
            (
                p
                for p in kept
                if p is not scrap and ((brief and _scrap_of(scrap, p)) or _rest_of(scrap, p))
            ),
            None,
        )
        if owner is not None:
            kept.remove(scrap)
            if scrap.first <= owner.last + 1 and owner.first <= scrap.last + 1:
                # With a picture between them in which nothing of it is read, it was gone.
                owner.first = min(owner.first, scrap.first)
                owner.last = max(owner.last, scrap.last)
    return kept


def without_flicker(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Without lone letters and digits that show too briefly to be read, and were not read surely:
    a thing that moved looked like one."""
    return tuple(
        phase
        for phase in phases
        if not (
            len(said := core(phase.text)) == 1
            and said.isascii()
            and said.isalnum()
            and phase.ms <= BRIEF
            and phase.line.confidence < CERTAIN
        )
    )


def _rest_of(rest: Phase, text: Phase) -> bool:
    """Whether a piece of ``text`` stands at the picture's side just before or after it."""
    beside = rest.first <= text.last + 2 and text.first <= rest.last + 2
    level = abs(middle(rest.line)[1] - middle(text.line)[1]) < text.line.height
    runs = text.moved > 1 and rest.cut[0] and rest.ms < text.ms
    return beside and level and runs and stage(rest.text, text.text)


def _scrap_of(scrap: Phase, text: Phase) -> bool:
    """Whether a phase is shorter in time and letters than ``text``, or shorter in time, smaller
    and doubtful, beside it and in its place; and no sure reading of something else."""
    if scrap.line.confidence >= CERTAIN and not stage(scrap.text, text.text):
        return False
    beside = scrap.first <= text.last + 2 and text.first <= scrap.last + 2
    letters = len(core(scrap.text))
    small = scrap.line.height < 0.85 * text.line.height and scrap.line.confidence < SURE
    less = letters < len(core(text.text)) or (small and letters > 2)
    x, y = middle(scrap.line)
    left, top, right, bottom = text.line.bounds
    rim = text.line.height
    return (
        beside
        and less
        and 3 * scrap.ms <= text.ms
        and left - rim <= x <= right + rim
        and top - rim <= y <= bottom + rim
    )

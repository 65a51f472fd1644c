"""Lines of text followed through a clip: what a line says, in its full form, from when to when.

A line is linked to the one before it by what it says and where it stands, so that a text that
moves, grows, shakes, fades or changes colour stays one *chain*. A chain is then cut into
*phases* of equal text, and phases that are only stages of a neighbour (half typed, cut off at
the edge, too small or too faint to be read right) are merged into it. A text that runs through a
window is put together from its views.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ocr.caption import Line
from ocr.same_text import core, grows, joined, misread, related, slides, stage, strict

BRIEF = 150
"""Milliseconds: a piece of a longer text that shows no longer is a stage of it."""
TYPED = 400
"""Milliseconds that one stage of a text shows that is written letter by letter, at most."""
STANDS = 250
"""Milliseconds from which a difference of case or marks alone is another caption."""
SURE = 0.9
CERTAIN = 0.97
"""A reading as sure as this is no misreading, however briefly it shows."""
DOUBTFUL = 0.8
EDGE, CUT = 0.02, 0.5
"""A line that comes so close to the picture's edge, in its sides or in heights of the line, may be
cut off there: half a letter is not found at all."""
GAP = 100
"""Milliseconds that a moving text may go unread without being away."""


@dataclass(frozen=True)
class Seen:
    """What was read in one stretch that looks the same."""

    first: int
    """First frame of the stretch."""
    last: int
    start_ms: int
    end_ms: int
    frame: int
    """The frame that was read."""
    lines: tuple[Line, ...]
    width: int
    height: int


@dataclass
class Phase:
    """A line while it says one thing."""

    text: str
    line: Line
    """The surest reading."""
    first: int
    """Place of the first and last ``Seen`` that show it."""
    last: int
    ms: int
    full: dict[int, Line] = field(default_factory=dict)
    """Place -> line, where it was read in its full form."""
    lines: list[Line] = field(default_factory=list)
    cut: tuple[bool, bool] = (False, False)
    """Whether it always touches a side of the picture, and its top or foot."""
    weight: float = 0.0
    """Time in which it was read as it is, times confidence."""

    @property
    def moved(self) -> float:
        """How far it travelled, in heights of its letters."""
        (a, b), height = (_middle(li) for li in (self.lines[0], self.lines[-1])), self.line.height
        return math.dist(a, b) / max(height, 1.0)


@dataclass
class _Chain:
    sights: list[tuple[int, Line]]

    def closeness(self, at: int, line: Line, seen: Sequence[Seen]) -> float:
        """How surely a line is this chain's next: above 0, or 0 for another text."""
        before, last = self.sights[-1]
        away = seen[at].start_ms - seen[before].end_ms
        if before == at or away > GAP or at - before > 2:
            return 0.0
        same = strict(last.text) == strict(line.text)
        if not same and not related(last.text, line.text):
            return 0.0
        size = math.hypot(seen[at].width, seen[at].height)
        distance = math.dist(_middle(last), _middle(line))
        if away > 0 and distance < 0.2 * line.height:
            return 0.0  # what stood still and went away was away
        if distance > (0.4 * size if same else 3 * max(last.height, line.height)) + _slack(
            last, line
        ):
            return 0.0
        return 1.0 + same - distance / size


def phases_of(seen: Sequence[Seen]) -> list[Phase]:
    """Every line of a clip with what it says in full, by when it first shows."""
    found = [phase for chain in _chains(seen) for phase in _settled(_phases(chain, seen))]
    return sorted(
        without_debris(found), key=lambda p: (p.first, p.line.bounds[1], p.line.bounds[0])
    )


def without_debris(phases: Sequence[Phase]) -> list[Phase]:
    """Without scraps: what a text looked like for a moment while it came, went or was covered."""
    kept = list(phases)
    for scrap in sorted(phases, key=lambda p: p.ms):
        if scrap.ms > BRIEF or scrap.line.confidence >= CERTAIN:
            continue
        owner = next((p for p in kept if p is not scrap and _scrap_of(scrap, p)), None)
        if owner is not None:
            kept.remove(scrap)
            owner.first, owner.last = (
                min(owner.first, scrap.first),
                max(owner.last, scrap.last),
            )
    return kept


def _scrap_of(scrap: Phase, text: Phase) -> bool:
    """Whether a phase is shorter in time and letters than ``text``, beside it and in its place."""
    beside = scrap.first <= text.last + 2 and text.first <= scrap.last + 2
    less = 3 * scrap.ms <= text.ms and len(core(scrap.text)) < len(core(text.text))
    x, y = _middle(scrap.line)
    left, top, right, bottom = text.line.bounds
    rim = text.line.height
    return beside and less and left - rim <= x <= right + rim and top - rim <= y <= bottom + rim


def _chains(seen: Sequence[Seen]) -> list[_Chain]:
    chains: list[_Chain] = []
    for at, one in enumerate(seen):
        near = [c for c in chains if at - c.sights[-1][0] <= 2]
        pairs = sorted(
            (
                (chain.closeness(at, line, seen), i, j)
                for i, chain in enumerate(near)
                for j, line in enumerate(one.lines)
            ),
            reverse=True,
        )
        taken: dict[int, int] = {}
        for score, i, j in pairs:
            if score > 0 and j not in taken and i not in taken.values():
                taken[j] = i
        for j, line in enumerate(one.lines):
            if j in taken:
                near[taken[j]].sights.append((at, line))
            else:
                chains.append(_Chain([(at, line)]))
    return chains


def _phases(chain: _Chain, seen: Sequence[Seen]) -> list[Phase]:
    """A chain by what it says."""
    found: list[Phase] = []
    for at, line in chain.sights:
        ms = seen[at].end_ms - seen[at].start_ms
        weight = max(ms, 1) * line.confidence
        if found and strict(found[-1].text) == strict(line.text):
            phase = found[-1]
            phase.ms += ms
            phase.last = at
            phase.full[at] = line
            phase.lines.append(line)
            phase.weight += weight
            x, y = _cut(line, seen[at])
            phase.cut = phase.cut[0] and x, phase.cut[1] and y
            if line.confidence > phase.line.confidence:
                phase.line = line
        else:
            cut = _cut(line, seen[at])
            found.append(Phase(line.text, line, at, at, ms, {at: line}, [line], cut, weight))
    return found


def _settled(phases: list[Phase]) -> list[Phase]:
    """Phases that stand for themselves, the others merged into them."""
    passing = _passing(phases)
    if passing is not None:
        return [passing]
    phases = _typed(_typed(phases)[::-1])[::-1]
    while True:
        pairs = [
            (phases[i].weight, i, j)
            for i in range(len(phases))
            for j in (i - 1, i + 1)
            if 0 <= j < len(phases) and _yields(phases[i], phases[j])
        ]
        if not pairs:
            return phases
        _, i, j = min(pairs)
        phases = _merged(phases, i, j)


def _merged(phases: list[Phase], weak: int, strong: int) -> list[Phase]:
    """Without phase ``weak``, which becomes a part of ``strong``; equal neighbours join."""
    kept = list(phases)
    _absorb(kept[strong], kept[weak])
    del kept[weak]
    for i in range(len(kept) - 1, 0, -1):
        if strict(kept[i].text) == strict(kept[i - 1].text):
            kept[i - 1].full |= kept[i].full
            kept[i - 1].weight += kept[i].weight
            _absorb(kept[i - 1], kept[i])
            del kept[i]
    return kept


def _absorb(strong: Phase, weak: Phase) -> None:
    strong.first, strong.last = min(strong.first, weak.first), max(strong.last, weak.last)
    strong.ms += weak.ms
    before = weak.last < min(strong.full)
    strong.lines = weak.lines + strong.lines if before else strong.lines + weak.lines


def _yields(weak: Phase, strong: Phase) -> bool:
    """Whether ``weak`` is a stage or a misreading of its neighbour ``strong``."""
    doubt, than = weak.line.confidence, strong.line.confidence
    if core(weak.text) == core(strong.text):
        stands = min(weak.ms, strong.ms) >= STANDS and min(doubt, than) >= DOUBTFUL
        return not stands and weak.weight <= strong.weight
    cut = _moves_off(weak, strong)
    resized = abs(weak.line.height - strong.line.height) > 0.15 * strong.line.height
    if stage(weak.text, strong.text):
        brief = weak.ms <= BRIEF and 2 * weak.ms <= strong.ms
        zoomed = resized and weak.ms <= TYPED and 2 * weak.weight <= strong.weight
        return brief or cut or zoomed or doubt < DOUBTFUL
    if weak.weight > strong.weight:
        return False
    if misread(weak.text, strong.text):
        doubted = doubt < SURE and doubt < than
        travels = weak.moved > 0.5 or resized or strong.moved > 1
        return doubted or (travels and weak.ms <= BRIEF and doubt < CERTAIN) or cut
    return (doubt < DOUBTFUL and weak.ms <= 2 * BRIEF) or (cut and not any(strong.cut))


def _moves_off(weak: Phase, strong: Phase) -> bool:
    """Whether ``weak`` is cut off at the edge towards which it is moved from ``strong``.

    Seen by the end away from the edge: a text that only grows keeps one end, or its middle.
    """
    (left, top, right, bottom), other = weak.line.bounds, strong.line.bounds
    far = 0.3 * strong.line.height
    across = min(abs(left - other[0]), abs(right - other[2])) > far
    across = across and abs(left + right - other[0] - other[2]) > 2 * far
    down = abs(top + bottom - other[1] - other[3]) > 2 * far
    return (weak.cut[0] and across) or (weak.cut[1] and down)


def _typed(phases: list[Phase]) -> list[Phase]:
    """Merge what is written letter by letter into what stands in the end."""
    kept: list[Phase] = []
    i = 0
    while i < len(phases):
        end = i
        while (
            end + 1 < len(phases)
            and phases[end].ms <= TYPED
            and 0 < grows(phases[end].text, phases[end + 1].text) <= 2
        ):
            end += 1
        if end - i >= 3:
            for stage_of in phases[i:end][::-1]:
                _absorb(phases[end], stage_of)
        else:
            kept += phases[i:end]
        kept.append(phases[end])
        i = end + 1
    return kept


def _passing(phases: Sequence[Phase]) -> Phase | None:
    """One phase for a text that runs through a window and never stands in it whole."""
    if len(phases) < 4:
        return None
    steps = [slides(a.text, b.text) for a, b in itertools.pairwise(phases)]
    if sum(steps) < 0.6 * len(steps):
        return None
    whole = phases[0].text
    for phase in phases[1:]:
        whole = joined(whole, phase.text) or whole
    best = max(phases, key=lambda p: len(p.text))
    if len(strict(whole)) < 1.15 * len(strict(best.text)):
        return None
    result = replace(best, text=whole, line=replace(best.line, text=whole), full=dict(best.full))
    result.lines = [line for phase in phases for line in phase.lines]
    result.first, result.last = phases[0].first, phases[-1].last
    result.ms = sum(phase.ms for phase in phases)
    return result


def _cut(line: Line, seen: Seen) -> tuple[bool, bool]:
    """Whether a line may be cut off at the left or right, and at the top or foot."""
    left, top, right, bottom = line.bounds
    x, y = max(EDGE * seen.width, CUT * line.height), EDGE * seen.height
    return left <= x or right >= seen.width - x, top <= y or bottom >= seen.height - y


def _middle(line: Line) -> tuple[float, float]:
    left, top, right, bottom = line.bounds
    return (left + right) / 2, (top + bottom) / 2


def _slack(a: Line, b: Line) -> float:
    """A line that grows or is cut off moves its middle by half of what it gains."""
    (left_a, _, right_a, _), (left_b, _, right_b, _) = a.bounds, b.bounds
    return abs((right_a - left_a) - (right_b - left_b)) / 2

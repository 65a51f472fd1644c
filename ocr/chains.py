"""Lines of text followed through a clip: what a line says, in its full form, from when to when.

A line is linked to the one before it by what it says and where it stands, so that a text that
moves, grows, shakes, fades or changes colour stays one *chain*. A chain is then cut into
*phases* of equal text, and phases that are only stages of a neighbour (half typed, cut off at
the edge, too small or too faint to be read right) are merged into it. A text that runs through a
window is put together from its views.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.caption import Line
from ocr.debris import without_debris
from ocr.passing import passing
from ocr.phase import BRIEF, CERTAIN, SURE, Phase, Seen, cut, middle
from ocr.same_text import (
    core,
    grows,
    misread,
    one_off,
    related,
    same_variants,
    stage,
    strict,
)

TYPED = 600
"""Milliseconds that one stage of a text shows that is written letter by letter, at most."""
RESIZED = 400
"""Milliseconds that a piece of a text shows that comes larger, goes smaller, or fades, at most."""
PLACED = 0.3
"""Heights of the letters by which a piece may lie off its place in the whole text."""
STANDS = 250
"""Milliseconds from which a difference of case or marks alone is another caption."""
DOUBTFUL = 0.8
GAP = 100
"""Milliseconds that a moving text may go unread without being away."""


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
        distance = math.dist(middle(last), middle(line))
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
            x, y = cut(line, seen[at])
            phase.cut = phase.cut[0] and x, phase.cut[1] and y
            if line.confidence > phase.line.confidence:
                phase.line = line
        else:
            edges = cut(line, seen[at])
            found.append(Phase(line.text, line, at, at, ms, {at: line}, [line], edges, weight))
    return found


def _settled(phases: list[Phase]) -> list[Phase]:
    """Phases that stand for themselves, the others merged into them."""
    whole = passing(phases)
    if whole is not None:
        return [whole]
    phases = _steady(_typed(_typed(phases)[::-1])[::-1])
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
    doubt, than = weak.confidence, strong.line.confidence
    if same_variants(weak.text, strong.text):
        return weak.weight <= strong.weight
    if core(weak.text) == core(strong.text):
        stands = min(weak.weight, strong.weight) >= STANDS * min(doubt, than)
        stands = stands and min(doubt, than) >= DOUBTFUL
        return not stands and weak.weight <= strong.weight
    off = _moves_off(weak, strong)
    resized = abs(weak.line.height - strong.line.height) > 0.15 * strong.line.height
    if stage(weak.text, strong.text):
        brief = weak.ms <= BRIEF and 2 * weak.ms <= strong.ms
        passes = weak.ms <= RESIZED and 2 * weak.weight <= strong.weight
        comes = passes and (resized or _in_place(weak, strong))
        return brief or off or comes or doubt < DOUBTFUL
    if weak.weight > strong.weight:
        return False
    if misread(weak.text, strong.text):
        doubted = doubt < SURE and doubt < than
        travels = weak.moved > 0.5 or resized or strong.moved > 1
        return doubted or (travels and weak.ms <= BRIEF and doubt < CERTAIN) or off
    guessed = doubt < DOUBTFUL or (resized and doubt < SURE)
    return (guessed and weak.ms <= 2 * BRIEF) or (off and not any(strong.cut))


def _in_place(part: Phase, whole: Phase) -> bool:
    """Whether the beginning or end of a text stands where it stands in the whole: the other
    letters are not yet, or no more, to be seen. Not a text of whole words to which another word
    comes (`HELP ME`, `HELP ME NOW`): that one was there to be read."""
    some, words = part.text.lower().split(), whole.text.lower().split()
    if len(some) < len(words) and some in (words[: len(some)], words[-len(some) :]):
        return False
    short, long = core(part.text), core(whole.text)
    (begin, top, end, foot), (left, upper, right, lower) = part.line.bounds, whole.line.bounds
    off = [abs(top - upper), abs(foot - lower)]
    if long.startswith(short):
        off.append(abs(begin - left))
    elif long.endswith(short):
        off.append(abs(end - right))
    else:
        return False
    return max(off) <= PLACED * whole.line.height


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
        if end - i >= 3 or _few_letters(phases[i : end + 1]):
            for stage_of in phases[i:end][::-1]:
                _absorb(phases[end], stage_of)
        else:
            kept += phases[i:end]
        kept.append(phases[end])
        i = end + 1
    return kept


def _few_letters(stages: Sequence[Phase]) -> bool:
    """Whether three letters or so are written one by one, and then stand."""
    *early, last = stages
    from_nothing = len(early) == 2 and len(strict(early[0].text)) <= 2
    return from_nothing and last.ms >= 2 * max(p.ms for p in early)


def _steady(phases: list[Phase]) -> list[Phase]:
    """Merge a letter that changes and comes back, where no reading is certain: it flickers."""
    kept = phases
    for i in range(len(phases) - 2, 0, -1):
        if i + 1 >= len(kept):
            continue
        before, one, after = kept[i - 1 : i + 2]
        doubted = all(p.line.confidence < CERTAIN for p in (before, one, after))
        back = strict(before.text) == strict(after.text)
        if doubted and back and one_off(before.text, one.text):
            kept = _merged(kept, i, i - 1)
    return kept


def _slack(a: Line, b: Line) -> float:
    """A line that grows or is cut off moves its middle by half of what it gains."""
    (left_a, _, right_a, _), (left_b, _, right_b, _) = a.bounds, b.bounds
    return abs((right_a - left_a) - (right_b - left_b)) / 2

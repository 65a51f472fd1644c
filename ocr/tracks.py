"""Captions over time: which text shows from when to when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from frames import Clip
from ocr.caption import Line, Track
from ocr.engines import Engine
from ocr.order import around, in_reading_order
from ocr.phase import Phase, Seen
from ocr.same_text import common, core
from ocr.timeline import Timeline, timeline_of

STEADY = 0.9
"""Text that shows in at least this share of the clip may be a sign behind the captions."""
TRAVELS = 3.0
"""A line that moves by more heights than this goes its own way."""
SAME_PLACE = 0.5
"""Boxes that share this much of their union stand in the same place."""
USER = "user"
"""The rule of a role that a person decided."""
FLEETING = 0.8
"""A text read once, no surer than this, is no caption."""


def read_clip(clip: Clip, engine: Engine) -> tuple[Track, ...]:
    """The captions of a clip, by time; see ``timeline_of`` for what is raised."""
    return captions_of(timeline_of(clip, engine))


def captions_of(timeline: Timeline) -> tuple[Track, ...]:
    """The captions of what was read, by time."""
    seen = timeline.seen
    lines = [p for p in timeline.phases if p.line.role == "caption" and not _fleeting(p, seen)]
    own = [p for p in lines if _goes_own_way(p, lines)]
    together = [p for p in lines if p not in own]
    steady = _steady(together, timeline)
    groups = [
        *_groups([p for p in together if p not in steady], seen),
        *_groups(steady, seen),
        *((phase.first, phase.last, [phase]) for phase in own),
    ]
    tracks = [_track(group, seen) for group in groups]
    return tuple(sorted(tracks, key=lambda t: (t.start_ms, t.box[1], t.box[0])))


def with_user_roles(timeline: Timeline, roles: Mapping[str, str]) -> Timeline:
    """The timeline with roles that a person decided: text of a line -> 'caption' or 'other'.

    Spaces, case and punctuation of the texts do not count.
    """
    wanted = {core(text): role for text, role in roles.items()}
    phases = [
        replace(phase, line=replace(phase.line, role=wanted[core(phase.text)], rule=USER))
        if core(phase.text) in wanted
        else phase
        for phase in timeline.phases
    ]
    return replace(timeline, phases=tuple(phases))


@dataclass(frozen=True)
class TimedLine:
    """One line that was read, caption or not, and from when to when."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    box: tuple[int, int, int, int]
    """(left, top, right, bottom) in pixels."""
    role: str
    rule: str
    """The rule that decided: a key of ``ocr.caption_roles.RULES``, 'fleeting', or ``USER``."""


def lines_of(timeline: Timeline) -> tuple[TimedLine, ...]:
    """Every line of what was read, by time."""
    found = []
    for phase in timeline.phases:
        left, top, right, bottom = phase.line.bounds
        role, rule = phase.line.role, phase.line.rule
        if role == "caption" and _fleeting(phase, timeline.seen):
            role, rule = "other", "fleeting"
        found.append(
            TimedLine(
                phase.line.text,
                timeline.seen[phase.first].start_ms,
                timeline.seen[phase.last].end_ms,
                round(phase.line.confidence, 4),
                (int(left), int(top), int(right), int(bottom)),
                role,
                rule,
            )
        )
    return tuple(found)


def _fleeting(phase: Phase, seen: Sequence[Seen]) -> bool:
    """Whether a text was read in one of several pictures only, and not surely."""
    doubted = phase.line.confidence < FLEETING and phase.line.rule != USER
    return phase.first == phase.last and len(seen) > 2 and doubted


def _goes_own_way(phase: Phase, lines: Sequence[Phase]) -> bool:
    """Whether a line travels while another comes or goes: danmaku, a ticker, a name on a thing."""
    if phase.moved <= TRAVELS:
        return False
    return any(
        other is not phase
        and other.first <= phase.last
        and phase.first <= other.last
        and (abs(other.first - phase.first) > 1 or abs(other.last - phase.last) > 1)
        for other in lines
    )


def _steady(lines: Sequence[Phase], timeline: Timeline) -> list[Phase]:
    """Lines that show all the time while others come and go; [] if they never stand alone.

    A title that never stands alone belongs to the captions that change under it.
    """
    seen = timeline.seen
    if len(seen) < 3:
        return []
    steady = [
        p
        for p in lines
        if sum(q.ms for q in timeline.phases if _same_place(p, q))
        >= STEADY * (seen[-1].end_ms - seen[0].start_ms)
    ]
    # A line in the same place that says something else is a caption that was changed.
    steady = [
        p
        for p in steady
        if all(common(core(p.text), core(q.text)) for q in steady if _same_place(p, q))
    ]
    rest = [p for p in lines if p not in steady]
    busy = {at for p in rest for at in range(p.first, p.last + 1)}
    alone = [at for at in range(len(seen)) if at not in busy]
    return steady if steady and rest and alone else []


def _same_place(a: Phase, b: Phase) -> bool:
    return overlap(a.line, b.line) >= SAME_PLACE


def overlap(a: Line, b: Line) -> float:
    """Intersection over union of two lines' boxes."""
    (left_a, top_a, right_a, bottom_a), (left_b, top_b, right_b, bottom_b) = a.bounds, b.bounds
    width = min(right_a, right_b) - max(left_a, left_b)
    height = min(bottom_a, bottom_b) - max(top_a, top_b)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (right_a - left_a) * (bottom_a - top_a) + (right_b - left_b) * (bottom_b - top_b)
    return both / (areas - both)


Group = tuple[int, int, list[Phase]]


def _groups(lines: Sequence[Phase], seen: Sequence[Seen]) -> list[Group]:
    """Captions: stretches in which the same lines show, [first, last] place and lines."""
    groups: list[Group] = []
    for at in range(len(seen)):
        here = [p for p in lines if p.first <= at <= p.last]
        if groups and groups[-1][1] == at - 1 and groups[-1][2] == here:
            groups[-1] = (groups[-1][0], at, here)
        elif here:
            groups.append((at, at, here))
    return groups


def _track(group: Group, seen: Sequence[Seen]) -> Track:
    first, last, phases = group
    lines = in_reading_order([p.line for p in phases])
    left, top, right, bottom = around(lines)
    return Track(
        "\n".join(line.text for line in lines),
        seen[first].start_ms,
        seen[last].end_ms,
        seen[first].first,
        seen[last].last,
        sum(line.confidence for line in lines) / len(lines),
        (int(left), int(top), int(right), int(bottom)),
        tuple(lines),
    )

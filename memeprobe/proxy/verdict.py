"""What an application did to a clip, from what arrived of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from memeprobe.messages import proxy as messages
from memeprobe.proxy.arrived import Picture, Request
from memeprobe.proxy.clips import KnownClip
from memeprobe.proxy.recognise import Shown, recognise

SMALL = 0.6
"""Scale under which a frame counts as a thumbnail."""
SAME_SIZE = 0.02
"""Relative difference of size that is none."""


@dataclass(frozen=True)
class Sighting:
    """One frame that arrived."""

    frames: tuple[int, ...]
    """The frames that it may be; several where they look the same."""
    picture: int
    """Number of the picture in the request."""
    scale: float
    fit: float


@dataclass(frozen=True)
class ClipReport:
    """What arrived of one clip in one request."""

    clip: str
    total: int
    """Frames of the clip."""
    key: str
    """``frame_0_only``, ``one_frame``, ``static``, ``several``, ``all``."""
    form: str
    """``picture``, ``pictures``, ``montage``, ``strip``, ``video``, ``animation``."""
    order: str
    """``in_order``, ``reversed``, ``shuffled``, or ``none`` where there is no order to tell."""
    sightings: tuple[Sighting, ...]
    layout: tuple[int, int]
    """Rows and columns of the largest picture."""
    scale: float
    """Median width of a frame by the clip's own."""
    kinds: tuple[str, ...]
    """Formats of the pictures."""
    bound: float
    """Lower bound on the application's first-frame bias, 0 to 1, whatever the model: 1 where no
    later frame arrived."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the verdict in both languages."""
        english, chinese = messages.verdict(self)
        return {**asdict(self), "text": english, "text_zh": chinese}


@dataclass(frozen=True)
class RequestReport:
    """What one request brought."""

    clips: tuple[ClipReport, ...]
    unknown: int
    """Pictures that show no frame of a known clip."""
    ambiguous: int
    """Frames that several clips have."""
    unseen: tuple[str, ...]
    """Links and files that could not be looked at."""
    words: str
    model: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "clips": [c.as_json() for c in self.clips]}


def judge(request: Request, clips: Sequence[KnownClip]) -> RequestReport:
    """What a request brought of each clip."""
    seen: list[tuple[int, Picture, list[Shown]]] = []
    for number, picture in enumerate(request.pictures):
        if picture.pixels is not None:
            seen.append((number, picture, recognise(picture.pixels, clips)))
    named = _names([s for _, _, shown in seen for s in shown])
    by_name = {clip.name: clip for clip in clips}
    found: dict[str, list[tuple[int, Picture, Shown]]] = {}
    for number, picture, several in seen:
        for shown in several:
            name = named.get(id(shown))
            if name is not None:
                found.setdefault(name, []).append((number, picture, shown))
    return RequestReport(
        tuple(_report(by_name[name], rows) for name, rows in found.items()),
        sum(not any(s.candidates for s in shown) for _, _, shown in seen),
        sum(bool(s.candidates) and named.get(id(s)) is None for _, _, sh in seen for s in sh),
        tuple(f"{p.form}: {p.kind}" for p in request.pictures if p.pixels is None),
        request.words,
        request.model,
    )


def _names(shown: Sequence[Shown]) -> dict[int, str]:
    """Which clip each cell is of: the only one that has such a frame, else the one of those that
    have it of which the request shows most for certain; none where that is a tie."""
    sure = Counter(next(iter(s.candidates)) for s in shown if len(s.candidates) == 1)
    named = {}
    for one in shown:
        ranked = sorted(one.candidates, key=lambda name: -sure[name])
        if len(ranked) == 1 or (len(ranked) > 1 and sure[ranked[0]] > sure[ranked[1]]):
            named[id(one)] = ranked[0]
    return named


def _report(clip: KnownClip, rows: Sequence[tuple[int, Picture, Shown]]) -> ClipReport:
    sightings = tuple(
        Sighting(s.candidates[clip.name], number, s.scale, s.fit) for number, _, s in rows
    )
    sets = [s.frames for s in sightings]
    distinct = _distinct(sets)
    layouts = Counter(number for number, _, _ in rows)
    largest = layouts.most_common(1)[0][0]
    layout = _layout([s for number, _, s in rows if number == largest])
    key = _key(sets, distinct, clip.total)
    scales = sorted(s.scale for s in sightings)
    return ClipReport(
        clip.name,
        clip.total,
        key,
        _form(rows, layout),
        _order(sets) if distinct > 1 else "none",
        sightings,
        layout,
        scales[len(scales) // 2],
        tuple(dict.fromkeys(p.kind for _, p, _ in rows)),
        1.0 if key == "frame_0_only" else 0.0,
    )


def _key(sets: Sequence[tuple[int, ...]], distinct: int, total: int) -> str:
    """What arrived, by frames. Several pictures that cannot be told apart are one frame."""
    if any(len(s) >= total for s in sets) or total < 2:
        return "static"
    if distinct == 1:
        return "frame_0_only" if all(0 in s for s in sets) else "one_frame"
    return "all" if len(set().union(*sets)) >= total and len(sets) >= total else "several"


def _distinct(sets: Sequence[tuple[int, ...]]) -> int:
    """How many frames these are at least: a largest number of sets that share nothing, taken
    from the narrowest."""
    taken: list[set[int]] = []
    for each in sorted(map(set, sets), key=len):
        if all(each.isdisjoint(other) for other in taken):
            taken.append(each)
    return len(taken)


def _order(sets: Sequence[tuple[int, ...]]) -> str:
    """The order that the frames can be in: a reading is possible if each can be after the one
    before it."""
    if _rises(sets):
        return "in_order"
    return "reversed" if _rises(sets[::-1]) else "shuffled"


def _rises(sets: Sequence[tuple[int, ...]]) -> bool:
    last = -1
    for each in sets:
        later = [f for f in each if f >= last]
        if not later:
            return False
        last = min(later)
    return True


def _layout(shown: Sequence[Shown]) -> tuple[int, int]:
    """Rows and columns of the cells of one picture."""
    tops: list[int] = []
    for one in sorted(shown, key=lambda s: s.box[1]):
        if not tops or one.box[1] > tops[-1] + 0.5 * one.box[3]:
            tops.append(one.box[1])
    rows = max(1, len(tops))
    return rows, -(-len(shown) // rows)


def _form(rows: Sequence[tuple[int, Picture, Shown]], layout: tuple[int, int]) -> str:
    forms = {p.form for _, p, _ in rows}
    if forms & {"video", "animation"}:
        return "video" if "video" in forms else "animation"
    if layout == (1, 1):
        return "picture" if len(rows) == 1 else "pictures"
    return "strip" if layout[0] == 1 else "montage"


def summary(reports: Sequence[RequestReport]) -> Mapping[str, Any]:
    """Over all requests: how many brought a known clip, and the commonest verdicts."""
    clips = [c for r in reports for c in r.clips]
    keys = Counter(messages.verdict(c) for c in clips)
    return {
        "requests": len(reports),
        "with_known_clip": sum(bool(r.clips) for r in reports),
        "verdicts": [{"text": en, "text_zh": zh, "times": n} for (en, zh), n in keys.most_common()],
    }

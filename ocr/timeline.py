"""Everything that is read in a clip, by time; read once and kept.

1. ``looks`` cuts the clip into stretches that look the same; one frame of each is read at a
   glance, at most ``MOST_READ`` of them (a clip of a few stretches is read in full).
2. ``chains`` follows lines from stretch to stretch and tells what each says in its full form.
3. ``captions_of`` (ocr/tracks.py) puts the lines that show together into captions.
"""

import hashlib
import itertools
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from frames import Clip
from ocr.caption import Line
from ocr.chains import phases_of
from ocr.clip_reader import ClipReader
from ocr.debris import without_flicker
from ocr.engines import Engine
from ocr.looks import Looks, looks_of
from ocr.one_line import pieces_joined
from ocr.phase import BRIEF, Phase, Seen
from ocr.same_text import strict
from ocr.script import in_one_script
from ocr.second_reading import read_again

MOST_READ = 200
"""At most this many stretches of a clip are read; more, and the result says so."""
AT_ONCE = 8
"""So many frames are read together, so that several threads have work."""
IN_FULL = 4
"""A clip of no more stretches than this is read in full, without glances."""
NEW_TEXT = 12.0
"""Change of strokes (of 255, mean over a patch of letters) that a new text makes, at least."""
AT_A_GLANCE = 80
"""Milliseconds that a stretch shows, at most, which is left out between two that say the same if
all that changed in it moved a little."""
SECOND_LOOKS = 3
"""Frames that are read in full if glances find nothing."""
KEPT = 64
"""Timelines that stay in memory."""


@dataclass(frozen=True)
class Timeline:
    """What was read in a clip."""

    looks: Looks
    seen: tuple[Seen, ...]
    """What was read, by stretches; together they cover the clip."""
    phases: tuple[Phase, ...]
    """Every line, with what it says in its full form and where that shows."""
    note: str = ""
    """What was not read, and why, and what is turned or mirrored; '' if there is nothing."""


_KEPT: OrderedDict[str, tuple[Timeline, Engine]] = OrderedDict()
"""With the engine that read, so that its id cannot pass to another one."""


def timeline_of(clip: Clip, engine: Engine) -> Timeline:
    """The timeline of a clip. Raises MediaError for a broken file, and what the engine raises.

    A clip that was read in this process is not read again.
    """
    looks = looks_of(clip)
    key = _key(clip, looks, engine)
    if key not in _KEPT:
        _KEPT[key] = _read(clip, looks, engine), engine
        while len(_KEPT) > KEPT:
            _KEPT.popitem(last=False)
    _KEPT.move_to_end(key)
    return _KEPT[key][0]


def _key(clip: Clip, looks: Looks, engine: Engine) -> str:
    key = repr((clip.sha256, clip.timings, looks.stretches, id(engine), clip.reading_seconds))
    return hashlib.sha256(key.encode() + looks.thumbnails.tobytes()).hexdigest()


def _read(clip: Clip, looks: Looks, engine: Engine) -> Timeline:
    reader = ClipReader(engine, clip.reading_seconds)
    chosen = _chosen(clip, looks)
    found = _readings(clip, looks, chosen, reader)
    if len(chosen) > IN_FULL and not any(found.values()) and not reader.late:
        frames = [looks.stretches[i][0] for i in chosen]
        if _second_looks(clip, frames, reader):
            found |= _readings(clip, looks, chosen, reader)
    seen = _seen(clip, looks, found, _last_known(found, chosen) if reader.late else None)
    whole = timeline_from(looks, seen)
    if len(chosen) > IN_FULL:
        whole = timeline_from(looks, read_again(clip, seen, whole.phases, reader))
    count, most = len(looks.stretches), len(chosen)
    if count > 1:
        whole = replace(whole, phases=without_flicker(whole.phases))
    notes = [] if most == count else [f"read at {most} of {count} different pictures"]
    if reader.late:
        notes = [
            f"the reading was ended after {clip.reading_seconds:g} s of processor time: read at "
            f"{len(found)} of {count} different pictures; more time: --max-seconds"
        ]
    return replace(whole, note="; ".join([*notes, *_of_lines(whole.phases, whole.seen)]))


def timeline_from(looks: Looks, seen: Sequence[Seen]) -> Timeline:
    """The timeline of what was read, by stretches that together cover the clip, without notes."""
    seen = pieces_joined(seen)
    return Timeline(looks, tuple(seen), tuple(_in_one_script(_with_majority(phases_of(seen)))))


def _of_lines(phases: Sequence[Phase], seen: Sequence[Seen]) -> list[str]:
    """What is to be known of lines that cannot be read, or whose letters do not stand upright."""
    lasting = [p for p in phases if p.ms >= BRIEF or len(seen) == 1]
    notes = []
    for phase in lasting:
        if phase.line.rule == "unread":
            notes.append("text that cannot be read: its script is not among those of the weights")
        elif phase.line.orientation:
            notes.append(f"{phase.line.orientation} text: {phase.line.text}")
    return list(dict.fromkeys(notes))


def _chosen(clip: Clip, looks: Looks) -> list[int]:
    """Which stretches to read: all, or those where most strokes changed and some evenly in time.

    Evenly by number would pass over long ones beside a scene that moves in every frame.
    """
    count = len(looks.stretches)
    if count <= MOST_READ:
        return [*range(count)]
    ends = np.array([sum(clip.timings[last]) for _, last in looks.stretches])
    times = np.linspace(0, ends[-1], MOST_READ // 3 + 1)
    spread = {min(int(i), count - 1) for i in np.searchsorted(ends, times, side="right")}
    by_change = sorted(range(count), key=lambda i: (-looks.changes[i], i))
    rest = [i for i in by_change if i not in spread][: MOST_READ - len(spread)]
    return sorted({*spread, *rest})


def _readings(
    clip: Clip, looks: Looks, chosen: Sequence[int], reader: ClipReader
) -> dict[int, list[Line]]:
    """Stretch -> its lines with roles.

    Of a long clip every other stretch is read first; one between two that say the same is left
    out if no letter-sized patch changed enough to hold a new text, or if it is brief and differs
    from them by no more than motion (a drawing that moves changes every frame).
    """
    if len(chosen) <= IN_FULL:
        return _each(clip, looks, chosen, reader, reader.lines_in_full)
    found = _each(clip, looks, chosen[::2], reader, reader.lines)
    left = [
        here
        for before, here, after in zip(chosen[::2], chosen[1::2], [*chosen[2::2], -1], strict=False)
        if (before in found and (after < 0 or after in found))
        and (
            after < 0
            or _may_say_more(clip, looks, here, after)
            or _said(found[before]) != _said(found[after])
        )
    ]
    return found | _each(clip, looks, left, reader, reader.lines)


def _may_say_more(clip: Clip, looks: Looks, stretch: int, after: int) -> bool:
    """Whether a stretch, and those up to ``after``, may hold another text than the two readings
    beside them, which say the same."""
    first, end = looks.stretches[stretch][0], looks.stretches[after][0]
    brief = sum(length for _, length in clip.timings[first:end]) <= AT_A_GLANCE
    moved = brief and looks.apart[stretch] < NEW_TEXT
    return looks.changes[stretch] >= NEW_TEXT and not moved


def _said(lines: Sequence[Line]) -> list[str]:
    return sorted(strict(line.text) for line in lines)


def _each(
    clip: Clip,
    looks: Looks,
    stretches: Sequence[int],
    reader: ClipReader,
    read: Callable[[Sequence[np.ndarray]], list[list[Line]]],
) -> dict[int, list[Line]]:
    """What ``read`` gives for the first frame of each stretch, in one decode pass.

    Of those that there is no more time for, nothing; but one is always read.
    """
    wanted = {looks.stretches[i][0]: i for i in stretches}
    frames = itertools.islice((f for f in clip if f.index in wanted), len(wanted))
    found: dict[int, list[Line]] = {}
    while some := list(itertools.islice(frames, AT_ONCE if reader.has_read else 1)):
        if reader.has_read and reader.is_late():
            break
        read_lines = read([frame.pixels for frame in some])
        found |= {wanted[f.index]: lines for f, lines in zip(some, read_lines, strict=True)}
    return found


def _second_looks(clip: Clip, frames: Sequence[int], reader: ClipReader) -> bool:
    """Whether full readings find text that glances did not; glances then look closer."""
    places = np.linspace(0, len(frames) - 1, min(SECOND_LOOKS, len(frames))).round().astype(int)
    heights = []
    for frame in clip.frames(sorted({frames[i] for i in places})):
        lines = reader.read(frame.pixels).caption_lines
        heights += [line.height for line in lines]
    if heights:
        reader.expect(min(heights), clip.width * clip.height)
    return bool(heights)


def _last_known(found: Mapping[int, list[Line]], chosen: Sequence[int]) -> int | None:
    """The last stretch that was read, where time ran out before the clip's end; None = all was."""
    # Of a long clip every other stretch is read first: the last but one may be the first round's.
    end = chosen[-1] if len(chosen) <= IN_FULL else chosen[-2]
    return max(found) if max(found) < end else None


def _seen(
    clip: Clip, looks: Looks, found: Mapping[int, list[Line]], last_known: int | None = None
) -> list[Seen]:
    """What was read, each reading over the stretches up to the next that was read.

    Between two readings the greatest change of strokes is where one ends and the other begins.
    After the stretch ``last_known`` nothing is taken to be there.
    """
    if last_known is not None:
        found = {**found, last_known + 1: []}
    chosen = sorted(found)
    begins = [0]
    for before, after in itertools.pairwise(chosen):
        begins.append(max(range(before + 1, after + 1), key=lambda i: (looks.changes[i], i)))
    ends = [*(b - 1 for b in begins[1:]), len(looks.stretches) - 1]
    seen = []
    for begin, end, read in zip(begins, ends, chosen, strict=True):
        first, last = looks.stretches[begin][0], looks.stretches[end][1]
        start, (tail, length) = clip.timings[first][0], clip.timings[last]
        frame = looks.stretches[read][0]
        lines = tuple(found[read])
        seen.append(Seen(first, last, start, tail + length, frame, lines, clip.width, clip.height))
    return seen


def _in_one_script(phases: Sequence[Phase]) -> list[Phase]:
    """Phases whose characters the rest of the clip decides, see ``ocr.script``."""
    said = in_one_script([phase.text for phase in phases])
    return [
        replace(phase, text=text, line=replace(phase.line, text=text))
        for phase, text in zip(phases, said, strict=True)
    ]


def _with_majority(phases: Sequence[Phase]) -> list[Phase]:
    """Phases with the role that most of their readings got."""
    found = []
    for phase in phases:
        counts = Counter((line.role, line.rule) for line in phase.lines)
        role, rule = max(counts, key=lambda k: (counts[k], k[0] == "caption"))
        found.append(replace(phase, line=replace(phase.line, role=role, rule=rule)))
    return found

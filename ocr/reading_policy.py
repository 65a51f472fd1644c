"""The policy that reads: keyframes that show every text, every picture, and the course of time.

A frame is worth what it adds to those chosen already: first texts that none of them shows (as
read: a text that zooms, slides or types itself is one text), then pictures, as screen time that
looks like none of them, then the course of time. Where there are more texts than frames can show,
one makes room for a picture that stands longer than an even share of the clip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from frames import Clip
from ocr.caption import Line, Track
from ocr.engines import DEFAULT_ENGINE, Engine, load_engine
from ocr.looks import Looks, different, distances, looks_of
from ocr.phase import BRIEF, Seen
from ocr.same_text import core
from ocr.timeline import Timeline, timeline_of
from ocr.tracks import captions_of

SAME_PICTURE = 12.0
"""Mean difference (of 255) of two 16 x 16 thumbnails under which they show the same picture."""
LARGE = 0.9
"""A line that grows stands in full from this share of the height at which it stands."""
STANDS = 0.75
"""The height at which a line stands: no more than this share of its time is it lower."""
MOST_DRIFTING = 100
"""At most this many frames of slowly changing stretches are weighed against each other."""
MOST_CANDIDATES = 400
"""At most this many frames are weighed against each other."""
WORTH = 0.02
"""Share of the clip's time that another picture must add to be worth a keyframe (``auto``)."""
MUCH_LESS = 0.75
"""Of an even share of the clip's time: what shows for less may be a stage of a fade."""
MOST_AUTO = 16
"""As many keyframes does ``auto`` give at most."""


LONE = 0.5
"""Lines of text that a lone letter or digit counts for: a figure in the picture reads as one."""


Value = tuple[float, float, float, float]
"""Lines of text, captions, share of the clip's time whose picture is shown, and closeness of all
pictures to one that is shown (minus their mean distance)."""


@dataclass(frozen=True)
class _Choice:
    """What is known of the frames to choose from; rows of the arrays are ``frames``."""

    frames: tuple[int, ...]
    """Candidates, ascending."""
    lines: np.ndarray
    """bool (candidates, lines): the candidate shows the line of text in its full form."""
    worth: np.ndarray
    """float64 (lines,): what each counts for."""
    captions: np.ndarray
    """bool (candidates, captions): the same for all lines that show together."""
    apart: np.ndarray
    """float32 (candidates, candidates): mean difference of their thumbnails."""
    time: np.ndarray
    """float64 (candidates,): the share of the clip's time that each stands for; sums to 1."""

    def covered(self, chosen: Sequence[int]) -> Value:
        """What the rows ``chosen`` show between them; more is better, the first part first."""
        if not chosen:
            return 0.0, 0.0, 0.0, -256.0
        rows = list(chosen)
        nearest = self.apart[:, rows].min(axis=1)
        return (
            float(self.worth[self.lines[rows].any(axis=0)].sum()),
            float(self.captions[rows].any(axis=0).sum()),
            round(float(self.time[nearest < SAME_PICTURE].sum()), 6),
            -float((self.time * nearest).sum()),
        )


def captions(
    clip: Clip, k: int, *, engine: Engine | None = None, begin_with: int | None = None
) -> list[int]:
    """Frames that between them show every caption, every picture and the course of the clip.

    At most ``k``, ascending, each once; fewer if no further frame looks different. Reads text
    (``engine``: the default one), unless the clip has no more different pictures than ``k``.
    ``begin_with``: a frame that is shown in any case.
    """
    looks = looks_of(clip)
    if len(looks.stretches) <= k:
        return _with_drift(clip, looks, _stretches(clip, looks.stretches, begin_with), k)
    timeline = timeline_of(clip, engine or load_engine(DEFAULT_ENGINE))
    choice = _choice(clip, timeline, begin_with)
    fixed = [] if begin_with is None else [choice.frames.index(begin_with)]
    chosen = _improved(choice, _greedy(choice, k, fixed), len(fixed))
    chosen = _with_long_pictures(choice, chosen, len(fixed))
    return sorted(choice.frames[row] for row in chosen)


def needed(clip: Clip, engine: Engine | None = None, most: int = MOST_AUTO) -> int:
    """How many keyframes show all texts of a clip, and its pictures but for a few moments."""
    if len(clip) == 1:
        return 1
    timeline = timeline_of(clip, engine or load_engine(DEFAULT_ENGINE))
    choice = _choice(clip, timeline, None)
    chosen: list[int] = []
    while len(chosen) < min(most, len(choice.frames)):
        before = choice.covered(chosen)
        more = _greedy(choice, len(chosen) + 1, chosen)
        if len(more) == len(chosen):
            break
        after = choice.covered(more)
        if after[:2] <= before[:2] and after[2] - before[2] < WORTH:
            break
        chosen = more
    return max(1, len(chosen))


def _stretches(
    clip: Clip, stretches: Sequence[tuple[int, int]], begin_with: int | None
) -> list[int]:
    """A frame of each stretch, ``begin_with`` for the stretch that holds it. Of stretches that look
    the same the longest counts: a text that fades in looks nearly the same a moment before."""
    shown = [
        begin_with if begin_with is not None and a <= begin_with <= b else (a + b + 1) // 2
        for a, b in stretches
    ]
    lasting = {
        frame: sum(length for _, length in clip.timings[a : b + 1])
        for frame, (a, b) in zip(shown, stretches, strict=True)
    }
    shown.sort(key=lambda frame: (frame != begin_with, -lasting[frame]))  # who comes first stays
    pictures = [frame.pixels for frame in clip.frames(shown)]
    return sorted(shown[place] for place in different(pictures))


def _with_drift(clip: Clip, looks: Looks, shown: Sequence[int], k: int) -> list[int]:
    """With more frames, up to ``k``, where a stretch turns into another picture little by little:
    each shows the most time of what none shows yet. What is there for a moment, and for much less
    than an even share of the clip, fades in or out."""
    chosen, lengths = list(shown), _lengths(clip)
    moment = min(BRIEF, MUCH_LESS * lengths.sum() / k)
    while len(chosen) < k:
        new = distances(looks.thumbnails, chosen).min(axis=1) >= SAME_PICTURE
        frames = np.flatnonzero(new)
        frames = frames[:: -(-len(frames) // MOST_DRIFTING) or 1].tolist()
        if not frames or not lengths[new].any():
            break
        adds = (lengths * new) @ (distances(looks.thumbnails, frames) < SAME_PICTURE)
        if adds.max() < moment:
            break
        chosen.append(frames[int(adds.argmax())])
    return sorted(chosen)


def _choice(clip: Clip, timeline: Timeline, begin_with: int | None) -> _Choice:
    """The candidates: the middle of each stretch, thinned out evenly where there are too many."""
    spans = timeline.looks.stretches
    step = -(-len(spans) // MOST_CANDIDATES)
    frames = {(a + b + 1) // 2 for a, b in spans[::step]}
    frames |= {one.frame for one in timeline.seen}
    if begin_with is not None:
        frames.add(begin_with)
    ordered = tuple(sorted(frames))
    table = distances(timeline.looks.thumbnails, ordered)
    time = _time(clip, table, ordered)
    return _Choice(ordered, *_texts(clip, timeline, ordered), table[list(ordered)], time)


def _time(clip: Clip, table: np.ndarray, frames: Sequence[int]) -> np.ndarray:
    """Each frame's time goes to the candidate that looks most like it."""
    shares = np.bincount(table.argmin(axis=1), _lengths(clip), len(frames))
    return np.asarray(shares / shares.sum())


def _lengths(clip: Clip) -> np.ndarray:
    """How long each frame shows, float64, in ms; all alike where the file does not say."""
    lengths = np.array([length for _, length in clip.timings], float)
    return lengths if lengths.any() else np.ones_like(lengths)


def _texts(
    clip: Clip, timeline: Timeline, frames: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which candidate shows which distinct line, what these count for, and which candidate shows
    which distinct caption, in full: ``lines``, ``worth`` and ``captions`` of ``_Choice``.

    Captions are lines that show together: `WAIT` and `WAIT / WHAT` are two captions, of two lines.
    """
    lines: dict[str, set[int]] = {}
    captions: dict[str, set[int]] = {}
    for track in captions_of(timeline):
        spans = [(track.start_ms, track.end_ms)]
        for line in track.lines:
            full = _in_full(timeline, line, track)
            lines.setdefault(core(line.text), set()).update(_best_in(clip, frames, [full]))
            spans.append(full)
        captions.setdefault(core(track.text), set()).update(_best_in(clip, frames, spans))
    worth = [LONE if len(text) == 1 and text.isascii() else 1.0 for text in lines]
    return _table(frames, lines), np.array(worth), _table(frames, captions)


def _in_full(timeline: Timeline, line: Line, track: Track) -> tuple[int, int]:
    """[start, end) in ms in which a line of a caption reads in full, at its full size."""
    full = {
        at: found
        for phase in timeline.phases
        if phase.line == line
        for at, found in phase.full.items()
        if track.first_index <= timeline.seen[at].first <= track.last_index
    }
    if not full:
        return track.start_ms, track.end_ms
    seen = timeline.seen
    height = _standing_height(seen, full)
    full = {at: found for at, found in full.items() if found.height >= LARGE * height}
    return seen[min(full)].start_ms, seen[max(full)].end_ms


def _standing_height(seen: Sequence[Seen], full: Mapping[int, Line]) -> float:
    """Pixels. The greatest of all would be that of one box drawn too large."""
    times = [(line.height, seen[at].end_ms - seen[at].start_ms) for at, line in full.items()]
    left = STANDS * sum(ms for _, ms in times)
    for height, ms in sorted(times):
        left -= ms
        if left <= 0:
            return height
    return max(height for height, _ in times)


def _best_in(clip: Clip, frames: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """Candidates well inside all of the spans: at the ends a text may still come or be going."""
    begin, end = max(a for a, _ in spans), min(b for _, b in spans)
    if begin >= end:  # its lines never stand in full together
        begin, end = spans[0]
    third = (end - begin) / 3
    middles = {i: clip.timings[i][0] + clip.timings[i][1] / 2 for i in frames}
    inner = [i for i, t in middles.items() if begin + third <= t <= end - third]
    return inner or [min(frames, key=lambda i: abs(middles[i] - (begin + end) / 2))]


def _table(frames: Sequence[int], texts: Mapping[str, set[int]]) -> np.ndarray:
    shows = np.zeros((len(frames), len(texts)), bool)
    for column, inside in enumerate(texts.values()):
        shows[:, column] = [frame in inside for frame in frames]
    return shows


def _greedy(choice: _Choice, k: int, fixed: Sequence[int]) -> list[int]:
    """Rows that add most, one after another, until nothing new is left to see."""
    chosen = list(fixed)
    while len(chosen) < k:
        before = choice.covered(chosen)
        rest = [row for row in range(len(choice.frames)) if row not in chosen]
        if not rest:
            break
        best = max(rest, key=lambda row: (choice.covered([*chosen, row]), -row))
        if chosen and choice.covered([*chosen, best]) <= before:
            break
        chosen.append(best)
    return chosen


def _improved(choice: _Choice, chosen: Sequence[int], fixed: int) -> list[int]:
    """Exchange one frame for another as long as the whole shows more by it."""
    rows = list(chosen)
    found = True
    while found:
        found = False
        for place in range(fixed, len(rows)):
            kept = rows[:place] + rows[place + 1 :]
            value = choice.covered(rows)
            best = max(
                (row for row in range(len(choice.frames)) if row not in kept),
                key=lambda row: (choice.covered([*kept, row]), row == rows[place]),
            )
            if choice.covered([*kept, best]) > value:
                rows[place], found = best, True
    return rows


def _with_long_pictures(choice: _Choice, chosen: Sequence[int], fixed: int) -> list[int]:
    """Where not all texts are shown anyway, exchange frames for ones that add at least an even
    share of the clip's time to the pictures shown, for each line of text that is lost."""
    rows, share = list(chosen), 1 / len(chosen)
    while True:
        lines, _, time, _ = choice.covered(rows)
        if lines == choice.worth.sum():
            return rows
        swaps = []
        for place in range(fixed, len(rows)):
            for row in range(len(choice.frames)):
                swapped = [*rows[:place], row, *rows[place + 1 :]]
                left, _, more, near = choice.covered(swapped)
                if more - time >= share * (lines - left) > 0:
                    swaps.append((left, more, near, swapped))
        if not swaps:
            return rows
        rows = max(swaps)[-1]

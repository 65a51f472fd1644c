"""Captions over time: which text shows from when to when.

Reading every frame would take minutes, and most of it would read the same again. So

1. a clip of more than ``MOST_READ`` frames is read at the frames that the ``captions`` keyframe
   policy picks, which looks for every change of text, and at evenly spaced ones;
2. a frame that equals the one read before is not read again, and a box whose crop did not change
   is not recognised again (the strict gate: gray crops of 96 x 24, largest difference);
3. frames with the same text make one track; a misread that the pixels do not bear out joins the
   track it interrupts, and the surest reading wins;
4. the ends of a track are moved over the frames between, as far as the caption's edges persist.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from frames import Clip, Frame, keyframes
from ocr.accuracy import cer, normalise
from ocr.caption import Caption, Line, Track
from ocr.engines import Engine
from ocr.order import around
from ocr.read import assemble, cut_out, enlarged, to_line
from ocr.static_text import split_steady

MOST_READ = 32
"""At most this many frames of a clip are read."""
SAME_CROP = 40
"""Largest difference of two 96 x 24 gray crops of the same text: noise stays under 10, a changed
character gives 200 and more."""
DOUBTFUL_CROP = 120
"""The same where one of the two readings is unsure."""
SAME_EDGES = 0.5
"""Correlation of edges from which a caption counts as still showing."""
SURE = 0.9


@dataclass
class _Seen:
    """One frame that was read."""

    frame: Frame
    caption: Caption

    @property
    def text(self) -> str:
        return self.caption.text

    @property
    def confidence(self) -> float:
        return min((line.confidence for line in self.caption.caption_lines), default=0.0)


class ClipReader:
    """Reads the frames of one clip in order and remembers the last, to ask the engine less."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last: tuple[np.ndarray, Caption] | None = None
        self._known: list[tuple[np.ndarray, np.ndarray, tuple[str, float]]] = []
        """(box, small gray crop, reading) of the frame before"""

    def read(self, image: np.ndarray) -> Caption:
        """As ``read_image``, but what did not change since the last call is not read again."""
        if self._last is not None and np.array_equal(self._last[0], image):
            return self._last[1]
        large, scale = enlarged(image)
        boxes = self._engine.detect(large)
        crops = [cut_out(large, box) for box in boxes]
        small = [_small(crop) for crop in crops]
        readings = [self._remembered(box, large) for box in boxes]
        new = [i for i, reading in enumerate(readings) if reading is None]
        for i, reading in zip(new, self._engine.recognise([crops[i] for i in new]), strict=True):
            readings[i] = reading
        known = [r for r in readings if r is not None]
        self._known = list(zip(boxes, small, known, strict=True))
        lines = [to_line(box, scale, *reading) for box, _, reading in self._known]
        caption = assemble(lines, image)
        self._last = image, caption
        return caption

    def _remembered(self, box: np.ndarray, large: np.ndarray) -> tuple[str, float] | None:
        """The reading of the same box in the frame before, if its pixels did not change. The old
        box is compared: a detector's own jitter of a pixel changes every crop."""
        for old, crop, reading in self._known:
            near = np.abs(old - box).max() <= 0.25 * np.ptp(box[:, 1])
            if near and _difference(crop, _small(cut_out(large, old))) <= SAME_CROP:
                return reading
        return None


def read_clip(clip: Clip, engine: Engine) -> tuple[Track, ...]:
    """The captions of a clip, by time; see ``read_image`` for what is raised."""
    reader = ClipReader(engine)
    seen = [_Seen(frame, reader.read(frame.pixels)) for frame in _chosen(clip)]
    split = split_steady([one.caption for one in seen])
    if split is None:
        return _tracks(clip, seen)
    rest, steady = ([_Seen(s.frame, c) for s, c in zip(seen, part, strict=True)] for part in split)
    found = [*_tracks(clip, steady), *_tracks(clip, rest)]
    return tuple(sorted(found, key=lambda t: (t.start_ms, t.box[1])))


def _tracks(clip: Clip, seen: Sequence[_Seen]) -> tuple[Track, ...]:
    groups = [g for g in _grouped(seen) if normalise(g[0].text)]
    spans = _extended(clip, groups)
    return tuple(_track(g, span, clip) for g, span in zip(groups, spans, strict=True))


def _chosen(clip: Clip) -> Iterator[Frame]:
    """The frames to read, in order."""
    count = len(clip)
    if count <= MOST_READ:
        return iter(clip)
    wanted = {f.index for f in keyframes(clip, MOST_READ * 2 // 3, "captions")}
    spread = MOST_READ - len(wanted)
    wanted |= {round(i * (count - 1) / max(1, spread - 1)) for i in range(spread)}
    return iter(clip.frames(sorted(wanted)))


def _grouped(seen: Sequence[_Seen]) -> list[list[_Seen]]:
    """Consecutive frames by caption; misreadings are joined to what they misread."""
    groups: list[list[_Seen]] = []
    for one in seen:
        if groups and _same(groups[-1][-1], one):
            groups[-1].append(one)
        elif len(groups) > 1 and len(groups[-1]) == 1 and _flicker(groups, one):
            groups.pop()
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _flicker(groups: Sequence[list[_Seen]], one: _Seen) -> bool:
    """Whether the last group, one frame long, is a misreading between two frames of one caption."""
    before, odd = groups[-2][-1], groups[-1][0]
    doubtful = odd.confidence < min(SURE, before.confidence, one.confidence)
    return doubtful and normalise(before.text) == normalise(one.text) != ""


def _same(a: _Seen, b: _Seen) -> bool:
    """Whether two frames show the same caption."""
    left, right = normalise(a.text), normalise(b.text)
    if left == right:
        return True
    if not left or not right or cer(left, right) > 0.34:
        return False
    box = _box(a.caption.caption_lines, a.frame.pixels)
    change = _difference(_crop(a.frame.pixels, box), _crop(b.frame.pixels, box))
    doubtful = min(a.confidence, b.confidence) < SURE
    return change <= (DOUBTFUL_CROP if doubtful else SAME_CROP)


def _extended(clip: Clip, groups: Sequence[list[_Seen]]) -> list[tuple[int, int]]:
    """First and last frame index of each group, moved over unread frames that show it too."""
    spans = [[g[0].frame.index, g[-1].frame.index] for g in groups]
    if len(clip) <= MOST_READ or not groups:
        return [(first, last) for first, last in spans]
    models = []
    for group in groups:
        best = max(group, key=lambda s: s.confidence)
        box = _box(best.caption.caption_lines, best.frame.pixels)
        models.append((box, _edges(best.frame.pixels, box)))
    shows: list[set[int]] = [set() for _ in groups]
    for frame in clip:
        for i, (first, last) in enumerate(spans):
            low = spans[i - 1][1] if i else -1
            high = spans[i + 1][0] if i + 1 < len(spans) else len(clip)
            if low < frame.index < first or last < frame.index < high:
                box, edges = models[i]
                if _correlation(edges, _edges(frame.pixels, box)) >= SAME_EDGES:
                    shows[i].add(frame.index)
    for span, also in zip(spans, shows, strict=True):
        while span[0] - 1 in also:
            span[0] -= 1
        while span[1] + 1 in also:
            span[1] += 1
    for earlier, later in itertools.pairwise(spans):
        if earlier[1] >= later[0]:  # both claim the frames between: the earlier one keeps them
            later[0] = earlier[1] + 1
    return [(first, max(first, last)) for first, last in spans]


def _track(group: Sequence[_Seen], span: tuple[int, int], clip: Clip) -> Track:
    texts = [normalise(s.text) for s in group]
    best = max(group, key=lambda s: (texts.count(normalise(s.text)), s.confidence))
    lines = best.caption.caption_lines
    left, top, right, bottom = around(lines)
    (start, _), (last_start, last_duration) = clip.timings[span[0]], clip.timings[span[1]]
    confidence = sum(line.confidence for line in lines) / len(lines)
    return Track(
        best.text,
        start,
        last_start + last_duration,
        *span,
        confidence,
        (int(left), int(top), int(right), int(bottom)),
        lines,
    )


Box = tuple[int, int, int, int]


def _box(lines: Sequence[Line], image: np.ndarray) -> Box:
    left, top, right, bottom = around(lines)
    height, width = image.shape[:2]
    x, y = min(max(0, int(left)), width - 2), min(max(0, int(top)), height - 2)
    return x, y, min(width, max(x + 2, int(right) + 1)), min(height, max(y + 2, int(bottom) + 1))


def _crop(image: np.ndarray, box: Box) -> np.ndarray:
    left, top, right, bottom = box
    return _small(image[top:bottom, left:right])


def _small(crop: np.ndarray) -> np.ndarray:
    gray = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray, (96, 24), interpolation=cv2.INTER_AREA)


def _difference(a: np.ndarray, b: np.ndarray) -> int:
    return int(cv2.absdiff(a, b).max())


def _edges(image: np.ndarray, box: Box) -> np.ndarray:
    left, top, right, bottom = box
    gray = cv2.cvtColor(np.ascontiguousarray(image[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    return cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.float32)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

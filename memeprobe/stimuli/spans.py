"""When frames are on screen: times of what is shown, and which frames show a span."""

from collections.abc import Sequence

from frames import Clip, Frame
from meme_sets import Item, Span


def frame_at(clip: Clip, span: Span) -> int:
    """Index of the frame on screen in the middle of ``span`` (the last one if the clip is over)."""
    middle = (span.start_ms + span.end_ms) / 2
    return max((i for i, (start, _) in enumerate(clip.timings) if start <= middle), default=0)


def touches(frame: Frame, span: Span) -> bool:
    """Whether any of the frame's time lies in the span."""
    return frame.start_ms < span.end_ms and frame.start_ms + frame.duration_ms > span.start_ms


def shows(start_ms: int, duration_ms: int, span: Span) -> bool:
    """Whether at least half of a frame's time lies in the span, or of the span's in the frame."""
    end = start_ms + duration_ms
    shared = min(end, span.end_ms) - max(start_ms, span.start_ms)
    return shared > 0 and 2 * shared >= min(duration_ms, span.end_ms - span.start_ms)


def captions_at(frame: Frame, item: Item) -> list[str]:
    """The captions that a frame shows, by the times that the set gives; [] where it gives none."""
    start, length = frame.start_ms, frame.duration_ms  # a still shows them all
    return [c.text for c in item.captions if not length or shows(start, length, c)]


def with_shown_caption(item: Item, shown: Sequence[Frame]) -> Item:
    """The item, its caption filled in where the set gives several with their times: those that
    some of the frames show, in order of time, one a line; '' if they show none."""
    if item.caption is not None or not item.captions:
        return item
    texts = dict.fromkeys(text for frame in shown for text in captions_at(frame, item))
    return item.model_copy(update={"caption": "\n".join(texts)})


def telling(clip: Clip, span: Span | None) -> tuple[int, ...]:
    """The frames of a whole clip that show the span; () where there is none."""
    if span is None:
        return ()
    found = tuple(i for i, (start, length) in enumerate(clip.timings) if shows(start, length, span))
    return found or (frame_at(clip, span),)


def slot_times(clip: Clip, keyframes: Sequence[int], count: int) -> tuple[float, ...]:
    """When each of ``count`` pictures is said to begin, in seconds.

    All frames of the clip, or as many pictures as there are keyframes, have those frames' times,
    whatever an edit set in their place: conditions then differ in nothing but the pictures. Other
    numbers are spread evenly over the clip.
    """
    starts = [start / 1000 for start, _ in clip.timings]
    if count == len(starts):
        return tuple(starts)
    if count == len(keyframes):
        return tuple(starts[i] for i in keyframes)
    last, length = clip.timings[-1]
    return tuple((last + length) / 1000 * i / count for i in range(count))

"""The default keyframe policy: every caption at least once, however briefly it shows.

Works from pixels alone: frames are compared by the text-like strokes in them
(``text_map.text_signature``). One pass over the clip keeps one small signature a frame.
"""

import cv2
import numpy as np

from frames.clip import Clip
from frames.text_map import text_signature

FLICKER = 20
"""Stroke strength (of 127) by which a picture's noise may change; only more than that counts."""
TEXT = 250.0
"""Stroke change, summed over the picture, at which it is as likely a new caption as not."""
MOTION = 600.0
"""Stroke change from frame to frame at which text is as likely to move as to stand still."""
SHARE = 0.25
"""Share of all strokes that must change to count in full; less may be the same text trembling."""
SAME = 0.3
"""Frames whose strokes differ by less (0 to 1) show the same captions."""
DOUBT = 0.3
"""How much less a frame counts whose strokes do not stand still: sliding, fading, blurred."""
SPREAD = 0.25
"""Weight of look and time against text; decides once all captions are shown."""


def captions(clip: Clip, k: int) -> list[int]:
    """Frames that between them show as many different captions as possible.

    Farthest-point selection (Gonzalez 1985) where the distance between two frames is how many
    of their text-like strokes differ. Frames whose strokes stand still, in full, are
    preferred to those in which a caption slides, fades or is being written. With no captions
    left, the frames that look most different fill up. Equal frames are given once unless all
    frames are asked for.
    """
    if k >= len(clip):
        return [*range(len(clip))]
    signatures, looks, times = [], [], []
    for frame in clip:
        signatures.append(text_signature(frame.pixels).ravel())
        looks.append(cv2.resize(frame.pixels, (16, 16), interpolation=cv2.INTER_AREA).ravel())
        middle = frame.start_ms + frame.duration_ms / 2
        # Half by number, half by the clock: one frame of 99 s must not squeeze out the others.
        times.append((frame.index / len(clip) + middle / max(clip.duration_ms, 1)) / 2)
    return select(np.stack(signatures), np.stack(looks), np.array(times), k)


def select(signatures: np.ndarray, looks: np.ndarray, times: np.ndarray, k: int) -> list[int]:
    """At most k rows, ascending.

    ``signatures`` int8 (frames, strokes), ``looks`` uint8 (frames, values), ``times`` (frames,)
    the place of each frame in its clip, 0 to 1.
    """
    blank = np.zeros_like(signatures[0])
    text = _apart(signatures, blank)
    settled = _settled(signatures)
    trust = 1 - DOUBT * (1 - settled)
    said = text.copy()  # a caption that no chosen frame shows: at first, all of them
    spread = np.ones(len(text))
    chosen: list[int] = []
    while len(chosen) < k:
        score = trust * (said * text + SPREAD * spread * (0.5 + 0.5 * text))
        score[chosen] = -1
        best = int(score.argmax())
        if score[best] <= 0:
            break
        best = _fullest(best, signatures, text, settled, chosen)
        chosen.append(best)
        said = np.minimum(said, _apart(signatures, signatures[best]))
        look = np.abs(looks.astype(np.int16) - looks[best]).mean(axis=1) / 64
        spread = np.minimum(spread, 0.5 * look.clip(0, 1) + np.abs(times - times[best]))
    return sorted(chosen)


def _apart(signatures: np.ndarray, one: np.ndarray) -> np.ndarray:
    """How surely each frame says something else than ``one``: 0 (the same) to 1."""
    change = _strokes(signatures.astype(np.int16) - one)
    share = change / (_strokes(signatures) / 2 + _strokes(one[None]) / 2 + 1)
    return change / (change + TEXT) * np.minimum(share / SHARE, 1)


def _strokes(signatures: np.ndarray) -> np.ndarray:
    """Sum of what is stronger than flicker in each row."""
    strength = np.abs(signatures.astype(np.int16)) - FLICKER
    return np.maximum(strength, 0).sum(axis=1, dtype=np.int64)


def _settled(signatures: np.ndarray) -> np.ndarray:
    """How surely each frame says the same as the one before or the one after: 0 to 1."""
    change = _strokes(np.diff(signatures.astype(np.int16), axis=0))
    alike = MOTION / (change + MOTION)
    return np.maximum(np.append(0.0, alike), np.append(alike, 0.0))


def _fullest(
    best: int, signatures: np.ndarray, text: np.ndarray, settled: np.ndarray, chosen: list[int]
) -> int:
    """In the run of frames that say the same as ``best``, one well inside those that say it fully.

    Not the first of the run: a caption may slide in, fade in or be written letter by letter.
    A third of the way is past the entrance and, in a short run, close to the sharp start.
    """
    same = _apart(signatures, signatures[best]) < SAME
    first, last = best, best
    while first > 0 and same[first - 1] and first - 1 not in chosen:
        first -= 1
    while last + 1 < len(text) and same[last + 1] and last + 1 not in chosen:
        last += 1
    run = np.arange(first, last + 1)
    fullness = text[run] * settled[run]
    full = run[fullness >= 0.75 * fullness.max()]
    return int(full[(len(full) - 1) // 3])

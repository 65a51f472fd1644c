"""How near captions come to what a person sees: letters right at the times that are labelled."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.keyframes_families import FamilyClip
from frames import Clip
from ocr import Track
from ocr.accuracy import normalise

AS_NEAR = 0.01
"""Scores that differ by no more are equal."""
MOST_ORDERS = 4
"""Texts that show at once are compared in any order, if they are no more than this."""


@dataclass(frozen=True)
class Moment:
    """What shows at one time, by a person's eye or by the renderer."""

    ms: float
    texts: tuple[str, ...]


def of_manifest(clip: Clip, row: Mapping[str, object]) -> list[Moment]:
    """The frames of a real clip that were read by eye; each counts once."""
    captions: Sequence[Mapping[str, object]] = row.get("captions") or ()  # type: ignore[assignment]
    silent: Sequence[int] = row.get("frames_seen_without_text") or ()  # type: ignore[assignment]
    moments = [Moment(_middle(clip, at), ()) for at in silent if at < len(clip)]
    for caption in captions:
        first, last = (int(str(caption[end])) for end in ("seen_first", "seen_last"))
        text = (str(caption["text"]),)
        moments += [Moment(_middle(clip, at), text) for at in range(first, last + 1)]
    if row.get("text_timing") == "none":
        moments += [Moment(_middle(clip, at), ()) for at in range(len(clip))]
    return moments


def of_family(clip: Clip, made: FamilyClip) -> list[Moment]:
    """The frames of a rendered clip in which a text stands in full; all of one without text."""
    moments = []
    for at in range(len(clip)):
        ms = _middle(clip, at)
        texts = [t for t, spans in made.texts.items() if any(a <= ms < b for a, b in spans)]
        moments += [Moment(ms, tuple(texts))] if texts or not made.texts else []
    return moments


def labels(memes: Path) -> dict[str, Mapping[str, object]]:
    """File name -> its row of the manifest, of the real GIFs."""
    lines = (memes / "manifest.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {Path(row["file"]).name: row for row in rows if row.get("group") == "gif"}


def score(tracks: Sequence[Track], moments: Sequence[Moment]) -> float | None:
    """Share of the letters that is right, 0 to 1, on average over the moments; None without any.

    Letters that nobody wrote count against it. Case, spaces and marks do not count.
    """
    if not moments:
        return None
    return sum(_right(tracks, moment) for moment in moments) / len(moments)


def verdict(fast: float | None, full: float | None) -> str:
    """'nearer', 'as near' or 'behind': the fast way against reading every frame."""
    if fast is None or full is None or abs(fast - full) <= AS_NEAR:
        return "as near"
    return "nearer" if fast > full else "behind"


def _right(tracks: Sequence[Track], moment: Moment) -> float:
    showing = [t for t in tracks if t.start_ms <= moment.ms < t.end_ms]
    found = "".join(normalise(t.text) for t in sorted(showing, key=lambda t: t.box[1]))
    texts = [normalise(text) for text in moment.texts]
    orders = itertools.permutations(texts) if len(texts) <= MOST_ORDERS else [tuple(texts)]
    return max(_like("".join(order), found) for order in orders)


def _like(wanted: str, found: str) -> float:
    wrong = Levenshtein.distance(wanted, found) / max(1, len(wanted))
    return max(0.0, 1.0 - wrong)


def _middle(clip: Clip, at: int) -> float:
    start, length = clip.timings[at]
    return start + length / 2

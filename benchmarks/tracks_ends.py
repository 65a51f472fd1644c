"""Whether captions of rendered clips begin and end when the renderer wrote them.

    python -m benchmarks.tracks_ends [--seeds 1520 1522]

Families in which a text stands in full from its first frame to its last; what else they do
(shake, change colour, stand two at once) is no reason for another end. A text counts if it is read
in all its letters and both ends lie within ``NEAR``. Prints a table and what was missed.
"""

import argparse
from collections.abc import Sequence

from benchmarks.keyframes_families import FamilyClip, make
from benchmarks.keyframes_odd import ODD, make_odd
from frames import open_clip
from ocr import DEFAULT_ENGINE, Track, load_engine, read_clip
from ocr.same_text import core

WHOLE = ("shake", "karaoke", "two at once", "brief")
NEAR = 100
"""Milliseconds."""


def read_in_time(tracks: Sequence[Track], text: str, begin: float, end: float) -> tuple[bool, bool]:
    """Whether a text that shows in [begin, end) ms is read there, and at the right times."""
    parts = [core(line) for line in text.split("\n")]
    there = [t for t in tracks if t.start_ms < end and t.end_ms > begin]
    said = [t for t in there if any(part in core(t.text) for part in parts)]
    if not all(any(part in core(t.text) for t in said) for part in parts):
        return False, False
    first, last = min(t.start_ms for t in said), max(t.end_ms for t in said)
    return True, abs(first - begin) <= NEAR and abs(last - end) <= NEAR


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs=2, default=(1520, 1522), help="first, end")
    given, engine = parser.parse_args(), load_engine(DEFAULT_ENGINE, 1)
    print("| family | texts | read | with both ends |\n|---|---|---|---|")
    totals = [0, 0, 0]
    for family in (*WHOLE, *ODD):
        counts, missed = [0, 0, 0], []
        for seed in range(*given.seeds):
            made: FamilyClip = (make_odd if family in ODD else make)(family, seed)
            tracks = read_clip(open_clip(made.data, name=f"{family} {seed}"), engine)
            for text, spans in made.texts.items():
                for begin, end in spans:
                    found = read_in_time(tracks, text, begin, end)
                    counts = [n + new for n, new in zip(counts, (1, *found), strict=True)]
                    missed += [] if found[1] else [f"{seed}: {text!r} {begin}-{end}"]
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        print(f"| {family} | {' | '.join(map(str, counts))} |", *missed, flush=True)
    print(f"| all | {' | '.join(map(str, totals))} |")


if __name__ == "__main__":
    main()

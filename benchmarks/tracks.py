"""Whether the fast way to read a clip gives the captions of reading every frame in full.

    python -m benchmarks.tracks [--memes ../shared/memes] [--seeds 900 901] [--cache FILE]

The reference reads each frame as a picture of its own (``read_image``) and makes captions of that
by the same rules. Two captions are the same if they say the same (``ocr.same_text.core``) and
begin and end within a frame or 100 ms. The reference errs too, so that both are also held against
the labels: the fast way is nearer to them, as near, or behind (``benchmarks.tracks_truth``). Seeds
from 900 were never looked at while clips were read or these figures made. ``--only`` takes some
clips by their names; with ``--cache``, what was read is kept in a file for another time.
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from benchmarks.keyframes_families import FAMILIES, make
from benchmarks.tracks_truth import Moment, labels, of_family, of_manifest, score, verdict
from frames import Clip, open_clip
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from ocr import DEFAULT_ENGINE, Track, read_clip, read_image
from ocr.caption import Line
from ocr.engines import Engine
from ocr.looks import looks_of
from ocr.phase import Seen
from ocr.same_text import core
from ocr.timeline import timeline_from
from ocr.tracks import captions_of

HERE = Path(__file__).parent
RESULT = HERE / "results" / "tracks.md"
NEAR = 100
"""Milliseconds by which an end of a caption may differ; a frame, if that is longer."""


def every_frame(clip: Clip, engine: Engine) -> tuple[Track, ...]:
    """The captions of a clip of which every frame is read in full."""
    read: dict[str, tuple[Line, ...]] = {}
    seen = []
    for frame in clip:
        if frame.sha256 not in read:  # equal pictures read alike
            read[frame.sha256] = read_image(frame.pixels, engine).lines
        at, end = frame.index, frame.start_ms + frame.duration_ms
        lines = read[frame.sha256]
        seen.append(Seen(at, at, frame.start_ms, end, at, lines, clip.width, clip.height))
    return captions_of(timeline_from(looks_of(clip), seen))


def same_tracks(clip: Clip, fast: Sequence[Track], full: Sequence[Track]) -> bool:
    """Whether the captions are the same, one by one."""
    return len(fast) == len(full) and all(
        core(a.text) == core(b.text)
        and abs(a.start_ms - b.start_ms) <= max(NEAR, clip.timings[b.first_index][1])
        and abs(a.end_ms - b.end_ms) <= max(NEAR, clip.timings[b.last_index][1])
        for a, b in zip(fast, full, strict=True)
    )


def told(tracks: Sequence[Track]) -> str:
    """Captions with their times, in one cell of a table."""
    cells = [f"{t.text!r} {t.start_ms}-{t.end_ms}" for t in tracks]
    return ", ".join(cells).replace("|", "/") or "none"


Row = tuple[str, Clip, list[Moment]]
"""Group, clip, and what is known to show in it."""


def table(clips: Iterator[Row], engine: Engine) -> list[str]:
    """Markdown: a row for each group of clips, then one for each clip that differs."""
    counts: dict[str, Counter[str]] = {}
    different = []
    for group, clip, moments in clips:
        fast, full = read_clip(clip, engine), every_frame(clip, engine)
        equal = same_tracks(clip, fast, full)
        longer = [[t for t in some if len(core(t.text)) > 1] for some in (fast, full)]
        near = score(fast, moments), score(full, moments)
        told_by = verdict(*near)
        found = ["clips", told_by, *(["same"] if equal else [])]
        found += ["words"] if same_tracks(clip, *longer) else []
        for name in (group, "all"):
            counts.setdefault(name, Counter()).update(found)
        print(clip.name, equal, told_by, *near, flush=True)
        if not equal:
            name = Path(clip.name).name
            different.append(f"| {name} | {told_by} | {told(fast)} | {told(full)} |")
    kinds = ("same", "words", "nearer", "as near", "behind")
    rows = [
        f"| {name} | {n['clips']} | " + " | ".join(str(n[kind]) for kind in kinds) + " |"
        for name, n in counts.items()
    ]
    heads = [
        "| clips | count | same captions | of two letters and more | nearer to the labels than "
        "every frame | as near | behind |",
        "|---|---|---|---|---|---|---|",
    ]
    head = ["| clip that differs | by its labels | fast way | every frame |", "|---|---|---|---|"]
    return [*heads, *rows, "", *head, *different]


def real(memes: Path, only: Collection[str]) -> Iterator[Row]:
    """The real GIFs."""
    known = labels(memes)
    for path in sorted((memes / "gif").glob("*.gif")):
        if not only or path.stem in only:
            clip = open_clip(path)
            yield "real", clip, of_manifest(clip, known.get(path.name, {}))


def rendered(seeds: range, only: Collection[str]) -> Iterator[Row]:
    """Clips of every family, seed by seed."""
    for family in FAMILIES:
        for seed in seeds if not only or family in only else ():
            made = make(family, seed)
            clip = open_clip(made.data, name=f"{family} {seed}")
            yield family, clip, of_family(clip, made)


def main() -> None:
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--memes", type=Path, default=HERE.parent.parent / "shared" / "memes")
    parser.add_argument("--seeds", type=int, nargs=2, default=(900, 901), help="first, end")
    parser.add_argument("--cache", type=Path, help="keep what was read in this file")
    parser.add_argument("--only", nargs="+", default=(), help="names of GIFs and of families")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    engine = CachedEngine(DEFAULT_ENGINE, Cache(given.cache))
    out = ["# Captions of the fast way and of reading every frame", ""]
    out += ["Written by `python -m benchmarks.tracks --seeds {} {}`.".format(*given.seeds), ""]
    out += ["## Real GIFs", "", *table(real(given.memes, given.only), engine), ""]
    families = rendered(range(*given.seeds), given.only)
    out += ["## Rendered families", "", *table(families, engine)]
    if not given.only:
        RESULT.write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))


if __name__ == "__main__":
    main()

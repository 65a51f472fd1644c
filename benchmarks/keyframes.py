"""Captions and pictures that each keyframe policy shows, on real GIFs and on rendered families.

    python -m benchmarks.keyframes [--seeds 100 104] [--memes ../shared/memes]

Writes benchmarks/results/frames_keyframes.md. A caption counts as shown if the middle of some
keyframe's time lies in its span; reachable is what the best K frames show. Pictures: the share of
screen time whose 16 x 16 thumbnail differs from some keyframe's by under 12 of 255 on the mean;
mean over the clips and their worst tenth (10th percentile).
"""

import argparse
import json
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.keyframes_families import FAMILIES, FamilyClip, make
from benchmarks.keyframes_odd import ODD, make_odd
from benchmarks.keyframes_peers import vsumm
from frames import Clip, open_clip
from ocr import KEYFRAME_POLICIES, keyframes
from ocr.looks import distances, looks_of

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "frames_keyframes.md"
SELECTORS = {**KEYFRAME_POLICIES, "VSUMM": vsumm}
KS = (4, 8)
SAME = 12.0
Texts = list[list[tuple[float, float]]]
"""For each caption, the [start, end) times in ms in which it shows."""


@dataclass
class Score:
    """What one selector showed of one group of clips."""

    shown: int = 0
    reachable: int = 0
    pictures: list[float] = field(default_factory=list)

    def cells(self) -> str:
        """Captions and pictures, as table cells."""
        said = f"{self.shown} of {self.reachable}" if self.reachable else "-"
        worst = np.percentile(self.pictures, 10)
        return f"{said}; {np.mean(self.pictures):.2f} / {worst:.2f}"


def memes() -> Path:
    """The folder of real files; ``--memes`` sets the variable."""
    return Path(os.environ.get("MEMEPROBE_MEMES", ROOT.parent / "shared" / "memes"))


def real_clips() -> Iterator[tuple[str, Clip, Texts]]:
    """The real GIFs; captions only where they come late or change (else any frame shows them)."""
    path = memes() / "manifest.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        row = json.loads(line)
        if row["group"] not in ("gif", "gif_subtitle"):
            continue
        clip = open_clip(memes() / row["file"])
        labels = row["captions"] if row.get("text_timing") in ("late", "changing") else []
        yield "real", clip, [[_times(clip, c["seen_first"], c["seen_last"])] for c in labels]


def _times(clip: Clip, first: int, last: int) -> tuple[float, float]:
    return clip.timings[first][0], sum(clip.timings[last])


def rendered_clips(seeds: range) -> Iterator[tuple[str, Clip, Texts]]:
    """The families, seed by seed."""
    for family in FAMILIES:
        for seed in seeds:
            yield family, *_opened(make(family, seed), f"{family} {seed}")


def odd_clips(seeds: range) -> Iterator[tuple[str, Clip, Texts]]:
    """The families of odd kinds, seed by seed."""
    for family in ODD:
        for seed in seeds:
            yield family, *_opened(make_odd(family, seed), f"{family} {seed}")


def _opened(made: FamilyClip, name: str) -> tuple[Clip, Texts]:
    spans = [[(float(a), float(b)) for a, b in s] for s in made.texts.values()]
    return open_clip(made.data, name=name), spans


def shown(clip: Clip, texts: Texts, indices: list[int]) -> int:
    """How many captions some keyframe shows."""
    middles = [clip.timings[i][0] + clip.timings[i][1] / 2 for i in indices]
    return sum(any(a <= t < b for a, b in spans for t in middles) for spans in texts)


def reachable(clip: Clip, texts: Texts, k: int) -> int:
    """How many captions k frames can show: the best frame first, then what adds most."""
    chosen: list[int] = []
    for _ in range(k):
        chosen.append(max(range(len(clip)), key=lambda i: shown(clip, texts, [*chosen, i])))
    return shown(clip, texts, chosen)


def pictures(clip: Clip, thumbnails: np.ndarray, indices: list[int]) -> float:
    """Share of screen time whose picture some keyframe shows."""
    times = np.array([length for _, length in clip.timings], float)
    times = times if times.any() else times + 1
    near = distances(thumbnails, indices).min(axis=1) < SAME
    return float((times * near).sum() / times.sum())


def measure(
    clips: Iterator[tuple[str, Clip, Texts]],
) -> tuple[dict[str, dict[tuple[str, int], Score]], float]:
    """group -> (selector, k) -> score, and seconds of CPU that ``captions`` took a clip."""
    groups: dict[str, dict[tuple[str, int], Score]] = defaultdict(lambda: defaultdict(Score))
    took, count = 0.0, 0
    for group, clip, texts in clips:
        thumbnails = looks_of(clip).thumbnails
        began = time.process_time()
        keyframes(clip, KS[0], "captions")
        took, count = took + time.process_time() - began, count + 1
        for k in KS:
            most = reachable(clip, texts, k) if texts else 0
            for name, select in SELECTORS.items():
                indices = select(clip, k)
                for key in {group, "real" if group == "real" else "all rendered"}:
                    score = groups[key][name, k]
                    score.shown += min(shown(clip, texts, indices), most)
                    score.reachable += most
                    score.pictures.append(pictures(clip, thumbnails, indices))
    return groups, took / max(count, 1)


def table(groups: dict[str, dict[tuple[str, int], Score]], k: int) -> list[str]:
    """Markdown, a group a row."""
    lines = [f"| clips, K = {k} | {' | '.join(SELECTORS)} |", f"|---|{'---|' * len(SELECTORS)}"]
    for group, scores in groups.items():
        cells = " | ".join(scores[name, k].cells() for name in SELECTORS)
        lines.append(f"| {group} | {cells} |")
    return lines


def main() -> None:
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs=2, default=(100, 104), help="first, end")
    parser.add_argument("--memes", default=str(memes()), help="folder of the real files")
    given = parser.parse_args()
    os.environ["MEMEPROBE_MEMES"] = given.memes
    warnings.simplefilter("ignore")
    out = [
        "# Captions and pictures shown by each keyframe policy",
        "",
        f"Written by `python -m benchmarks.keyframes --seeds {given.seeds[0]} {given.seeds[1]}`. "
        "Captions shown of reachable; pictures: mean / worst tenth. See benchmarks/README.md.",
    ]
    for title, clips in (
        ("Real GIFs", real_clips()),
        ("Rendered families", rendered_clips(range(*given.seeds))),
        ("Rendered families of odd kinds", odd_clips(range(*given.seeds))),
    ):
        groups, seconds = measure(clips)
        if not groups:
            continue
        out += ["", f"## {title}", ""]
        for k in KS:
            out += [*table(groups, k), ""]
        out.append(f"`captions`: {seconds:.1f} s of one core a clip, reading included.")
    RESULT.write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))


if __name__ == "__main__":
    main()

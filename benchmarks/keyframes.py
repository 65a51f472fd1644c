"""How many captions each keyframe policy shows, on real GIFs and on rendered clips.

    python -m benchmarks.keyframes [--family 2] [--clips 30]

Writes benchmarks/results/frames_keyframes.md. Real GIFs: MEMEPROBE_MEMES or ../shared/memes.
A caption counts as shown if some keyframe lies in its span; the most that K keyframes can show
of a clip is min(K, captions). Rendered clips: keyframes_render.py; half as many again carry
their captions over real film clips without text.
"""

import argparse
import json
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.keyframes_render import RenderedClip, render
from frames import KEYFRAME_POLICIES, Clip, keyframes, open_clip

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "frames_keyframes.md"
Spans = list[tuple[int, int]]
Score = dict[str, list[int]]


def real_clips() -> Iterator[tuple[Clip, Spans]]:
    """Real GIFs whose captions come late or change, with [first, last] frames of each."""
    for row in manifest():
        if row["group"] == "gif" and row["text_timing"] in ("late", "changing"):
            spans = [(c["seen_first"], c["seen_last"]) for c in row["captions"]]
            yield open_clip(memes() / row["file"]), spans


def rendered_clips(family: int, count: int) -> Iterator[tuple[Clip, RenderedClip]]:
    """Clips of a seed family: over drawn backgrounds, then over real films."""
    for seed in range(count):
        rendered = render(family, seed)
        yield open_clip(rendered.data, name=f"{rendered.background} {seed}"), rendered
    films = [
        row["file"]
        for row in manifest()
        if row["group"] == "gif_subtitle"
        or (row["group"] == "gif" and row["text_timing"] == "none" and row["h"] >= 130)
    ]
    for seed in range(count // 2 if films else 0):
        film = [small(f.pixels) for f in open_clip(memes() / films[seed % len(films)])]
        rendered = render(family, 10_000 + seed, film)
        yield open_clip(rendered.data, name=f"film {seed}"), rendered


def small(pixels: np.ndarray) -> np.ndarray:
    """At most 320 pixels a side, the most that drawn clips have."""
    scale = min(320 / max(pixels.shape), 1)
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def memes() -> Path:
    """The folder of real files; ``--memes`` sets the variable."""
    return Path(os.environ.get("MEMEPROBE_MEMES", ROOT.parent / "shared" / "memes"))


def manifest() -> list[dict]:
    """The rows of the real files' manifest; none where they are missing."""
    path = memes() / "manifest.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def shown(clip: Clip, rendered: RenderedClip, indices: list[int]) -> int:
    """Captions of a rendered clip during which some keyframe is on screen."""
    times = [clip.timings[i] for i in indices]
    return sum(
        any(start < end and start + length > begin for start, length in times)
        for begin, end in rendered.spans_ms
    )


def score_real() -> dict[str, Score]:
    """policy -> K -> [shown, reachable]."""
    result: dict[str, Score] = {}
    clips = list(real_clips())
    for policy in KEYFRAME_POLICIES:
        score: Score = defaultdict(lambda: [0, 0])
        for clip, spans in clips:
            for k in (4, 8):
                indices = [f.index for f in keyframes(clip, k, policy)]
                score[f"K={k}"][0] += sum(any(a <= i <= b for i in indices) for a, b in spans)
                score[f"K={k}"][1] += min(k, len(spans))
        result[policy] = score
    return result


def score_rendered(family: int, count: int, k: int = 8) -> tuple[dict[str, Score], list[int]]:
    """policy -> group -> [shown, reachable], and [clips, frames, captions]."""
    result: dict[str, Score] = {p: defaultdict(lambda: [0, 0]) for p in KEYFRAME_POLICIES}
    sizes = [0, 0, 0]
    for clip, rendered in rendered_clips(family, count):
        reach = min(k, len(rendered.spans_ms))
        sizes = [sizes[0] + 1, sizes[1] + len(clip), sizes[2] + len(rendered.spans_ms)]
        for policy, function in KEYFRAME_POLICIES.items():
            hits = min(shown(clip, rendered, function(clip, k)), reach)
            for group in ("all", rendered.background):
                result[policy][group][0] += hits
                result[policy][group][1] += reach
    return result, sizes


def speed() -> str:
    """Time from file to keyframes on a GIF near 60 frames of 240x240."""
    near = [r for r in manifest() if r["group"] == "gif" and r["frames"] > 40 and r["w"] >= 240]
    row = min(near, key=lambda r: abs(r["frames"] * r["w"] * r["h"] - 60 * 240 * 240))
    began = time.process_time()
    keyframes(open_clip(memes() / row["file"]), 4)
    took = time.process_time() - began
    shape = f"{row['frames']} frames of {row['w']}x{row['h']}"
    return f"A GIF of {shape}: file to 4 keyframes in {1000 * took:.0f} ms of one core."


def table(scores: dict[str, Score]) -> list[str]:
    """Markdown, a policy a row."""
    groups = list(next(iter(scores.values())))
    lines = [f"| policy | {' | '.join(groups)} |", f"|---|{'---|' * len(groups)}"]
    for policy, score in scores.items():
        cells = [f"{a} of {b} ({a / b:.1%})" for a, b in (score[g] for g in groups)]
        lines.append(f"| {policy} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", type=int, default=2, help="seed family of the rendered clips")
    parser.add_argument("--clips", type=int, default=30, help="clips with drawn backgrounds")
    parser.add_argument("--memes", default=str(memes()), help="folder of the real files")
    given = parser.parse_args()
    os.environ["MEMEPROBE_MEMES"] = given.memes
    warnings.simplefilter("ignore")
    rendered, (clips, frames, captions) = score_rendered(given.family, given.clips)
    lines = [
        "# Captions shown by each keyframe policy",
        "",
        f"Written by `python -m benchmarks.keyframes --family {given.family} "
        f"--clips {given.clips}`. Shown of reachable captions; see benchmarks/README.md.",
    ]
    if manifest():
        lines += ["", "## Real GIFs with late or changing captions", "", *table(score_real())]
    lines += [
        "",
        f"## Rendered clips, K=8: {clips} clips, {frames} frames, {captions} captions "
        "of 1 to 3 frames",
        "",
        *table(rendered),
    ]
    lines += ["", speed()] if manifest() else []
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

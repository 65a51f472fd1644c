"""How well the proxy recognises frames: pictures made of clips by a seed, and what it says of them.

    python benchmarks/proxy.py --seed 100 --pictures 100 --clips made
    python benchmarks/proxy.py --seed 100 --pictures 100 --clips FOLDER [--part odd]

Each picture is one frame, a montage (with or without gaps and labels) or a strip, resized, pressed
into a square, set into a black square, and written as JPEG, each by chance. ``--part even`` of a
folder's files, with seeds under 10, was used to choose the thresholds; everything else is held out.
"""

import argparse
import io
import json
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from frames import open_clip
from memeprobe.proxy.clips import KnownClip
from memeprobe.proxy.recognise import recognise
from tests.applications import clip, montage, scaled

Frames = list[Image.Image]


def clips_of(source: str, part: str, rng: np.random.Generator) -> dict[str, Frames]:
    """Six clips: made by the generator, or drawn from a folder."""
    if source == "made":
        return {str(s): clip(s, int(s % 20) + 4) for s in rng.integers(10_000, 1_000_000, 6)}
    files = sorted(Path(source).glob("*.gif"))[part == "odd" :: 2]
    chosen = [files[i] for i in rng.choice(len(files), 6, replace=False)]
    return {f.name: [Image.fromarray(x.pixels) for x in open_clip(f)] for f in chosen}


def picture(frames: Frames, rng: np.random.Generator) -> tuple[Image.Image, list[int]]:
    """A picture of some frames, and which."""
    how = str(rng.choice(["one", "montage", "strip"]))
    count = 1 if how == "one" else min(len(frames), int(rng.integers(2, 10)))
    chosen = sorted(rng.choice(len(frames), count, replace=False).tolist())
    shown = [frames[i] for i in chosen]
    if how == "montage":
        gap, label = (int(rng.integers(0, 9)), int(rng.integers(10, 30)) * int(rng.integers(2)))
        made = montage(shown, int(rng.integers(2, 5)), gap * int(rng.integers(2)), label)
    else:
        made = montage(shown, len(shown))
    if rng.random() < 0.6:
        made = scaled(made, float(rng.uniform(0.3, 1.3 if how == "one" else 1.0)))
    if how == "one" and rng.random() < 0.3:
        made = made.resize((224, 224)) if rng.random() < 0.5 else _padded(made)
    if rng.random() < 0.7:
        file = io.BytesIO()
        made.save(file, "JPEG", quality=int(rng.integers(30, 96)))
        made = Image.open(file).convert("RGB")
    return made, chosen


def _padded(image: Image.Image) -> Image.Image:
    side = max(image.size)
    square = Image.new("RGB", (side, side), "black")
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def main() -> None:
    """Print the counts as JSON."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seed", type=int, default=100)
    asked.add_argument("--pictures", type=int, default=100)
    asked.add_argument("--clips", default="made")
    asked.add_argument("--part", default="odd")
    given = asked.parse_args()
    rng = np.random.default_rng(given.seed)
    clips = clips_of(given.clips, given.part, rng)
    known = [KnownClip.of(name, [np.asarray(f) for f in fs]) for name, fs in clips.items()]
    found: Counter[str] = Counter()
    began = time.perf_counter()
    for _ in range(given.pictures):
        name = list(clips)[int(rng.integers(len(clips)))]
        made, chosen = picture(clips[name], rng)
        cells = recognise(np.asarray(made), known)
        found["pictures"] += 1
        if len(cells) != len(chosen) or any(name not in c.candidates for c in cells):
            found["pictures with another number of frames"] += 1
            continue
        for cell, frame in zip(cells, chosen, strict=True):
            said = cell.candidates[name]
            found["frames"] += 1
            wrong = frame not in said
            found["wrong" if wrong else "exact" if len(said) == 1 else "cannot tell"] += 1
    for seed in range(given.pictures // 5):
        strange = [np.asarray(f) for f in clip(5_000_000 + given.seed * 1000 + seed)[:4]]
        accused = any(c.candidates for f in strange for c in recognise(f, known))
        found["strangers"] += 1
        found["strangers taken for a known clip"] += accused
    seconds = (time.perf_counter() - began) / given.pictures
    print(json.dumps({**found, "seconds a picture": round(seconds, 2)}))


if __name__ == "__main__":
    main()

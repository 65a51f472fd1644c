"""Any folder of memes that nothing was tuned on: pictures that keyframes show, captions by name.

    python -m benchmarks.unseen FOLDER [--most 100] [--seed 1]

Animations: the share of screen time whose picture 4 and 8 keyframes show, as `benchmarks.keyframes`
counts it, beside even sampling in time and in index. Stills that are named after their caption, as
collections in Chinese do: how many captions are the name, and those that are not, to look at: many
a name is a description or leaves words out, so that the share is a lower bound. Prints JSON.
"""

import argparse
import json
import random
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.keyframes import KS, SELECTORS, pictures
from frames import MediaError, open_clip
from ocr import load_engine, read_image
from ocr.accuracy import cer, exact
from ocr.looks import looks_of

SHORT = 4
"""Animations of fewer frames show all of them."""
COMPARED = ("captions", "uniform_time", "uniform_index")
NAMED = re.compile(r"[一-鿿]")
"""A name that may be a caption holds Chinese ..."""
UNNAMED = re.compile(r"QQ|表情包|截图")
"""... and is not a program's."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=100, help="animations, and stills")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    files = sorted(path for path in given.folder.rglob("*") if path.is_file())
    random.Random(given.seed).shuffle(files)
    found = measured(files, given.most)
    print(json.dumps(found, ensure_ascii=False, indent=1))


def measured(files: list[Path], most: int) -> dict[str, Any]:
    """The figures of the first ``most`` animations and stills among ``files``."""
    engine = load_engine()
    shown: dict[str, list[float]] = {f"{name} {k}": [] for name in COMPARED for k in KS}
    clips, named, other, refused = 0, 0, [], []
    for path in files:
        try:
            clip = open_clip(path)
            if len(clip) >= SHORT and clips < most:
                clips += 1
                thumbnails = looks_of(clip).thumbnails
                for name in COMPARED:
                    for k in KS:
                        chosen = SELECTORS[name](clip, k)
                        shown[f"{name} {k}"].append(pictures(clip, thumbnails, chosen))
            elif len(clip) == 1 and named < most and _captioned(path):
                named += 1
                read = read_image(next(iter(clip)).pixels, engine).text
                if not exact(path.stem, read, variants=True):
                    other.append((path.stem, read, round(cer(path.stem, read, True), 2)))
        except MediaError as error:
            refused.append(f"{path.name}: {error}")
    return {
        "animations": clips,
        "screen time shown, mean / worst tenth": {
            name: f"{np.mean(found):.3f} / {np.percentile(found, 10):.3f}"
            for name, found in shown.items()
            if found
        },
        "named stills": named,
        "read as named": named - len(other),
        "refused": refused,
        "others": sorted(other, key=lambda row: row[2]),
    }


def _captioned(path: Path) -> bool:
    return bool(NAMED.search(path.stem)) and not UNNAMED.search(path.stem)


if __name__ == "__main__":
    main()

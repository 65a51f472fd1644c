"""Certificate over a grid: kind of bias x strength x noise, error rates and what can be found.

    python -m benchmarks.grid --runs 20 --first-seed 30000

Writes benchmarks/results/grid.md and the table in docs/method.md (10 minutes on one core). Each
cell: runs of simulated subjects (``memeprobe/calibrate/simulated.py``) named rightly / with an
untrue statement about places, and the smallest bias index that would have been found in four of
five runs.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from memeprobe.calibrate.simulated import Subject, frames_run
from memeprobe.calibrate.truth import KINDS, PLACE_KEYS, untrue_of_places
from memeprobe.verdicts import Verdict, judge

RESULT = Path(__file__).with_name("results") / "grid.md"
METHOD = Path(__file__).parents[1] / "docs" / "method.md"
BEGIN, END = "<!-- benchmarks.grid -->\n", "<!-- end of benchmarks.grid -->\n"
NONE, STRENGTHS = ("fair", "knows", "any frame"), (0.25, 0.5, 0.75, 1.0)
FAVOURED = ("first", "first content", "graded, drawn", "last", "recent, drawn", "middle", "ends")
NOISES = (0.0, 0.1, 0.2, 0.3)
HEAD = (
    "Each cell: of {runs} runs named rightly / with an untrue statement, and the smallest index "
    "that four of five such runs would have found. {items} items, 4 keyframes, seeds from "
    "{first}; rows of no bias: *flat* or *not enough items* is right."
)


@dataclass
class Cell:
    """What came out for one kind, strength and noise."""

    named: int = 0
    untrue: int = 0
    smallest: float = 0.0
    """Smallest index that would have been found, mean of the runs."""

    def __str__(self) -> str:
        return f"{self.named} / {self.untrue}, {self.smallest:.2f}"


def _of_frames(subject: Subject, items: int, seed: int) -> Verdict:
    return judge(frames_run(subject, items, seed), words=False).verdicts["first_frame"]


def cell(kind: str, strength: float, noise: float, items: int, seeds: range) -> Cell:
    """The runs of one cell."""
    looks, place, held = KINDS[kind]
    right = PLACE_KEYS[place] if place else {"flat", "not_enough_items"}
    found, smallest = Cell(), []
    for seed in seeds:
        verdict = _of_frames(Subject(looks, strength=strength, noise=noise), items, seed)
        found.named += verdict.key in right
        found.untrue += verdict.key in untrue_of_places(kind, place, held * strength, 1 - noise)
        smallest.append(verdict.numbers.get("detectable_index") or np.nan)
    found.smallest = float(np.nanmean(smallest))
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=30_000)
    parser.add_argument("--items", type=int, default=120)
    asked = parser.parse_args()
    cells = [(kind, 1.0) for kind in NONE] + [(k, s) for k in FAVOURED for s in STRENGTHS]
    lines = [
        HEAD.format(runs=asked.runs, items=asked.items, first=asked.first_seed),
        "",
        "| kind | strength | " + " | ".join(f"noise {100 * n:.0f} %" for n in NOISES) + " |",
        "|---" * (2 + len(NOISES)) + "|",
    ]
    for number, (kind, strength) in enumerate(track(cells, "cells")):
        start = asked.first_seed + 1000 * number
        row = [
            cell(
                kind,
                strength,
                noise,
                asked.items,
                range(start + 100 * i, start + 100 * i + asked.runs),
            )
            for i, noise in enumerate(NOISES)
        ]
        shown = "-" if kind in NONE else f"{strength:.2f}"
        lines.append(f"| {kind} | {shown} | " + " | ".join(map(str, row)) + " |")
    text = "\n".join(lines) + "\n"
    made = f"# Certificate over a grid\n\nMade by `python -m benchmarks.grid --runs {asked.runs} "
    made += f"--first-seed {asked.first_seed} --items {asked.items}`. "
    RESULT.write_text(made + text, encoding="utf-8")
    method = METHOD.read_text(encoding="utf-8")
    before, rest = method.split(BEGIN)
    METHOD.write_text(before + BEGIN + text + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()

"""Random simulated subjects: how often a verdict holds a statement that a subject's making denies.

    python -m benchmarks.certificate --subjects 2000 --first-seed 5000000

Writes benchmarks/results/certificate.md. Place, strength, noise, skill, failures, caption skills
and the number of items are drawn by the seed, see ``memeprobe/calibrate/truth.py``.
"""

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from rich.progress import track

from memeprobe.calibrate.truth import draw, untrue
from memeprobe.stats import wilson
from memeprobe.verdicts import judge

RESULT = Path(__file__).with_name("results") / "certificate.md"


def tried(seeds: Iterable[int]) -> tuple[int, Counter[str], Counter[str]]:
    """(runs with an untrue statement, untrue statements, verdicts on places) over these seeds."""
    runs, wrong, said = 0, Counter[str](), Counter[str]()
    for seed in seeds:
        case = draw(np.random.default_rng(seed))
        verdicts = judge(case.rows(seed + 1), words=False).verdicts
        found = untrue(case, verdicts)
        runs += bool(found)
        wrong.update(found)
        said[verdicts["first_frame"].key] += 1
    return runs, wrong, said


def main() -> None:
    """Try, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=2000)
    parser.add_argument("--first-seed", type=int, default=0)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.subjects)
    runs, wrong, said = tried(track(seeds, "subjects"))
    share = wilson(runs, asked.subjects)
    lines = [
        "# Random subjects",
        "",
        f"Made by `python -m benchmarks.certificate --subjects {asked.subjects} --first-seed "
        f"{asked.first_seed}`: {runs} of {asked.subjects} runs hold a statement that is untrue of "
        f"their subject ({100 * share.value:.2f} %, 95 % interval {100 * share.low:.2f} to "
        f"{100 * share.high:.2f}).",
        "",
        "| untrue statement | runs |",
        "|---|---|",
        *(f"| {name} | {n} |" for name, n in wrong.most_common()),
        "",
        "| verdict on places | runs |",
        "|---|---|",
        *(f"| {name.replace('_', ' ')} | {n} |" for name, n in said.most_common()),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

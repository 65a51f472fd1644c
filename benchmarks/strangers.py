"""Subjects that the certificate does not know, through the Model protocol, with noise.

    python -m benchmarks.strangers --runs 20 --noise 0 0.1 0.2

Writes benchmarks/results/strangers.md: what each was called, and how often rightly.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from memeprobe.calibrate import make_pool
from memeprobe.calibrate.pool import SETS, StimulusPool
from memeprobe.calibrate.strangers import STRANGERS, Eyes, Speaker, run
from memeprobe.experiment.plan import sampled
from memeprobe.verdicts import judge

RESULT = Path(__file__).with_name("results") / "strangers.md"
HEAD = """# Subjects that the certificate does not know

Made by `python -m benchmarks.strangers`: {runs} runs from seed {first}, preset standard, each with
fresh items, looks and noise (share of all answers that are random). Named rightly: any of the keys
in `memeprobe/calibrate/strangers.py`.

| subject | verdict | {heads} |
|---|---|{rules}|
"""


def said(
    pool: StimulusPool, seen: Mapping[str, Eyes], name: str, noise: float, seeds: range
) -> dict[str, Counter[str]]:
    """Verdict -> key -> how many runs, of the verdicts that the subject is judged by."""
    stranger = STRANGERS[name]
    found: dict[str, Counter[str]] = {v: Counter() for v in stranger.expected}
    for part in pool.parts:
        wanted = [v for v in SETS[part.name] if v in stranger.expected]
        if not wanted:
            continue
        for seed in seeds:
            items = [i.id for i in sampled(part.items, pool.size, seed)]
            rows = run(Speaker(name, stranger, seen[part.name], noise, seed), part, items)
            verdicts = judge(rows, words=False).verdicts
            for verdict in wanted:
                found[verdict][verdicts[verdict].key] += 1
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--noise", type=float, nargs="+", default=[0.0, 0.1, 0.2])
    parser.add_argument("--subjects", nargs="+", default=list(STRANGERS))
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.runs)
    pool = make_pool("standard")
    seen = {part.name: Eyes.of(part) for part in pool.parts}
    lines = []
    for name in asked.subjects:
        per_noise = [said(pool, seen, name, noise, seeds) for noise in asked.noise]
        for verdict, expected in STRANGERS[name].expected.items():
            cells = [_cell(found[verdict], expected) for found in per_noise]
            lines.append(f"| {name} | {verdict.replace('_', ' ')} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    heads = " | ".join(f"noise {100 * noise:.0f} %" for noise in asked.noise)
    head = HEAD.format(
        runs=asked.runs, first=asked.first_seed, heads=heads, rules="---|" * len(asked.noise)
    ).replace("||\n", "|\n")
    asked.out.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def _cell(found: Counter[str], expected: frozenset[str]) -> str:
    right = sum(n for key, n in found.items() if key in expected)
    keys = ", ".join(f"{key.replace('_', ' ')} {n}" for key, n in found.most_common())
    return f"**{right} of {found.total()}** ({keys})"


if __name__ == "__main__":
    main()

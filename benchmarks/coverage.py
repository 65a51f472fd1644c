"""How often the intervals of ``memeprobe.stats`` hold the truth: writes results/coverage.md.

    python -m benchmarks.coverage [--sets 2000]

Simulated data sets whose truth is known: right or wrong answers, and paired differences of two
conditions, of items that stand alone and of items in clusters (copies of one source meme) that
agree more than chance would have it. A nominal 95 % interval should hold the truth in 95 % of the
data sets; the bootstrap's limits are those of ``stats.mean`` and ``stats.share`` as reports use
them.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from memeprobe import stats

HERE = Path(__file__).parent
AGREEMENT = 0.3
"""Correlation of two items of a cluster."""

Draw = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def _rates(rng: np.random.Generator, places: np.ndarray, rate: float) -> np.ndarray:
    """Each item's chance of being right: its cluster's, from a beta with ``AGREEMENT``."""
    weight = (1 - AGREEMENT) / AGREEMENT
    return rng.beta(rate * weight, (1 - rate) * weight, places.max() + 1)[places]


def right(rate: float) -> Draw:
    """Right (1) or wrong (0), this share right."""
    return lambda rng, places: (rng.random(len(places)) < _rates(rng, places, rate)).astype(float)


def difference(after: float, before: float) -> Draw:
    """Right after minus right before."""
    one, two = right(after), right(before)
    return lambda rng, places: one(rng, places) - two(rng, places)


def sized(rng: np.random.Generator, places: np.ndarray) -> np.ndarray:
    """Gains whose value goes with the size of the cluster: -1, 0 or 1, more right in large ones.

    Its true mean over items depends on the sizes; ``covered`` finds it.
    """
    sizes = np.bincount(places)
    rate = np.clip(0.15 * sizes, 0.05, 0.95)[places]
    return (rng.random(len(places)) < rate).astype(float)


CASES: dict[str, tuple[Draw, float, str]] = {
    "right, 60 %": (right(0.6), 0.6, "share"),
    "right, 90 %": (right(0.9), 0.9, "share"),
    "right, 97 %": (right(0.97), 0.97, "share"),
    "90 % minus 30 %": (difference(0.9, 0.3), 0.6, "mean"),
    "60 % minus 60 %": (difference(0.6, 0.6), 0.0, "mean"),
    "95 % minus 90 %": (difference(0.95, 0.9), 0.05, "mean"),
    "size goes with value": (sized, float("nan"), "mean"),
}
SIZES: dict[str, tuple[int, int, int]] = {
    "24 items alone": (24, 1, 1),
    "96 items alone": (96, 1, 1),
    "5 clusters of 2 to 4": (5, 2, 4),
    "5 clusters of 1 to 6": (5, 1, 6),
    "10 clusters of 2 to 4": (10, 2, 4),
    "10 clusters of 1 to 6": (10, 1, 6),
    "15 clusters of 2 to 4": (15, 2, 4),
    "20 clusters of 1 to 6": (20, 1, 6),
    "30 clusters of 1 to 5": (30, 1, 5),
    "60 clusters of 2": (60, 2, 2),
    "100 clusters of 1 to 5": (100, 1, 5),
}


def covered(draw: Draw, truth: float, kind: str, size: tuple[int, int, int], sets: int) -> float:
    """Share of the simulated data sets whose interval holds the truth."""
    rng = np.random.default_rng(1)
    clusters, fewest, most = size
    held = 0
    if np.isnan(truth):
        sizes = np.arange(fewest, most + 1)
        truth = float((sizes * np.clip(0.15 * sizes, 0.05, 0.95)).sum() / sizes.sum())
    for _ in range(sets):
        places = np.repeat(np.arange(clusters), rng.integers(fewest, most + 1, clusters))
        values = draw(rng, places)
        found = (
            stats.share(list(values > 0.5), places.tolist())
            if kind == "share"
            else stats.mean(values, places.tolist())
        )
        held += found.low <= truth <= found.high
    return held / sets


def main() -> None:
    """Simulate and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sets", type=int, default=2000, help="data sets per cell")
    sets = parser.parse_args().sets
    rows = [f"| data | {' | '.join(SIZES)} |", "|---" * (len(SIZES) + 1) + "|"]
    for name, (draw, truth, kind) in CASES.items():
        cells = [f"{100 * covered(draw, truth, kind, s, sets):.1f} %" for s in SIZES.values()]
        rows.append(f"| {name} | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    text = "\n".join(
        [
            "# Coverage of the 95 % intervals",
            "",
            f"Made by `python -m benchmarks.coverage`: {sets} "
            f"simulated data sets per cell, clusters whose items correlate by {AGREEMENT}.",
            "",
            *rows,
            "",
        ]
    )
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "coverage.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

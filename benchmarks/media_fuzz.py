"""Mutated media: nothing but MediaError may come out, soon and in bounded memory.

    python -m benchmarks.media_fuzz --seed 1 --seconds 120

Mutates small files of every kind (tests/test_frames_formats.py) and random animations: bytes
changed, cut, doubled, spliced, and numbers set to extremes. Prints executions, exceptions that
are not MediaError, the slowest input and the peak memory.
"""

import argparse
import resource
import time
import warnings
from collections import Counter

import numpy as np

from frames import MediaError, open_clip
from tests.random_media import random_apng, random_gif
from tests.test_frames_formats import FILES


def corpus() -> list[bytes]:
    """The files that are mutated."""
    return [
        *(row[1]() for row in FILES.values()),
        *(make(seed) for make in (random_apng, random_gif) for seed in range(20)),
    ]


def mutated(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """One to six changes."""
    made = bytearray(data)
    for _ in range(int(rng.integers(1, 7))):
        at = int(rng.integers(0, max(len(made), 1)))
        how, size = int(rng.integers(0, 6)), int(rng.choice([1, 2, 4]))
        if how == 0:
            made[at : at + 1] = bytes([int(rng.integers(0, 256))])
        elif how == 1:
            made[at : at + size] = bytes([int(rng.choice([0, 1, 0x7F, 0x80, 0xFF]))]) * size
        elif how == 2:
            del made[at : at + int(rng.integers(1, 40))]
        elif how == 3:
            made[at:at] = made[at : at + int(rng.integers(1, 40))]
        elif how == 4:
            made[at : at + 40] = other[at : at + 40]
        else:
            made = made[: max(at, 16)]
    return bytes(made)


def main() -> None:
    """Mutate until the time is over and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    rng, files = np.random.default_rng(given.seed), corpus()
    ends: Counter[str] = Counter()
    slowest, began = (0.0, b""), time.monotonic()
    while time.monotonic() - began < given.seconds:
        data = mutated(rng, *(files[int(i)] for i in rng.integers(0, len(files), 2)))
        start = time.monotonic()
        try:
            for _ in open_clip(data):
                pass
            ends["opened"] += 1
        except MediaError:
            ends["refused"] += 1
        except Exception as foreign:
            ends[f"FOREIGN {type(foreign).__name__}"] += 1
            print(repr(foreign), data[:64].hex())
        slowest = max(slowest, (time.monotonic() - start, data[:16]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"seed {given.seed}: {ends.total():,} executions, {dict(ends)}")
    print(f"slowest {slowest[0]:.2f} s ({slowest[1]!r}), peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()

"""Runs the probes on every known subject over fresh seeds and says what came out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memeprobe.calibrate.pool import SETS, Part, StimulusPool
from memeprobe.calibrate.subjects import CASES, SLIPS, Case, Memory, rows_of
from memeprobe.experiment.plan import sampled
from memeprobe.measures import TrialRow
from memeprobe.stats import wilson
from memeprobe.verdicts import judge

REQUIRED = 0.95
"""Each known subject must be named rightly at least so often."""
FALSE_ALARMS = 0.05
"""A fair subject may be called biased at most so often."""
BIASED = (
    "first_frame_biased",
    "last_frame_biased",
    "first_frame_leaning",
    "last_frame_leaning",
    "ends_leaning",
    "middle_leaning",
    "uneven",
    "lost_among_frames",
)
SIZES = (12, 24, 36, 48, 72, 96)
"""Smaller numbers of items that are tried, to find how many are needed."""

Keys = dict[str, str]


@dataclass(frozen=True)
class Judged:
    """What one verdict said of one subject over all seeds."""

    expected: frozenset[str]
    said: Mapping[str, int]
    """Key -> how many runs."""
    needed: int | None
    """Items from which on the subject is named rightly often enough; None = more than asked."""

    @property
    def runs(self) -> int:
        """How many runs."""
        return sum(self.said.values())

    @property
    def rate(self) -> float:
        """Share of runs that named the subject rightly."""
        return sum(n for key, n in self.said.items() if key in self.expected) / self.runs

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        right = round(self.rate * self.runs)
        return {
            "expected": sorted(self.expected),
            "said": dict(self.said),
            "rate": round(self.rate, 4),
            "interval": wilson(right, self.runs).as_json(),
            "items_needed": self.needed,
            "passed": self.rate >= REQUIRED,
        }


@dataclass(frozen=True)
class Certificate:
    """The outcome of a calibration."""

    preset: str
    seeds: int
    items: int
    """Items a run asks of each set, at most."""
    subjects: dict[str, dict[str, Judged]] = field(default_factory=dict)
    """Subject -> verdict -> what it said."""

    @property
    def false_alarms(self) -> float:
        """Share of runs in which the fair subject was called biased."""
        found = self.subjects["fair"]["first_frame"]
        return sum(found.said.get(key, 0) for key in BIASED) / found.runs

    @property
    def passed(self) -> bool:
        """Whether every subject was named rightly often enough, and fair seldom called biased."""
        named = all(j.rate >= REQUIRED for s in self.subjects.values() for j in s.values())
        return named and self.false_alarms <= FALSE_ALARMS

    def as_json(self) -> dict[str, Any]:
        """Plain values, as ``memeprobe calibrate --json`` prints them."""
        return {
            "passed": self.passed,
            "preset": self.preset,
            "seeds": self.seeds,
            "items": self.items,
            "slips": SLIPS,
            "required": REQUIRED,
            "fair_called_biased": round(self.false_alarms, 4),
            "subjects": {
                name: {verdict: j.as_json() for verdict, j in judged.items()}
                for name, judged in self.subjects.items()
            },
        }


def calibrate(
    pool: StimulusPool,
    seeds: Sequence[int],
    preset: str = "standard",
    cases: Mapping[str, Case] = CASES,
    progress: Callable[[int, int, str], None] = lambda place, of, name: None,
) -> Certificate:
    """Every probe on every known subject, once for each seed: fresh guesses, slips and items.

    ``progress`` is told of each case that begins: its place from 1, how many there are, its name.
    """
    found = {}
    asked = min(pool.size, max(len(p.items) for p in pool.parts))
    for place, (name, case) in enumerate(cases.items(), 1):
        progress(place, len(cases), name)
        memory = Memory()
        by_seed = [_verdicts_by_size(case, pool, seed, memory) for seed in seeds]
        graded = [v for v in case.expected if v in by_seed[0][FULL]]
        found[name] = {v: _judged(case.expected[v], v, by_seed, asked) for v in graded}
    return Certificate(preset, len(seeds), asked, found)


FULL = 0
"""Stands for the preset's own size among the sizes."""


def _verdicts_by_size(case: Case, pool: StimulusPool, seed: int, memory: Memory) -> dict[int, Keys]:
    """Number of items (``FULL`` = all of the preset) -> verdict -> key."""
    found: dict[int, Keys] = {}
    for part in pool.parts:
        kept = sampled(part.items, pool.size, seed)
        rows = rows_of(case, part, tuple(i.id for i in kept), seed, memory)
        for size in (FULL, *(s for s in SIZES if s < len(kept))):
            names = {i.id for i in (kept if size == FULL else sampled(kept, size, seed))}
            keys = _keys([r for r in rows if r.item in names], part)
            found.setdefault(size, {}).update({v: k for v, k in keys.items() if v in case.expected})
    return found


def _keys(rows: list[TrialRow], part: Part) -> Keys:
    """The verdicts that this set is there for."""
    keys = {name: v.key for name, v in judge(rows, words=False).verdicts.items()}
    return {name: keys[name] for name in SETS[part.name]}


def _judged(
    expected: frozenset[str], verdict: str, by_seed: list[dict[int, Keys]], asked: int
) -> Judged:
    full = Counter(s[FULL][verdict] for s in by_seed)
    enough = sum(full[k] for k in expected) / len(by_seed) >= REQUIRED
    needed = asked if enough else None
    for size in sorted((s for s in by_seed[0] if s != FULL), reverse=True):
        keys = [s[size][verdict] for s in by_seed if verdict in s.get(size, {})]
        if not enough or not keys:
            break
        if sum(k in expected for k in keys) / len(keys) < REQUIRED:
            break
        needed = size
    return Judged(expected, dict(full.most_common()), needed)

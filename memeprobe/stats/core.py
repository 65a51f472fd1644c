"""What the statistics share: an estimate with its interval, and clusters as numbers."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

NAN = float("nan")
RESAMPLES = 2000
"""Bootstrap resamples and permutations."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval. NaN where there is nothing to estimate from."""

    value: float
    low: float
    high: float
    n: int
    """Items behind the estimate (items, not clusters)."""
    p: float | None = None
    """Two-sided p-value against 0, where the measure has one."""

    def __post_init__(self) -> None:
        if self.n < 0:
            raise ValueError(f"an interval cannot stand on {self.n} items")
        if self.n and not self.low - 1e-9 <= self.value <= self.high + 1e-9:
            raise ValueError(f"{self.value} lies outside its interval [{self.low}, {self.high}]")

    def as_json(self) -> dict[str, Any]:
        """Plain numbers, rounded to 4 decimals; NaN becomes None (JSON has no NaN)."""
        found: dict[str, Any] = {
            "value": number(self.value),
            "low": number(self.low),
            "high": number(self.high),
            "n": self.n,
        }
        if self.p is not None:
            found["p"] = number(self.p, 6)
        return found


NOTHING = Interval(NAN, NAN, NAN, 0)


def number(value: float | None, digits: int = 4) -> float | None:
    """``value`` rounded, or None where it is no finite number."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def checked(values: Sequence[float] | Sequence[bool] | np.ndarray, what: str) -> np.ndarray:
    """The values as floats. Raises ValueError if one of them is no finite number.

    A NaN would otherwise pass through every test in silence and come out as a verdict.
    """
    data = np.asarray(values, float)
    if not np.isfinite(data).all():
        bad = int((~np.isfinite(data)).sum())
        raise ValueError(
            f"{what}: {bad} of {data.size} values are no finite numbers; leave out "
            "what was not measured before asking for statistics"
        )
    return data


def codes(clusters: Sequence[Hashable] | None, n: int) -> tuple[np.ndarray, int]:
    """The cluster of each of ``n`` items as a number from 0, and how many clusters there are.

    None = every item for itself. Raises ValueError if there are not ``n`` names.
    """
    if clusters is None:
        return np.arange(n), n
    if len(clusters) != n:
        raise ValueError(f"{n} values need {n} cluster names, got {len(clusters)}")
    numbers: dict[Hashable, int] = {}
    found = np.array([numbers.setdefault(name, len(numbers)) for name in clusters], int)
    return found, len(numbers)


def cluster_means(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Mean of the values of each cluster."""
    return np.asarray(np.bincount(places, values) / np.bincount(places))


def around(value: float, low: float, high: float, n: int, bounds: tuple[float, float]) -> Interval:
    """An interval kept within ``bounds`` that holds its own estimate."""
    return Interval(value, max(bounds[0], min(low, value)), min(bounds[1], max(high, value)), n)

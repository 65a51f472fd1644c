"""What the rules of the verdict on places look at, each worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from memeprobe import measures, stats
from memeprobe.measures import Curve, Estimate, Table
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.leaning import Leaning, bound, detectable, leaning


@dataclass(frozen=True)
class Evidence:
    """What the rules look at."""

    table: Table
    found: Mapping[str, Interval]
    bends: Curve | None
    adjusted: Mapping[str, float]

    @cached_property
    def estimates(self) -> list[Estimate]:
        """Every estimator of the bias index."""
        return measures.estimates(self.table)

    @cached_property
    def lean(self) -> Leaning | None:
        """The place that surely counts more."""
        return leaning(self.table, self.estimates)

    @cached_property
    def over_blind(self) -> dict[str, Interval]:
        """Mean accuracy over the slots minus blind, among grey frames and among other clips'."""
        return {
            name: _over_blind(self.table, stem)
            for name, stem in (("grey", "position@"), ("other_clips", "among@"))
        }

    @cached_property
    def together(self) -> Interval:
        """All keyframes minus no picture."""
        return measures.gain(self.table, "keyframes", "blind")

    @cached_property
    def widest(self) -> Interval:
        """The largest difference of two slots; 90 % limits."""
        return measures.widest_pair(self.table) or NOTHING

    @property
    def items(self) -> int:
        """Items behind the curve."""
        return len(self.bends.right) if self.bends is not None else 0

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """What every verdict carries."""
        later = ("changed_by_later_frames", "changed_beyond_noise", "inconsistency", "lure_rate")
        found = {n: self.found.get(n, NOTHING).as_json() for n in ("above_blind", *later)}
        return {
            **found,
            "keyframes_minus_blind": self.together.as_json(),
            "curve_minus_blind": self.over_blind["grey"].as_json(),
            "among_minus_blind": self.over_blind["other_clips"].as_json(),
            "widest_pair_90": self.widest.as_json(),
            "p_curve_holm": stats.number(self.adjusted.get("curve")),
            "largest_index_left": stats.number(bound(self.estimates)),
            "detectable_index": stats.number(detectable(self.estimates)),
        }


def _over_blind(table: Table, stem: str) -> Interval:
    """Mean accuracy over the slots minus blind, over the items answered under all of them."""
    slots = [c for c in table.rows if c.startswith(stem)]
    rows = table.together([*slots, "blind"]) if slots else []
    values = [
        float(np.mean([measures.right(r) for r in each[:-1]])) - measures.right(each[-1])
        for each in rows
    ]
    return stats.mean(values, measures.clusters([each[0] for each in rows]))

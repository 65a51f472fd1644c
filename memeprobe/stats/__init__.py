"""Statistics of the probes: numbers in, numbers out; every formula with its source.

Nothing here knows of memes or models. Values that cannot be computed (no items) are NaN, never
a number that looks measured.
"""

from memeprobe.stats.agreement import alpha, nominal
from memeprobe.stats.core import NAN, NOTHING, RESAMPLES, Interval, number
from memeprobe.stats.hypotheses import (
    Equivalence,
    cochran,
    equivalence,
    exchanged,
    holm,
    mcnemar,
    sign_flip,
    tested,
)
from memeprobe.stats.intervals import location, mean, share, wilson
from memeprobe.stats.power import items_for_difference, items_for_equivalence, mcnemar_power
from memeprobe.stats.resample import bca, bootstrap

__all__ = [
    "NAN",
    "NOTHING",
    "RESAMPLES",
    "Equivalence",
    "Interval",
    "alpha",
    "bca",
    "bootstrap",
    "cochran",
    "equivalence",
    "exchanged",
    "holm",
    "items_for_difference",
    "items_for_equivalence",
    "location",
    "mcnemar",
    "mcnemar_power",
    "mean",
    "nominal",
    "number",
    "share",
    "sign_flip",
    "tested",
    "wilson",
]

"""From measures to verdicts in words, and the result object that reports and JSON show.

Each verdict's rules stand in one function, in the order in which they are tried, and each verdict
carries the numbers that it rests on.
"""

from memeprobe.verdicts.common import Verdict
from memeprobe.verdicts.result import analyse, holm_family, verdicts

__all__ = ["Verdict", "analyse", "holm_family", "verdicts"]

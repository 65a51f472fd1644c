"""From measures to verdicts in words, and the result object that reports and JSON show.

Each verdict's rules stand in one function, in the order in which they are tried, and each verdict
carries the numbers that it rests on.
"""

from memeprobe.verdicts.common import Verdict
from memeprobe.verdicts.result import Judgement, analyse, holm_family, judge

__all__ = ["Judgement", "Verdict", "analyse", "holm_family", "judge"]

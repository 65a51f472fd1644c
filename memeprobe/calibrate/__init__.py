"""The instrument's own certificate: every probe on subjects whose bias is known by construction."""

from memeprobe.calibrate.certificate import SIZES, Certificate, calibrate
from memeprobe.calibrate.pool import StimulusPool, make_pool
from memeprobe.calibrate.subjects import CASES, Case

__all__ = ["CASES", "SIZES", "Case", "Certificate", "StimulusPool", "calibrate", "make_pool"]

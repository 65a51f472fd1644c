"""The instrument's own certificate: every probe on subjects whose bias is known by construction."""

from probes.calibrate.certificate import SIZES, Certificate, calibrate
from probes.calibrate.pool import Pool, make_pool
from probes.calibrate.subjects import CASES, Case

__all__ = ["CASES", "SIZES", "Case", "Certificate", "Pool", "calibrate", "make_pool"]

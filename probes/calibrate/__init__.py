"""The instrument's own certificate: every probe on subjects whose bias is known by construction."""

from probes.calibrate.certificate import Certificate, calibrate
from probes.calibrate.pool import Pool, make_pool
from probes.calibrate.subjects import CASES, Case

__all__ = ["CASES", "Case", "Certificate", "Pool", "calibrate", "make_pool"]

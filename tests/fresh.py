"""The seed of tests whose inputs are drawn anew: fixed, so that a run can be repeated."""

import os

FRESH = int(os.environ.get("MEMEPROBE_FRESH_SEED", "20261129"))
"""Set the variable for inputs that nobody has seen; a failure names the seed."""

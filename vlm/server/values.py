"""Numbers that stand in a server's reply, whatever stands there."""

from typing import Any

ROUNDING = 1e-3
"""A log-probability may lie so far above 0 and still be one."""
MOST = 2**31
"""No number of tokens, and no token's number, is as large."""


def log_probability(value: Any) -> float | None:
    """At most 0, and minus infinity for what cannot come; None: it is none (NaN, above 0)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:  # JSON has whole numbers of thousands of digits
        return None
    return min(0.0, found) if found <= ROUNDING else None  # NaN is not


def count(value: Any) -> int | None:
    """A whole number of tokens, or a token's; None: it is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < MOST else None


def token_ids(value: Any) -> list[int]:
    """A list of tokens; empty where there stands anything else."""
    found = [count(each) for each in value] if isinstance(value, list) else []
    return [] if None in found else [each for each in found if each is not None]

"""What may be None and is not, for the type checker and for the reader of a failed test."""

from typing import TypeVar

T = TypeVar("T")


def not_none(value: T | None) -> T:
    """The value itself; fails where it is None."""
    assert value is not None, "None where a value has to be"
    return value

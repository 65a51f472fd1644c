"""A server's words as messages and stores can hold them."""

from typing import Any

LONGEST_NAME = 500
"""Characters of a model's name; hub ids have at most 96, paths of files some more."""


def is_name(found: Any) -> bool:
    """Whether a model can be called so: it becomes part of runs, reports and messages."""
    return isinstance(found, str) and 0 < len(found) <= LONGEST_NAME and found.isprintable()


def one_line(text: str) -> str:
    """A server's words for a message: without line breaks and other control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def whole_text(text: str) -> str:
    """The text with halves of surrogate pairs, which nothing can store, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

"""What is said about a broken set: one line that names the field and what was found."""

import difflib

from pydantic import BaseModel, ValidationError


class SetError(ValueError):
    """A set that cannot be used. The message names file, line and field, and what was found.

    It is one line, whatever the names and values in it hold.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))


EXPECTED = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "greater_than_equal": "must be 0 or more",
    "string_unicode": "must be Unicode text; it holds half a character",
    "string_too_long": "is longer than a set's text may be",
    "too_long": "has more entries than a set may have",
    "less_than_equal": "is larger than it may be",
    "model_type": "must hold fields in {}",
    "model_attributes_type": "must hold fields in {}",
}
"""Sort of pydantic error -> what the field must be."""


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """The first thing that pydantic found wrong, in one line."""
    first = error.errors(include_url=False)[0]
    field = _path(first["loc"])
    if first["type"] == "missing":
        return f"{field} is missing"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), model.model_fields, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"unknown field {field!r}{hint}"
    if first["type"] == "value_error":
        message = f"{first['ctx']['error']!s:.400}"
        return f"{field}: {message}" if field else message
    must = EXPECTED.get(first["type"], first["msg"])
    found = first["input"]
    found = list(found) if isinstance(found, tuple) else found
    return f"{field} is {found!r:.60}; {must}"


def _path(parts: tuple[int | str, ...]) -> str:
    """('suggests', 0, 'option') -> 'suggests[0].option'."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text

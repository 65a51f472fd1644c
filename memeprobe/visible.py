"""Text of strangers as it may be printed: what a terminal would obey is shown, not sent.

A model's answer, a file's name or a set's title can hold escape sequences that move the cursor,
change the window's title or hide what follows, and marks that turn the reading direction round.
"""

import re

_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed; C1 has CSI as one
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks of direction
    "\ud800-\udfff]"  # halves of characters, which no terminal can show and no file can hold
)


def visible(text: str) -> str:
    """The text with such characters written out: '\\x1b' for an escape, '\\u202e' for a mark."""
    return _OBEYED.sub(lambda found: _written(found[0]), text)


def visible_json(text: str) -> str:
    """The same for JSON text, in which only its own escapes are allowed."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _written(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

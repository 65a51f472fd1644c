"""Sets of memes with questions: the format, the built-in sets, the world they are drawn from."""

import importlib
from typing import Any

_NAMES: dict[str, str] = {
    "BUILTIN": "meme_sets.catalog",
    "Counterfactual": "meme_sets.format",
    "Item": "meme_sets.format",
    "MemeSet": "meme_sets.format",
    "SetError": "meme_sets.errors",
    "Span": "meme_sets.format",
    "Suggestion": "meme_sets.format",
    "Text": "meme_sets.format",
    "load_set": "meme_sets.load",
}
"""Public name -> the module that has it, which is imported with its first use: what only names
the built-in sets waits for nothing that checks them. ``__init__.pyi`` says the same to type
checkers."""

__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'meme_sets' has no attribute {name!r}")
    return getattr(importlib.import_module(_NAMES[name]), name)

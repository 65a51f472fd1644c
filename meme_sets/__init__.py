"""Sets of memes with questions: the format, the built-in sets, the world they are drawn from."""

from meme_sets.catalog import BUILTIN
from meme_sets.errors import SetError
from meme_sets.format import Counterfactual, Item, MemeSet, Span, Suggestion, Text
from meme_sets.load import load_set

__all__ = [
    "BUILTIN",
    "Counterfactual",
    "Item",
    "MemeSet",
    "SetError",
    "Span",
    "Suggestion",
    "Text",
    "load_set",
]

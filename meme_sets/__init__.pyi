# The public names for type checkers; ``__init__.py`` loads them when they are first used.

from meme_sets.catalog import BUILTIN as BUILTIN
from meme_sets.errors import SetError as SetError
from meme_sets.format import Counterfactual as Counterfactual
from meme_sets.format import Item as Item
from meme_sets.format import MemeSet as MemeSet
from meme_sets.format import Span as Span
from meme_sets.format import Suggestion as Suggestion
from meme_sets.format import Text as Text
from meme_sets.load import load_set as load_set

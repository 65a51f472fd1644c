# The public names for type checkers; ``__init__.py`` loads them when they are first used.

from vlm.errors import ModelError as ModelError
from vlm.models import MODELS as MODELS
from vlm.models import ModelEntry as ModelEntry
from vlm.models import available as available
from vlm.query import DELIVERIES as DELIVERIES
from vlm.query import Answer as Answer
from vlm.query import Model as Model
from vlm.query import Query as Query
from vlm.query import Receipt as Receipt
from vlm.query import pixel_sha256 as pixel_sha256
from vlm.recipes import RECIPES as RECIPES
from vlm.recipes import recipes_for as recipes_for
from vlm.registry import SCHEMES as SCHEMES
from vlm.registry import check_spec as check_spec
from vlm.registry import deliveries_of as deliveries_of
from vlm.registry import is_named as is_named
from vlm.registry import known_names as known_names
from vlm.registry import load_model as load_model
from vlm.registry import may_vary as may_vary
from vlm.registry import source_of as source_of
from vlm.settings import DEFAULTS as DEFAULTS
from vlm.settings import LoadOptions as LoadOptions

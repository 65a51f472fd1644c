"""Query (pictures and text) -> Answer (and a receipt of what was really delivered).

Knows no meme, no condition and no data set. An adapter is one small file that subclasses
``Adapter``; ``models`` lists those known by name, ``detect`` how others are recognised.
"""

import os

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before huggingface_hub is imported

from vlm.models import MODELS, ModelEntry, available
from vlm.query import DELIVERIES, Answer, Model, ModelError, Query, Receipt, pixel_sha256
from vlm.recipes import RECIPES, recipes_for
from vlm.registry import (
    SCHEMES,
    check_spec,
    deliveries_of,
    is_named,
    known_names,
    load_model,
    source_of,
)
from vlm.settings import DEFAULTS, LoadOptions

__all__ = [
    "DEFAULTS",
    "DELIVERIES",
    "MODELS",
    "RECIPES",
    "SCHEMES",
    "Answer",
    "LoadOptions",
    "Model",
    "ModelEntry",
    "ModelError",
    "Query",
    "Receipt",
    "available",
    "check_spec",
    "deliveries_of",
    "is_named",
    "known_names",
    "load_model",
    "pixel_sha256",
    "recipes_for",
    "source_of",
]

"""Query (pictures and text) -> Answer (and a receipt of what was really delivered).

Knows no meme, no condition and no data set. An adapter is one small file that subclasses
``Adapter``; ``registry`` lists the models.
"""

from vlm.query import DELIVERIES, Answer, Model, ModelError, Query, Receipt, pixel_sha256
from vlm.registry import MODELS, SCHEMES, Entry, known_names, load_model
from vlm.settings import DEFAULTS, LoadOptions

__all__ = [
    "DEFAULTS", "DELIVERIES", "MODELS", "SCHEMES", "Answer", "Entry", "LoadOptions", "Model",
    "ModelError", "Query", "Receipt", "known_names", "load_model", "pixel_sha256",
]  # fmt: skip

"""Query (pictures and text) -> Answer (and a receipt of what was really delivered).

Knows no meme, no condition and no data set. An adapter is one small file that subclasses
``Adapter``; ``models`` lists those known by name, ``detect`` how others are recognised.
"""

import importlib
import os
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before huggingface_hub is imported
# Before torch is imported, whose threads else spin for a millisecond after each small operation:
# beside the processes that make stimuli this took more time than the model itself.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_NAMES: dict[str, str] = {
    "DEFAULTS": "vlm.settings",
    "DELIVERIES": "vlm.query",
    "MODELS": "vlm.models",
    "RECIPES": "vlm.recipes",
    "SCHEMES": "vlm.registry",
    "Answer": "vlm.query",
    "LoadOptions": "vlm.settings",
    "Model": "vlm.query",
    "ModelEntry": "vlm.models",
    "ModelError": "vlm.errors",
    "Query": "vlm.query",
    "Receipt": "vlm.query",
    "available": "vlm.models",
    "check_spec": "vlm.registry",
    "deliveries_of": "vlm.registry",
    "is_named": "vlm.registry",
    "known_names": "vlm.registry",
    "load_model": "vlm.registry",
    "may_vary": "vlm.registry",
    "pixel_sha256": "vlm.query",
    "recipes_for": "vlm.recipes",
    "source_of": "vlm.registry",
}
"""Public name -> the module that has it, which is imported with its first use: what only
names the models waits for nothing that takes pictures. ``__init__.pyi`` says the same to type
checkers."""

__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'vlm' has no attribute {name!r}")
    return getattr(importlib.import_module(_NAMES[name]), name)

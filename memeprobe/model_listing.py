"""Models and scripted subjects as rows of a list; reads no weights."""

from typing import Any

from memeprobe.messages import labels
from vlm import ModelEntry, available
from vlm.memory import memory_bytes
from vlm.subjects import DELIVERIES


def describe_model(name: str, entry: ModelEntry) -> dict[str, Any]:
    """A row of ``memeprobe models``; memory is that of the weights, in bytes."""
    rest = entry.parameters - entry.language_parameters
    kinds = {"bfloat16": None, "int8": "int8", "int4": "int4"}
    return {
        "family": entry.family,
        "parameters": entry.parameters,
        "memory": {k: memory_bytes(entry.language_parameters, rest, q) for k, q in kinds.items()},
        "languages": entry.languages,
        "deliveries": list(entry.deliveries),
        "available": available(name, entry),
        "licence": entry.licence,
        "source": entry.source,
        "downloads": list(entry.needed),
        "translators": list(entry.translators or ()),
        "about": entry.about,
    }


def describe_subject(name: str) -> dict[str, Any]:
    """A known subject as a row of ``memeprobe models``."""
    return {
        "family": "known subject",
        "parameters": 0,
        "memory": {},
        "languages": "en zh",
        "deliveries": list(DELIVERIES),
        "available": True,
        "licence": "",
        "source": "scripted",
        "downloads": [],
        "translators": [],
        "about": labels.label(labels.SUBJECTS, name),
    }

"""Chinese questions for English-only models, through translators on both sides."""

import importlib
from collections.abc import Callable
from pathlib import Path

import torch

from vlm.detect import open_checkpoint
from vlm.device import choose_device
from vlm.errors import ModelError
from vlm.query import Model
from vlm.translate.sandwich import Sandwich
from vlm.translate.seq2seq import Translator

__all__ = ["TRANSLATORS", "Sandwich", "Translator", "load_translator", "wrap"]

TRANSLATORS: dict[str, tuple[str, str]] = {
    "marian": ("Helsinki-NLP/opus-mt-zh-en", "Helsinki-NLP/opus-mt-en-zh"),
    "deltalm": ("IDEA-CCNL/Randeng-Deltalm-362M-Zh-En", "IDEA-CCNL/Randeng-Deltalm-362M-En-Zn"),
}
"""Short name -> hub ids, Chinese to English and English to Chinese."""

DIRECTIONS = ("zh-en", "en-zh")

KINDS: dict[str, str] = {
    "marian": "vlm.translate.marian:load",
    "deltalm": "vlm.translate.deltalm:load",
}
"""``model_type`` of config.json in lower case -> ``module:function`` (source, device)."""


def load_translator(source: str, direction: str = "zh-en", device: str | None = None) -> Translator:
    """A translator from a short name in the table, a directory or a hub id.

    ``direction`` says which of the two a short name means. The kind is found out from config.json.
    Raises ModelError: nothing there, an unknown kind, damaged files.
    """
    if direction not in DIRECTIONS:
        raise ModelError(f"unknown direction {direction!r}; must be one of {', '.join(DIRECTIONS)}")
    if source in TRANSLATORS:
        source = TRANSLATORS[source][DIRECTIONS.index(direction)]
    elif source.startswith((".", "/", "~")) or Path(source).expanduser().exists():
        source = str(Path(source).expanduser().absolute())
    elif "/" not in source:
        raise ModelError(
            f"unknown translator {source!r}; there are {', '.join(TRANSLATORS)} "
            "(a directory or hub id works too)"
        )
    kind = open_checkpoint(source).kind
    if kind.lower() not in KINDS:
        raise ModelError(
            f"{source} has model_type {kind!r}; there are translators for {', '.join(KINDS)}"
        )
    module, name = KINDS[kind.lower()].split(":")
    load: Callable[[str, torch.device], Translator] = getattr(importlib.import_module(module), name)
    return load(source, choose_device(device))


def wrap(model: Model, zh_en: str, en_zh: str, device: str | None = None) -> Sandwich:
    """A model between two translators, each given as ``load_translator`` takes it."""
    return Sandwich(
        model, load_translator(zh_en, "zh-en", device), load_translator(en_zh, "en-zh", device)
    )

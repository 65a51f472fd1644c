"""Whether a stranger's checkpoint can be opened at all: asked before any memory is spent on it.

What is looked at: that its files are files, that config.json means sizes which a model can have and
which its weight files can fill, and that its tokenizer does not blow a text up. Code in it is never
run anyhow, and its weights are looked at while they are read (``vlm.weights``).
"""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vlm.detect import PARTS_FILE, read_json
from vlm.errors import ModelError

WEIGHTS = (".safetensors", ".bin", ".pth", ".pt", ".model")
LAYERS, WIDTH, ENTRIES = 1_024, 1_000_000, 8_000_000
"""The most layers (or heads, or tiles), the widest layer, the largest vocabulary that are taken for
a mistake no more; today's largest open models have 126, 53,248 and 262,208."""
BOUNDS = {
    "num_hidden_layers": LAYERS,
    "num_layers": LAYERS,
    "depth": LAYERS,
    "n_layers": LAYERS,
    "encoder_layers": LAYERS,
    "decoder_layers": LAYERS,
    "num_decoder_layers": LAYERS,
    "num_attention_heads": LAYERS * 4,
    "num_heads": LAYERS * 4,
    "num_key_value_heads": LAYERS * 4,
    "hidden_size": WIDTH,
    "d_model": WIDTH,
    "d_ff": WIDTH,
    "d_kv": WIDTH,
    "embed_dim": WIDTH,
    "intermediate_size": WIDTH,
    "inner_hidden_size": WIDTH,
    "ffn_dim": WIDTH,
    "out_hidden_size": WIDTH,
    "encoder_hidden_size": WIDTH,
    "cross_attn_hidden_size": WIDTH,
    "patch_size": WIDTH,
    "num_query_tokens": WIDTH,
    "image_length": WIDTH,
    "vocab_size": ENTRIES,
    "max_position_embeddings": 1 << 30,
}
"""Entries of config.json that are whole numbers from 1 up to a bound, wherever they stand."""
PARTS = ("text_config", "vision_config", "qformer_config", "eva_config", "abstractor_config")
"""Entries that hold a part's sizes; they end so."""
KERNELS = ("eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention")
"""Attention that a config may choose; any other name would be fetched from the hub and run."""
SLACK = 16
"""How many times more weights a config may describe than its files have bytes."""
GROWTH = 1_000
"""How many times longer a tokenizer may make a text before it reads it."""


def check(folder: Path) -> None:
    """Raise ModelError if a directory is no sound checkpoint, with the file and what is wrong."""
    size = 0
    for path in _files(folder):
        if path.suffix in WEIGHTS:
            size += path.stat().st_size
    for name in ("config.json", PARTS_FILE, "generation_config.json"):
        if (folder / name).is_file():
            config = read_json(folder / name)
            _check_config(folder / name, config)
            if name == "config.json" and size:
                _check_size(folder / name, config, size)
    tokenizer = folder / "tokenizer.json"
    if tokenizer.is_file():
        declared = read_json(tokenizer)
        for part in ("normalizer", "pre_tokenizer", "decoder"):
            if _growth(declared.get(part)) > GROWTH:
                raise ModelError(f"{tokenizer}: its {part} makes a text too many times longer")


def _files(folder: Path) -> Iterator[Path]:
    """The files right in a directory. Raises ModelError: a pipe, a device, a dead link there."""
    for path in sorted(folder.iterdir()):
        try:
            kind = path.stat().st_mode
        except OSError as error:
            raise ModelError(f"{path} is a link that leads nowhere: {error.strerror}") from error
        if stat.S_ISREG(kind):
            yield path
        elif stat.S_ISDIR(kind):
            if path.is_symlink() and folder.resolve().is_relative_to(path.resolve()):
                raise ModelError(f"{path} is a link to the directory that it lies in")
        else:
            raise ModelError(f"{path} is no file but a pipe, a socket or a device")


def _check_config(path: Path, config: dict[str, Any]) -> None:
    for where, name, value in _entries(config):
        bound = BOUNDS.get(name)
        if bound is not None and value is not None:
            listed = value if isinstance(value, list) else [value]
            for one in listed:
                whole = isinstance(one, int) and not isinstance(one, bool)
                if not whole or not 1 <= one <= bound:
                    shown = repr(one)[:40]
                    raise ModelError(
                        f"{path}: {where} is {shown}; it must be a whole number from 1 to {bound:,}"
                    )
        elif name in ("attn_implementation", "_attn_implementation"):
            named = value.values() if isinstance(value, dict) else [value]
            for one in named:
                if one is not None and one not in KERNELS:
                    raise ModelError(
                        f"{path} asks for the attention kernel {str(one)[:80]!r}; "
                        f"only {', '.join(KERNELS)} are run"
                    )
        elif name.endswith(PARTS) and isinstance(value, str | int | float | list):
            raise ModelError(f"{path}: {where} is {type(value).__name__}, not a JSON object")


def _entries(config: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(path, name, value) of every entry, in objects inside objects too."""
    waiting = [("", config)]
    while waiting:
        at, found = waiting.pop()
        for name, value in found.items():
            yield f"{at}{name}", name, value
            if isinstance(value, dict):
                waiting.append((f"{at}{name}.", value))


def _check_size(path: Path, config: dict[str, Any], size: int) -> None:
    """Refuse a config that describes far more weights than the files can hold."""
    parts = [config, *(v for _, _, v in _entries(config) if isinstance(v, dict))]
    described = sum(map(_weights, parts))
    if described > SLACK * size + (1 << 20):
        raise ModelError(
            f"{path} describes about {described:,} weights, but the weight files beside it have "
            f"{size:,} bytes"
        )


def _weights(config: dict[str, Any]) -> int:
    """About how many weights one part's layers and embeddings have, at least."""

    def number(*names: str) -> int:
        found = (config.get(name) for name in names)
        return next((n for n in found if isinstance(n, int) and not isinstance(n, bool)), 0)

    width = number("hidden_size", "d_model", "embed_dim")
    layers = number("num_hidden_layers", "num_layers", "depth", "n_layers")
    inner = number("intermediate_size", "d_ff", "ffn_dim", "inner_hidden_size")
    return width * number("vocab_size") + layers * width * (2 * width + 2 * inner)


def _growth(step: Any) -> float:
    """How many times longer the steps of a tokenizer may make a text, at most."""
    total, waiting = 1.0, [step]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            declared = found.get("content") or found.get("prepend")
            if found.get("type") in ("Replace", "Prepend") and isinstance(declared, str):
                total *= max(1, len(declared))
            waiting.extend(v for v in found.values() if isinstance(v, dict | list))
    return total

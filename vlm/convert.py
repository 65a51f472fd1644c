"""Whole weights from delta weights: published differences to an original that could not be shared.

Vicuna v0 and Ziya-LLaMA came as ``delta = model - base``. Each tensor is added to the base's of the
same name and written at once as safetensors, so that no more than one shard is in memory. Rows that
the base lacks (a vocabulary that grew by a padding token) count as zeros there, as FastChat's
``apply_delta`` has it.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file

from vlm.errors import ModelError
from vlm.hub import local, settings_files
from vlm.loading import ROTARY, find_weights, read_weights

SHARD = 2 << 30
"""Bytes of one written file, about."""


def convert_delta(base: str, delta: str, out: Path, shard: int = SHARD) -> int:
    """Write ``base + delta`` into the new directory ``out``; returns the number of tensors.

    ``base``, ``delta``: directories or hub ids in the Hugging Face format; settings and tokenizer
    are the delta's. Raises ModelError: ``out`` is there already, files are missing or damaged, or
    the two do not belong together.
    """
    if out.exists():
        raise ModelError(f"{out} is there already; name a directory that is not")
    base_folder, delta_folder = local(base), local(delta)
    held = _names(base_folder)
    made = out.with_name(f"{out.name}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        count = _write(_added(delta_folder, held, base_folder), made, shard)
        for path in settings_files(delta_folder):
            place = made / path.relative_to(delta_folder)
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, place)
        made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return count


def _names(folder: Path) -> dict[str, Path]:
    """Name of each tensor -> its file."""
    return {name: file for file in find_weights(folder) for name, _ in read_weights(file)}


def _added(delta: Path, held: dict[str, Path], base: Path) -> Iterator[tuple[str, torch.Tensor]]:
    """(name, base + delta), one after another. Each file of the base is read once a file of the
    delta, for the two are rarely cut at the same places."""
    for file in find_weights(delta):
        differences = {n: t for n, t in read_weights(file) if not re.fullmatch(ROTARY, n)}
        unknown = [name for name in differences if name not in held]
        if unknown:
            raise ModelError(f"{delta} is no delta of {base}, which lacks {unknown[0]}")
        for source in sorted({held[name] for name in differences}):
            for name, tensor in read_weights(source):
                if name in differences and held[name] == source:
                    yield name, _sum(name, tensor, differences.pop(name))


def _sum(name: str, base: torch.Tensor, delta: torch.Tensor) -> torch.Tensor:
    if base.shape[1:] != delta.shape[1:] or len(base) > len(delta):
        raise ModelError(
            f"{name} is {tuple(base.shape)} in the base and {tuple(delta.shape)} in the delta; "
            "they do not belong together"
        )
    whole = delta.float()
    whole[: len(base)] += base.float()
    return whole.to(delta.dtype)


def _write(tensors: Iterator[tuple[str, torch.Tensor]], folder: Path, shard: int) -> int:
    """Shards and their index; returns how many tensors there are."""
    index: dict[str, str] = {}
    waiting: dict[str, torch.Tensor] = {}
    total = size = 0

    def flush() -> None:
        nonlocal size
        if waiting:
            name = f"model-{len(set(index.values())) + 1:05d}.safetensors"
            save_file(waiting, folder / name, {"format": "pt"})
            index.update(dict.fromkeys(waiting, name))
            waiting.clear()
            size = 0

    for name, tensor in tensors:
        waiting[name] = tensor.contiguous()
        size += tensor.numel() * tensor.element_size()
        total += tensor.numel() * tensor.element_size()
        if size >= shard:
            flush()
    flush()
    index_file = {"metadata": {"total_size": total}, "weight_map": index}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index_file), encoding="utf-8")
    return len(index)

"""Whether a model's weights fit into the device's memory, told before any of them is loaded."""

import os
from math import prod
from pathlib import Path

import torch

from memeprobe.doctor.finding import NOTE, WRONG, Finding
from vlm import MODELS, LoadOptions, ModelError, source_of
from vlm.device import choose_device, choose_dtype
from vlm.hub import in_hub_cache, local
from vlm.loading import WeightSet, find_weights, shapes
from vlm.memory import WEIGHT_BYTES, memory_bytes
from vlm.settings import QUANTISATIONS

ROOM = 1.2
"""What a model needs beside its weights, for pictures, prompts and caches: about a fifth more."""


def fits(spec: str, options: LoadOptions) -> Finding | None:
    """Memory that a model's weights will take, against the device's; None where the number of
    weights is not known before loading (a server, a scripted subject, pieces)."""
    device = choose_device(options.device)
    kind = str(choose_dtype(device, options.dtype)).removeprefix("torch.")
    needed, held = _needed(spec, kind, options.quantise), device_bytes(device)
    if needed is None or held is None:
        return None
    how = options.quantise or kind
    text = f"{needed / 1e9:.2f} GB of weights in {how}; {device} has {held / 1e9:.1f} GB"
    if needed * ROOM <= held:
        return Finding("room", text)
    cure = "use a smaller model or a larger device"
    for smaller in QUANTISATIONS:
        less = _needed(spec, kind, smaller)
        if options.quantise is None and less is not None and less * ROOM <= held:
            cure = f"--quantise {smaller} ({less / 1e9:.2f} GB), or {cure}"
            break
    if needed <= held:
        return Finding("room", f"{text}, little beside them", NOTE, cure)
    return Finding("room", text, WRONG, cure)


def _needed(spec: str, dtype: str, quantise: str | None) -> int | None:
    """Bytes of the weights. Of a directory quantising is not told: which part of it speaks shows
    when it is loaded."""
    entry = MODELS.get(spec)
    if entry is not None:
        rest = entry.parameters - entry.language_parameters
        return memory_bytes(entry.language_parameters, rest, quantise, dtype)
    source = source_of(spec)
    if quantise or not (Path(source).is_absolute() or in_hub_cache(source)):
        return None
    try:
        files = find_weights(local(source))
    except ModelError:  # pieces of several names; or loading will say what is wrong
        return None
    found = shapes([WeightSet(files)])
    return round(sum(map(prod, found.values())) * WEIGHT_BYTES[dtype])


def device_bytes(device: torch.device) -> int | None:
    """Memory of a device that this process can have; None where the system does not tell."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free)
    try:  # of the CPU, and of Apple's GPU, which shares it
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None

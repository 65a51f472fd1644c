"""int8 and int4 weights for the language model; whatever sees the picture keeps its precision.

VisualGLM's authors advise it so: quantising the vision tower costs too much. Embeddings and the
output layer stay as they are too.

int8 rounds the weights of each row to 255 steps of its largest one, and computes in the model's
own precision. (LLM.int8, arXiv 2208.07339, rounds the activations too, and as bitsandbytes 0.50.2
has it casts them to float16 first, beyond whose range bfloat16 goes.)

int4 is NF4 in blocks of 64 with the scales quantised again (arXiv 2305.14314), by bitsandbytes:
it is kept up, runs on CUDA and on the CPU, with every floating type and every layer size. (torchao
0.18 has no int4 on the CPU; optimum-quanto 0.2.7 is no longer worked on and compiles its CUDA
kernels on first use.)
"""

from types import ModuleType
from typing import Any

import torch
from torch import nn

from vlm.errors import ModelError
from vlm.settings import QUANTISATIONS

STEPS = 127
"""Of int8 on either side of zero."""
BLOCK = 64
"""How many weights share a scale in int4."""
WEIGHT_BYTES = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "int8": 1.0, "int4": 0.516}
"""Memory of one weight. int4: 4 bits, and for each 64 weights a scale of 8 bits, and for each 256
of those one of 32 bits; int8's one scale a row is too little to show."""


def language_model(
    module: nn.Module, kind: str, device: torch.device | str | None = None
) -> nn.Module:
    """Quantise the linear layers of a language model in place; returns it.

    ``kind`` is one of ``QUANTISATIONS``. Each layer is moved to ``device`` (default: where it is)
    and quantised there by itself, so that the device never holds the whole model unquantised.
    Raises ModelError: unknown kind, or bitsandbytes is not installed, which int4 needs.
    """
    library = check(kind)
    head = _head(module)
    # T5 computes these in float32 and converts its activations to the type of their weights.
    exact = tuple(getattr(module, "_keep_in_fp32_modules", None) or ())
    for name, parent in list(module.named_modules()):
        for child, layer in list(parent.named_children()):
            kept = layer is head or child == "lm_head" or child in exact
            if type(layer) is nn.Linear and not kept:
                where = torch.device(device) if device is not None else layer.weight.device
                if where.type == "meta":
                    raise ModelError(f"{name}.{child} has no weights yet; load them, then quantise")
                setattr(parent, child, _smaller(library, layer, kind, where))
    return module


def check(kind: str) -> ModuleType | None:
    """The package that a quantisation needs, None for none: asked before weights are read.

    Raises ModelError: unknown kind, or the package is not installed.
    """
    if kind not in QUANTISATIONS:
        raise ModelError(
            f"unknown quantisation {kind!r}; must be one of {', '.join(QUANTISATIONS)}"
        )
    return _library() if kind == "int4" else None


def measured_bytes(module: nn.Module) -> int:
    """Memory that a loaded module's weights and their quantisation scales really take."""
    total = 0
    for tensor in (*module.parameters(), *module.buffers()):
        total += tensor.numel() * tensor.element_size()
        state = getattr(tensor, "quant_state", None)  # scales of int4
        while state is not None:
            total += sum(t.numel() * t.element_size() for t in (state.absmax, state.code))
            state = state.state2
    return total


def _head(module: nn.Module) -> nn.Module | None:
    find = getattr(module, "get_output_embeddings", None)
    try:
        found: nn.Module | None = find() if find else None
    except (AttributeError, NotImplementedError):
        return None
    return found


def _smaller(library: Any, layer: nn.Linear, kind: str, device: torch.device) -> nn.Module:
    if kind == "int8":
        return RoundedLinear(layer, device)
    size = layer.in_features, layer.out_features
    weight = layer.weight.data
    made: nn.Module = library.nn.Linear4bit(
        *size, bias=False, compute_dtype=weight.dtype, quant_type="nf4", device="meta"
    )
    made.weight = library.nn.Params4bit(
        weight, requires_grad=False, quant_type="nf4", compress_statistics=True, module=made
    )
    if not _packs(*size):
        setattr(made, "support_avx512bf16_for_cpu", False)  # noqa: B010 (no stub names it)
    if layer.bias is not None:
        made.bias = nn.Parameter(layer.bias.data, requires_grad=False)
    return made.to(device).requires_grad_(False)


class RoundedLinear(nn.Module):
    """A linear layer with int8 weights and a scale for each row, for answering only."""

    def __init__(self, layer: nn.Linear, device: torch.device) -> None:
        """The rounded ``layer``, on a device."""
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        exact = layer.weight.data.to(device).float()
        scale = exact.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / STEPS
        rounded = (exact / scale).round().clamp(-STEPS, STEPS).to(torch.int8)
        self.weight = nn.Parameter(rounded, requires_grad=False)
        self.scale: torch.Tensor
        self.register_buffer("scale", scale)  # (out, 1), float32
        self.bias = None
        if layer.bias is not None:
            self.bias = nn.Parameter(layer.bias.data.to(device), requires_grad=False)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """(..., in) -> (..., out), in the precision of what comes in."""
        # A scale may be too small for float16; bfloat16 goes as far as float32 and saves a step.
        narrow = hidden.dtype == torch.float16
        scale = self.scale if narrow else self.scale.to(hidden.dtype)
        return nn.functional.linear(hidden, (self.weight * scale).to(hidden.dtype), self.bias)


def _packs(in_features: int, out_features: int) -> bool:
    """Whether the kernel for CPUs with AVX512-BF16 can pack a layer of this size.

    It takes whole blocks of 64 inputs and 32 outputs (bitsandbytes 0.50.2,
    ``_convert_weight_packed_for_cpu``), which every published model has; a layer of another size
    fails in its first use there, so it goes the general way.
    """
    return in_features % BLOCK == 0 and out_features % 32 == 0


def _library() -> ModuleType:
    try:
        import bitsandbytes
    except ImportError as error:
        raise ModelError(
            "int4 needs the package bitsandbytes; install it with "
            "`pip install memeprobe[quantise]` (bitsandbytes 0.50.2); int8 needs none"
        ) from error
    found: ModuleType = bitsandbytes
    return found

"""Whether weights can be a model's: finite, not all zero, and no difference between two models."""

from collections.abc import Iterable

import torch

from vlm.errors import ModelError

ZEROS = 0.5
"""Share of a model's matrices that may be nothing but zeros."""
DELTA = 0.02
"""Mean size of a norm's weights below which a Llama is the difference of two (they are about 1)."""


def check_finite(name: str, tensor: torch.Tensor, what: str) -> None:
    """Raise ModelError if a weight is infinite or not a number; ``what`` names the checkpoint."""
    if tensor.is_meta or not tensor.is_floating_point():
        return
    # A sum is finite if and only if its terms are (up to 1e38), and needs no memory.
    if not bool(torch.isfinite(tensor.detach().sum(dtype=torch.float32))):
        raise ModelError(
            f"the checkpoint {what} is broken: {name} has weights that are infinite or no numbers"
        )


def check_weights(named: Iterable[tuple[str, torch.Tensor]], what: str, llama: bool) -> None:
    """Raise ModelError if weights are not those of a model that was trained.

    ``llama``: whether the language model is a Llama, of which differences to the original (delta
    weights: Vicuna v0, Ziya, the first LLaVA) were published; they load and talk nonsense.
    """
    matrices, zeros, norms = 0, [], []
    for name, tensor in named:
        if tensor.is_meta or not tensor.is_floating_point():
            continue
        if tensor.ndim > 1:
            matrices += 1
            zeros += [name] if not bool(tensor.any()) else []
        elif llama and _is_norm(name):
            norms.append(float(tensor.detach().float().abs().mean()))
    if matrices and len(zeros) > ZEROS * matrices:
        raise ModelError(
            f"the checkpoint {what} is empty: {len(zeros)} of its {matrices} matrices are nothing "
            f"but zeros ({zeros[0]})"
        )
    if norms and sorted(norms)[len(norms) // 2] < DELTA:
        raise ModelError(
            f"the checkpoint {what} holds delta weights, the difference to an original Llama; "
            "make whole ones with `memeprobe convert delta BASE DELTA OUT`"
        )


def _is_norm(name: str) -> bool:
    """Whether a name is that of a Llama's RMSNorm."""
    if "vision" in name or "qformer" in name:
        return False
    return name.endswith(("layernorm.weight", "norm.weight"))

"""Where a model runs and in which precision."""

import torch

from vlm.errors import ModelError

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def choose_device(device: str | None = None) -> torch.device:
    """The device asked for, else CUDA, else Apple's MPS, else the CPU."""
    if device is not None:
        try:
            return torch.device(device)
        except RuntimeError as error:
            raise ModelError(f"unknown device {device!r}; try cpu, cuda or cuda:0") from error
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def choose_dtype(device: torch.device, dtype: str | None = None) -> torch.dtype:
    """The precision asked for; else bfloat16 where a GPU computes in it, float16 on others.

    float32 without a GPU.
    Raises ModelError: there is no precision of that name.
    """
    if dtype is not None:
        if dtype not in DTYPES:
            raise ModelError(f"unknown dtype {dtype!r}; must be one of {', '.join(DTYPES)}")
        return DTYPES[dtype]
    if device.type == "cuda":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float16
    return torch.float32


def _has_bfloat16(device: torch.device) -> bool:
    """Whether a GPU computes in bfloat16. ``torch.cuda.is_bf16_supported`` also says so of those
    that emulate it (V100, T4), slowly; NVIDIA's have it from compute capability 8.0 on."""
    if torch.version.hip is not None:
        return torch.cuda.is_bf16_supported()
    return torch.cuda.get_device_capability(device) >= (8, 0)

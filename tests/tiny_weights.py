"""Weights from a formula: the same in every torch version, so that recorded numbers stay true."""

import zlib

import torch
from torch import nn


def noise(name: str, count: int) -> torch.Tensor:
    """``count`` numbers in [-1, 1) that depend on the name alone; float64."""
    phase = zlib.crc32(name.encode()) % 1000 / 7.0
    wave = torch.sin(torch.arange(count, dtype=torch.float64) * 12.9898 + phase) * 43758.5453
    return 2 * (wave - wave.floor()) - 1


@torch.no_grad()
def fill(net: nn.Module, scale: float = 2.5) -> nn.Module:
    """Fill every parameter: matrices as ``scale`` / sqrt(inputs) times noise, norms around 1."""
    net.float().eval()
    done = set()
    for name, value in net.named_parameters():
        if id(value) in done:
            continue
        done.add(id(value))
        made = noise(name, value.numel()).view(value.shape)
        if value.ndim > 1:
            made = made * scale / value.shape[-1] ** 0.5
        elif name.endswith("weight"):
            made = 1 + 0.3 * made
        else:
            made = 0.2 * made
        value.copy_(made)
    return net

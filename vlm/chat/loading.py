"""The network of a chat checkpoint: its own weights, complete, and no code of anybody else's."""

from typing import Any

import torch
from transformers import AutoModelForImageTextToText

from vlm.chat.processor import pin
from vlm.hub import split
from vlm.query import ModelError


def load_network(
    source: str, dtype: torch.dtype, quantise: str | None, device: torch.device
) -> Any:
    """The network on its device, ready to answer. Raises ModelError: it cannot be loaded."""
    network = _load(source, dtype)
    if quantise:
        from vlm.quantise import language_model

        language_model(network.get_decoder(), quantise, device)
    return network.to(device).eval()


def _load(source: str, dtype: torch.dtype) -> Any:
    name, revision = split(source)
    load: Any = AutoModelForImageTextToText.from_pretrained
    try:
        net, info = load(
            name, dtype=dtype, trust_remote_code=False, output_loading_info=True, **pin(revision)
        )
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"cannot load the chat model {source}: {first}") from error
    for problem in ("missing_keys", "mismatched_keys"):
        if info[problem]:
            listed = ", ".join(sorted(map(str, info[problem]))[:8])
            raise ModelError(f"the checkpoint {source} has {problem.replace('_', ' ')}: {listed}")
    return net

"""The network of a chat checkpoint: its own weights, complete, and no code of anybody else's."""

import pickle
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForImageTextToText

from vlm.chat.processor import pin
from vlm.errors import ModelError
from vlm.hub import local, split
from vlm.loading import find_weights
from vlm.sound import SLACK
from vlm.weights import check_finite, check_weights


def load_network(
    source: str, dtype: torch.dtype, quantise: str | None, device: torch.device
) -> Any:
    """The network on its device, ready to answer. Raises ModelError: its weights are not those of
    a model, or not all of them; or what transformers raises while it reads the files."""
    network = _load(source, dtype)
    for name, tensor in network.named_parameters():
        check_finite(name, tensor, source)
    text = network.config.get_text_config(decoder=True)
    check_weights(network.named_parameters(), source, text.model_type == "llama")
    if quantise:
        from vlm.quantise import language_model

        language_model(network.get_decoder(), quantise, device)
    return network.to(device).eval()


def _load(source: str, dtype: torch.dtype) -> Any:
    name, revision = split(source)
    _check_size(local(source))
    load: Any = AutoModelForImageTextToText.from_pretrained
    try:
        net, info = load(
            name, dtype=dtype, trust_remote_code=False, output_loading_info=True, **pin(revision)
        )
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"the weight files of {source} hold more than weights, and running code from a file is "
            "refused"
        ) from error
    for problem in ("missing_keys", "mismatched_keys"):
        if info[problem]:
            listed = ", ".join(sorted(map(str, info[problem]))[:8])
            raise ModelError(f"the checkpoint {source} has {problem.replace('_', ' ')}: {listed}")
    return net


def _check_size(folder: Path) -> None:
    """Refuse a config whose model is far larger than its files: what they do not fill would be
    made up, in memory. Raises ModelError, also for weight files that are not there."""
    held = sum(path.stat().st_size for path in find_weights(folder))
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    with torch.device("meta"):
        outline = AutoModelForImageTextToText.from_config(config, trust_remote_code=False)
    described = sum(p.numel() for p in outline.parameters())
    if described > SLACK * held:
        raise ModelError(
            f"{folder / 'config.json'} describes {described:,} weights, but the weight files "
            f"beside it have {held:,} bytes"
        )

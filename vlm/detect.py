"""Which adapter drives a checkpoint: found out from what lies in it, in one visible table."""

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from vlm.errors import ModelError
from vlm.hub import config_file

PARTS_FILE = "memeprobe.json"
"""Names the parts of a model that is published in pieces: see docs/models.md."""
LARGEST = 256 << 20
"""Bytes of the largest JSON file that is read; a vocabulary of 260,000 tokens takes 35 MB."""


@dataclass(frozen=True)
class Checkpoint:
    """What can be known of a checkpoint without reading its weights."""

    source: str
    """A directory or a hub id."""
    config: dict[str, Any]
    """Its config.json, or else its memeprobe.json."""
    folder: Path | None
    """The directory, or None for a hub id."""

    @property
    def kind(self) -> str:
        """``model_type`` of config.json, or ``family`` of memeprobe.json."""
        return str(self.config.get("model_type") or self.config.get("family") or "")

    @property
    def architectures(self) -> frozenset[str]:
        """Names of the classes that config.json gives; none where it has something else there."""
        named = self.config.get("architectures")
        return (
            frozenset(n for n in named if isinstance(n, str))
            if isinstance(named, list)
            else (frozenset())
        )

    @cached_property
    def keys(self) -> frozenset[str]:
        """Names of the weights, where an index lists them."""
        if self.folder is None:
            return frozenset()
        found: set[str] = set()
        for index in sorted(self.folder.glob("*.index.json")):
            listed = read_json(index).get("weight_map")
            found |= set(listed) if isinstance(listed, dict) else set()
        return frozenset(found)


@dataclass(frozen=True)
class CheckpointKind:
    """One row of the table."""

    name: str
    matches: Callable[[Checkpoint], bool]
    adapter: str
    """``module:Class``; the class is called with (source, name, LoadOptions)."""


def _visualglm(checkpoint: Checkpoint) -> bool:
    named = checkpoint.architectures
    glm = named & {"ChatGLMModel", "ChatGLMForConditionalGenerationWithImage"}
    sees = "image_length" in checkpoint.config or any(
        key.startswith("image_encoder.") for key in checkpoint.keys
    )
    return bool(glm or checkpoint.kind == "chatglm") and sees


def _minigpt4(checkpoint: Checkpoint) -> bool:
    folder = checkpoint.folder
    pieces = folder is not None and any(folder.glob("*minigpt4*.pth"))
    return checkpoint.kind == "minigpt4" or pieces


def _ziya(checkpoint: Checkpoint) -> bool:
    named = checkpoint.architectures
    return checkpoint.kind == "ziya-blip2" or "ZiyaBLIP2ForConditionalGeneration" in named


def _chat(checkpoint: Checkpoint) -> bool:
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

    return checkpoint.kind in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES


KINDS: tuple[CheckpointKind, ...] = (
    CheckpointKind("visualglm", _visualglm, "vlm.blip:Family"),
    CheckpointKind("minigpt4", _minigpt4, "vlm.blip:Family"),
    CheckpointKind("ziya-blip2", _ziya, "vlm.blip:Family"),
    CheckpointKind("mplug-owl", lambda c: c.kind == "mplug-owl", "vlm.blip:Family"),
    CheckpointKind("instructblip", lambda c: c.kind == "instructblip", "vlm.blip:Family"),
    CheckpointKind("blip-2", lambda c: c.kind == "blip-2", "vlm.blip:Family"),
    CheckpointKind("chat", _chat, "vlm.chat:ChatModel"),
)
"""The first row that matches drives the checkpoint."""


INSTEAD: dict[str, str] = {
    "internvl_chat": "its code is not part of transformers; take the twin whose id ends in -hf "
    "(OpenGVLab/InternVL3-1B-hf)",
    "llava_llama": "it is LLaVA's own format; take its twin at llava-hf (llava-hf/llava-1.5-7b-hf)",
    "llava_mistral": "it is LLaVA's own format; take its twin at llava-hf "
    "(llava-hf/llava-v1.6-mistral-7b-hf)",
    "llava_qwen": "it is LLaVA's own format; take its twin at llava-hf "
    "(llava-hf/llava-onevision-qwen2-7b-ov-hf)",
    **dict.fromkeys(
        ("mplug_owl2", "mplugowl3"),
        "its code is not part of transformers; serve it with its authors' code and give --model "
        "server:http://..., or take Qwen/Qwen2.5-VL-7B-Instruct, which reads several pictures too",
    ),
    "qwen": "Qwen-VL's code is not part of transformers; take Qwen/Qwen2.5-VL-7B-Instruct",
    "instructblipvideo": "take the InstructBLIP that it was made of "
    "(Salesforce/instructblip-vicuna-7b), whose frames are joined in the same way here",
    "paligemma": "it knows tasks and no chat; take a Gemma 3 (google/gemma-3-4b-it)",
    "florence2": "it knows tasks and no questions; take SmolVLM2 "
    "(HuggingFaceTB/SmolVLM2-500M-Video-Instruct), which is as small",
}
"""``model_type`` -> what to use instead of what cannot be asked here."""


def detect(source: str) -> CheckpointKind:
    """The row for a directory or hub id. Raises ModelError: nothing there, or no row matches."""
    checkpoint = open_checkpoint(source)
    if checkpoint.kind in INSTEAD:
        raise ModelError(f"{source} is a {checkpoint.kind}: {INSTEAD[checkpoint.kind]}")
    for kind in KINDS:
        if kind.matches(checkpoint):
            return kind
    named = checkpoint.config.get("model_type") or checkpoint.config.get("family")
    raise ModelError(
        f"{source} has model_type {named!r}; there are adapters for "
        f"{', '.join(k.name for k in KINDS)} (chat: whatever AutoModelForImageTextToText knows)"
    )


def open_checkpoint(source: str) -> Checkpoint:
    """What lies in a directory or at a hub id. Raises ModelError: no checkpoint there."""
    folder = Path(source)
    if not folder.is_absolute():
        return Checkpoint(source, read_json(config_file(source)), None)
    for name in (PARTS_FILE, "config.json"):
        if (folder / name).exists():
            return Checkpoint(source, read_json(folder / name), folder)
    if any(folder.glob("*.pth")):
        return Checkpoint(source, {}, folder)
    raise ModelError(
        f"{source} is no checkpoint in the Hugging Face format: config.json is missing there "
        f"(nor is there a {PARTS_FILE}, which names the parts of MiniGPT-4 and Ziya)"
    )


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises ModelError: it holds none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe would wait for ever
            raise ModelError(f"{path} is no file but a pipe, a socket or a device")
        if path.stat().st_size > LARGEST:
            raise ModelError(f"{path} has more than {LARGEST >> 20} MiB, too much for settings")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is no valid JSON: {error}") from error
    except RecursionError:
        raise ModelError(f"{path} is no valid JSON: too many levels") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path} holds {type(found).__name__}, not a JSON object")
    return found

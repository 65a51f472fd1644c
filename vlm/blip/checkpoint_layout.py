"""Where the parts of a checkpoint lie, and how large they are: one function for each layout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    Blip2QFormerConfig,
    Blip2VisionConfig,
    InstructBlipQFormerConfig,
    PretrainedConfig,
)

import vlm.blip.keymaps as keymaps
from vlm.detect import PARTS_FILE, read_json
from vlm.errors import ModelError
from vlm.hub import settings_files
from vlm.loading import WeightSet, find_weights, shapes
from vlm.mplug_owl import AbstractorConfig, VisionConfig

VIT_HEADS, QFORMER_HEADS = 16, 12
"""Of EVA-ViT-g and BERT-base: the one thing that the shapes of weights do not tell."""


@dataclass(frozen=True)
class CheckpointLayout:
    """Everything that has to be known before a model of the family is built."""

    vision: Blip2VisionConfig | VisionConfig
    qformer: PretrainedConfig | AbstractorConfig
    """Of the Q-Former, or of the abstractor in its place."""
    queries: int
    """Its queries per frame."""
    text: PretrainedConfig
    """Config of the language model."""
    weights: tuple[WeightSet, ...]
    tokenizer: Path
    """Directory of the language model's tokenizer."""
    settings: Path
    """Directory that may have a generation_config.json and settings of the image processor."""

    @property
    def files(self) -> list[Path]:
        """Every file that changes what the model answers."""
        weights = [file for part in self.weights for file in part.files]
        small = [*settings_files(self.settings), *settings_files(self.tokenizer)]
        return [*weights, *small]


def hugging_face(folder: Path) -> CheckpointLayout:
    """BLIP-2 and InstructBLIP as on the hub: config.json names every size."""
    config = read_json(folder / "config.json")
    reader = InstructBlipQFormerConfig if _reads_text(config) else Blip2QFormerConfig
    return CheckpointLayout(
        vision=Blip2VisionConfig(**_own(config["vision_config"])),
        qformer=reader(**_own(config["qformer_config"])),
        queries=config["num_query_tokens"],
        text=_text_config(config["text_config"]),
        weights=(WeightSet(find_weights(folder), keymaps.HUGGING_FACE),),
        tokenizer=folder,
        settings=folder,
    )


def visualglm(folder: Path) -> CheckpointLayout:
    """VisualGLM-6B as on the hub: SwissArmyTransformer's sizes, ChatGLM's config."""
    from vlm.chatglm import ChatGLMConfig

    config = read_json(folder / "config.json")
    eva, reader = config["eva_config"], config["qformer_config"]
    vision = Blip2VisionConfig(
        hidden_size=eva["hidden_size"],
        intermediate_size=eva["inner_hidden_size"],
        num_hidden_layers=eva["num_layers"],
        num_attention_heads=eva["num_attention_heads"],
        image_size=eva["image_size"][0],
        patch_size=eva["patch_size"],
        layer_norm_eps=eva["layernorm_epsilon"],
    )
    qformer = Blip2QFormerConfig(
        hidden_size=reader["hidden_size"],
        num_hidden_layers=reader["num_layers"],
        num_attention_heads=reader["num_attention_heads"],
        intermediate_size=reader.get("inner_hidden_size") or 4 * reader["hidden_size"],
        encoder_hidden_size=reader["cross_attn_hidden_size"],
        cross_attention_frequency=2,
        layer_norm_eps=reader["layernorm_epsilon"],
    )
    seen = ("eva_config", "qformer_config", "auto_map", "architectures", "torch_dtype", "dtype")
    text = ChatGLMConfig(**{k: v for k, v in _own(config).items() if k not in seen})
    keymap = keymaps.visualglm(reader["num_layers"])
    return CheckpointLayout(
        vision,
        qformer,
        config.get("image_length", 32),
        text,
        (WeightSet(find_weights(folder), keymap),),
        folder,
        folder,
    )


def minigpt4(folder: Path) -> CheckpointLayout:
    """MiniGPT-4: EVA-ViT-g, BLIP-2's Q-Former, a projection and Vicuna v0, each a file or directory
    of its own in one directory (docs/models.md has the names)."""
    projection = part(folder, "projection", "*minigpt4*.pth")
    language_model = part(folder, "language_model", "*vicuna*")
    visual = part(folder, "visual", "blip2-*", required=False)
    if visual is not None:
        sets = [WeightSet(find_weights(visual), keymaps.VISUAL_PART)]
    else:
        eva = part(folder, "vision", "eva_vit_g.pth")
        reader = part(folder, "qformer", "blip2_pretrained*.pth")
        sets = [
            WeightSet((eva,), keymaps.LAVIS, "model"),
            WeightSet((reader,), keymaps.LAVIS, "model"),
        ]
    sizes = shapes(sets)
    if visual is not None:
        config = read_json(visual / "config.json")
        vision = Blip2VisionConfig(**_own(config["vision_config"]))
        qformer: PretrainedConfig = Blip2QFormerConfig(**_own(config["qformer_config"]))
    else:
        vision, qformer = measured(sizes)
    return CheckpointLayout(
        vision,
        qformer,
        sizes["query_tokens"][1],
        _text_config_of(language_model),
        (
            *sets,
            WeightSet((projection,), keymaps.MINIGPT4_PROJECTION, "model"),
            WeightSet(find_weights(language_model), keymaps.LANGUAGE_MODEL),
        ),
        language_model,
        language_model,
    )


def ziya(folder: Path) -> CheckpointLayout:
    """Ziya-BLIP2: the published visual part (BLIP-2 in the Hugging Face format) and, in a directory
    of its own, Ziya-LLaMA-13B. Experimental: the key names of the visual part are unverified."""
    visual = part(folder, "visual", ".")
    language_model = part(folder, "language_model", "*[Ll][Ll]a[Mm][Aa]*")
    config = read_json(visual / "config.json")
    own = (WeightSet(find_weights(visual), keymaps.HUGGING_FACE),)
    return CheckpointLayout(
        Blip2VisionConfig(**_own(config["vision_config"])),
        Blip2QFormerConfig(**_own(config["qformer_config"])),
        config.get("num_query_tokens", 32),
        _text_config_of(language_model),
        (*own, WeightSet(find_weights(language_model), keymaps.LANGUAGE_MODEL)),
        language_model,
        language_model,
    )


def mplug_owl(folder: Path) -> CheckpointLayout:
    """mPLUG-Owl 7B as on the hub: names and sizes as published."""
    config = read_json(folder / "config.json")
    text = _text_config(config["text_config"])
    weights = WeightSet(find_weights(folder), keymaps.MPLUG_OWL)
    if text.model_type != "llama":
        raise ModelError(f"{folder} is mPLUG-Owl over {text.model_type}; {_OWL_INSTEAD}")
    if any(".temporal." in name for name in shapes([weights])):
        raise ModelError(f"{folder} is mPLUG-Owl with layers for video; {_OWL_INSTEAD}")
    return CheckpointLayout(
        VisionConfig.read(config["vision_config"]),
        AbstractorConfig.read(config["visual_abstractor_config"]),
        config["num_query_tokens"],
        text,
        (weights,),
        folder,
        folder,
    )


_OWL_INSTEAD = (
    "take the one over Llama for pictures (MAGAer13/mplug-owl-llama-7b), which reads several frames"
)

PLANS: dict[str, Callable[[Path], CheckpointLayout]] = {
    "hugging_face": hugging_face,
    "visualglm": visualglm,
    "minigpt4": minigpt4,
    "ziya": ziya,
    "mplug_owl": mplug_owl,
}


def plan(kind: str, folder: Path) -> CheckpointLayout:
    """The plan of a checkpoint. Raises ModelError: a part or an entry of its config is missing."""
    try:
        return PLANS[kind](folder)
    except KeyError as error:
        raise ModelError(f"{folder}: the config or the weights lack {error}") from error
    except (TypeError, ValueError, OSError) as error:
        if isinstance(error, ModelError):
            raise
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"{folder}: the config makes no model: {first}") from error


def part(folder: Path, name: str, usual: str, required: bool = True) -> Any:
    """A part's path: as memeprobe.json names it, else the one that has the usual name.

    Raises ModelError: it is not there, or several have the usual name.
    """
    listed = folder / PARTS_FILE
    named = read_json(listed).get(name) if listed.is_file() else None
    found = [folder / named] if named else sorted(folder.glob(usual)) if usual != "." else [folder]
    found = [path for path in found if path.exists()]
    if len(found) == 1:
        return found[0]
    if not found and not named and not required:
        return None
    what = (
        f"{folder / named} is missing"
        if named
        else (f"{folder} has {len(found) or 'nothing'} named {usual}")
    )
    raise ModelError(f"{what}; the part {name!r} of the model goes there, or {listed} names it")


def measured(sizes: Mapping[str, torch.Size]) -> tuple[Blip2VisionConfig, Blip2QFormerConfig]:
    """Configs of vision tower and Q-Former from the shapes of their weights."""
    _, tokens, width = sizes["vision_model.embeddings.position_embedding"]
    patch = sizes["vision_model.embeddings.patch_embedding.weight"][-1]
    read = "qformer.encoder.layer.0"
    vision = Blip2VisionConfig(
        hidden_size=width,
        intermediate_size=sizes["vision_model.encoder.layers.0.mlp.fc1.bias"][0],
        num_hidden_layers=_layers(sizes, "vision_model.encoder.layers."),
        patch_size=patch,
        num_attention_heads=VIT_HEADS,
        image_size=patch * round((tokens - 1) ** 0.5),
    )
    qformer = Blip2QFormerConfig(
        hidden_size=sizes["query_tokens"][-1],
        num_attention_heads=QFORMER_HEADS,
        num_hidden_layers=_layers(sizes, "qformer.encoder.layer."),
        encoder_hidden_size=width,
        intermediate_size=sizes[f"{read}.intermediate_query.dense.bias"][0],
    )
    return vision, qformer


def _layers(sizes: Mapping[str, torch.Size], prefix: str) -> int:
    numbers = [n.removeprefix(prefix).split(".")[0] for n in sizes if n.startswith(prefix)]
    return max(map(int, numbers)) + 1


def _reads_text(config: Mapping[str, Any]) -> bool:
    return config.get("model_type") == "instructblip"


def _own(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config's own entries: without what names the class that is to read it."""
    return {k: v for k, v in config.items() if k not in ("model_type", "transformers_version")}


def _text_config(values: Mapping[str, Any]) -> PretrainedConfig:
    return AutoConfig.for_model(values["model_type"], **_own(values))


def _text_config_of(folder: Path) -> PretrainedConfig:
    return _text_config(read_json(folder / "config.json"))

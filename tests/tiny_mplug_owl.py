"""A small mPLUG-Owl 7B in its published layout: names, shards, precisions and settings.

As ``tests.tiny_family``: the names are written down from the original.
"""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.tiny_family import State, write_shards
from tests.tiny_minigpt4 import sentencepiece_llama
from tests.tiny_weights import noise
from vlm.loading import without_memory

QUERIES = 64
"""Fixed in the published processor, which leaves 65 places for a picture."""
VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 28,
    "patch_size": 14,
    "layer_norm_eps": 1e-6,
}
READER = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "encoder_hidden_size": 32,
    "layer_norm_eps": 1e-6,
}
FULL_VISION = VISION | {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 224,
}
FULL_READER = READER | {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 6,
    "num_attention_heads": 16,
    "encoder_hidden_size": 1024,
}
"""The published sizes."""
TEXT: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-6,
}
IDS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
SPELLED_OUT = {
    "_name_or_path": "",
    "add_cross_attention": False,
    "architectures": None,
    "bad_words_ids": None,
    "chunk_size_feed_forward": 0,
    "do_sample": False,
    "id2label": {"0": "LABEL_0", "1": "LABEL_1"},
    "is_decoder": False,
    "is_encoder_decoder": False,
    "length_penalty": 1.0,
    "max_length": 20,
    "num_beams": 1,
    "pruned_heads": {},
    "return_dict": True,
    "tie_word_embeddings": False,
    "torch_dtype": None,
    "torchscript": False,
    "transformers_version": "4.28.1",
    "use_bfloat16": False,
}
"""Entries that transformers 4.28 writes into every part of a config."""


def outlines(vision: dict[str, Any], reader: dict[str, Any], text: dict[str, Any]) -> State:
    """Every published weight but the queries' width follows from the sizes; without memory."""
    shapes: dict[str, tuple[int, ...]] = {}

    def linear(name: str, inputs: int, outputs: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs), (outputs,)

    def norm(name: str, width: int) -> None:
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (width,)

    wide, inner, patch = vision["hidden_size"], vision["intermediate_size"], vision["patch_size"]
    at = "vision_model.embeddings"
    shapes[f"{at}.cls_token"] = (1, 1, wide)
    shapes[f"{at}.position_embedding"] = (1, (vision["image_size"] // patch) ** 2 + 1, wide)
    shapes[f"{at}.patch_embed.weight"] = (wide, 3, patch, patch)
    norm(f"{at}.pre_layernorm", wide)
    for i in range(vision["num_hidden_layers"]):
        at = f"vision_model.encoder.layers.{i}"
        linear(f"{at}.self_attn.query_key_value", wide, 3 * wide)
        linear(f"{at}.self_attn.dense", wide, wide)
        linear(f"{at}.mlp.fc1", wide, inner)
        linear(f"{at}.mlp.fc2", inner, wide)
        norm(f"{at}.input_layernorm", wide)
        norm(f"{at}.post_attention_layernorm", wide)
    norm("vision_model.post_layernorm", wide)
    own, inner = reader["hidden_size"], reader["intermediate_size"]
    shapes["query_tokens"] = (1, QUERIES, own)
    for i in range(reader["num_hidden_layers"]):
        at = f"abstractor.encoder.layers.{i}.crossattention"
        linear(f"{at}.attention.query", own, own)
        linear(f"{at}.attention.key", wide, own)
        linear(f"{at}.attention.value", wide, own)
        linear(f"{at}.output.out_proj", own, own)
        linear(f"{at}.output.mlp.w1", own, inner)
        linear(f"{at}.output.mlp.w2", inner, own)
        linear(f"{at}.output.mlp.w3", own, inner)
        norm(f"{at}.output.mlp.ffn_ln", inner)
        for name in ("output.norm2", "norm1", "normk"):
            norm(f"{at}.{name}", own)
    linear("abstractor.visual_fc", own, text["hidden_size"])
    shapes["abstractor.vit_eos"] = (1, 1, text["hidden_size"])
    with without_memory():
        lm = LlamaForCausalLM(LlamaConfig(**text)).state_dict()
    state = {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}
    return state | {f"language_model.{name}": tensor for name, tensor in lm.items()}


def weights(name: str, shape: torch.Size) -> torch.Tensor:
    """Weights from a formula, large enough for clear choices; norms lie around 1."""
    made = noise(name, shape.numel()).view(shape)
    if len(shape) > 1:
        return made * 2.5 / shape[-1] ** 0.5
    return 1 + 0.3 * made if name.endswith("weight") else 0.2 * made


def make_mplug_owl(folder: Path) -> Path:
    """mPLUG-Owl 7B as on the hub: bfloat16 in two .bin shards, rotary frequencies among them."""
    folder.mkdir(parents=True, exist_ok=True)
    text = {**TEXT, **IDS, "vocab_size": sentencepiece_llama(folder)}
    state = {
        name: weights(name, outline.shape).bfloat16()
        for name, outline in outlines(VISION, READER, text).items()
    }
    for i in range(TEXT["num_hidden_layers"]):
        at = f"language_model.model.layers.{i}.self_attn.rotary_emb.inv_freq"
        state[at] = torch.rand(8)
    write_shards(folder, state, 2)
    write_settings(folder, VISION, READER, text)
    return folder


def write_settings(
    folder: Path, vision: dict[str, Any], reader: dict[str, Any], text: dict[str, Any]
) -> None:
    """The small files beside the weights, as published."""
    config = {
        "architectures": ["MplugOwlForConditionalGeneration"],
        "initializer_factor": 1.0,
        "is_encoder_decoder": False,
        "model_type": "mplug-owl",
        "num_query_tokens": QUERIES,
        "text_config": {**SPELLED_OUT, **text, "model_type": "llama", "hidden_act": "silu"},
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "transformers_version": None,
        "use_decoder_only_language_model": True,
        "vision_config": {
            **SPELLED_OUT,
            **vision,
            "hidden_act": "quick_gelu",
            "model_type": "mplug_owl_vision_model",
            "projection_dim": 768,
            "use_flash_attn": False,
        },
        "visual_abstractor_config": {
            **SPELLED_OUT,
            **reader,
            "attention_probs_dropout_prob": 0.1,
            "model_type": "mplug_owl_visual_abstract",
        },
    }
    pictures = {
        "crop_size": vision["image_size"],
        "do_center_crop": True,
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "size": vision["image_size"],
    }
    sampled = {"do_sample": True, "top_k": 3, "max_length": 512, "unk_token_id": 0}
    for name, entries in (
        ("config", config),
        ("preprocessor_config", pictures),
        ("generation_config", sampled | IDS),
    ):
        (folder / f"{name}.json").write_text(json.dumps(entries))

"""Small chat checkpoints of the newest families: mixtures of experts, recurrent layers, slices."""

import json
from typing import Any

import torch
import transformers as hf

from tests.tiny_chat_parts import EYE, SIGHT, TEXT, Made, Words, ids, qwen_vl

RECURRENT: dict[str, Any] = {
    "head_dim": 16,
    "layer_types": ["linear_attention", "full_attention"],
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
}
MROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}


def aria(words: Words) -> Made:
    """Experts, and a processor that makes 980 pixels of every picture."""
    tok = words(["<image>"])
    text = hf.AriaTextConfig(
        vocab_size=len(tok), **TEXT, **ids(tok), moe_num_experts=4, moe_num_shared_experts=1
    )
    sight = {**SIGHT, "image_size": 980, "patch_size": 70, "model_type": "idefics3_vision"}
    config = hf.AriaConfig(
        vision_config=sight,
        text_config=text,
        image_token_index=4,
        projector_patch_to_query_dict={196: 4, 49: 2},
    )
    net = hf.AriaForConditionalGeneration(config)
    # They start at zero, which would make every picture alike.
    torch.nn.init.normal_(net.model.multi_modal_projector.query, std=0.2)
    eye = hf.AriaImageProcessorPil(**EYE)
    settings = {"size_conversion": {"980": 4, "490": 2}}
    return Made(net, "AriaProcessor", eye, tok, "<image>", settings, {"image_token": "<image>"})


def qwen3_5(words: Words) -> Made:
    """Every second layer is recurrent: its state cannot be cut back to the prompt."""
    text = {
        **RECURRENT,
        "rope_parameters": {**MROPE, "mrope_section": [1, 1, 2], "partial_rotary_factor": 0.5},
    }
    return qwen_vl(words, "Qwen3_5", text, {"num_position_embeddings": 16}, "Qwen3VLProcessor")


def qwen3_vl_moe(words: Words) -> Made:
    """Qwen3-VL with experts."""
    text = {
        "head_dim": 16,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 32,
        "rope_parameters": MROPE,
    }
    sight = {"num_position_embeddings": 16, "deepstack_visual_indexes": [0, 1]}
    return qwen_vl(words, "Qwen3VLMoe", text, sight, "Qwen3VLProcessor")


def minicpmv4_6(words: Words) -> Made:
    """A picture with its number, and slices of it; recurrent layers behind."""
    signs = {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "image_start_token": "<im_start>",
        "image_end_token": "<im_end>",
        "slice_start_token": "<slice>",
        "slice_end_token": "</slice>",
        "image_id_start_token": "<image_id>",
        "image_id_end_token": "</image_id>",
    }
    tok = words(list(signs.values()))
    text = {
        **TEXT,
        "model_type": "qwen3_5_text",
        "vocab_size": len(tok),
        **ids(tok),
        **RECURRENT,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    }
    config = hf.MiniCPMV4_6Config(
        vision_config={**SIGHT, "image_size": 56},
        text_config=text,
        image_token_id=4,
        video_token_id=5,
        insert_layer_id=0,
        image_size=56,
    )
    eye = hf.MiniCPMV4_6ImageProcessorPil(scale_resolution=56, max_slice_nums=4, **EYE)
    net = hf.MiniCPMV4_6ForConditionalGeneration(config)
    return Made(net, "MiniCPMV4_6Processor", eye, tok, "<|image_pad|>", {}, signs)


def gemma4(words: Words) -> Made:
    """Keys and values shared between layers, embeddings for each layer, any shape of picture."""
    signs = {
        "image_token": "<|image|>",
        "boi_token": "<|image>",
        "eoi_token": "<image|>",
        "audio_token": "<|audio|>",
        "boa_token": "<|audio>",
        "eoa_token": "<audio|>",
    }
    tok = words([*signs.values(), "<|video|>"])
    text = {
        **TEXT,
        "vocab_size": len(tok),
        **ids(tok),
        "head_dim": 16,
        "global_head_dim": 16,
        "layer_types": ["sliding_attention", "full_attention"],
        "sliding_window": 8,
        "hidden_size_per_layer_input": 8,
        "vocab_size_per_layer_input": len(tok),
        "tie_word_embeddings": True,
    }
    sight = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "patch_size": 4,
        "pooling_kernel_size": 2,
        "position_embedding_size": 200,
        "initializer_range": 0.2,
    }
    config = hf.Gemma4Config(
        text_config=text,
        vision_config=sight,
        audio_config=None,
        image_token_id=4,
        boi_token_id=5,
        eoi_token_id=6,
        audio_token_id=7,
        boa_token_id=8,
        eoa_token_index=9,
        video_token_id=10,
    )
    eye = hf.Gemma4ImageProcessorPil(patch_size=4, pooling_kernel_size=2, max_soft_tokens=70)
    net = hf.Gemma4ForConditionalGeneration(config)
    ear = hf.Gemma4AudioFeatureExtractor()
    settings = {"image_seq_length": 70, "feature_extractor": json.loads(ear.to_json_string())}
    return Made(net, "Gemma4Processor", eye, tok, "<|image|>", settings, signs)


def video_llama_3(words: Words) -> Made:
    """Patches as Qwen-VL's, a SigLIP before them."""
    tok = words(["<image>", "<|video_pad|>"])
    text = {"model_type": "qwen2", "vocab_size": len(tok), **TEXT, **ids(tok)}
    config = hf.VideoLlama3Config(
        vision_config={n: v for n, v in SIGHT.items() if n != "image_size"},
        text_config=text,
        image_token_id=4,
        video_token_id=5,
    )
    size = {"shortest_edge": 28 * 28, "longest_edge": 28 * 28 * 4}
    eye = hf.VideoLlama3ImageProcessorPil(size=size, patch_size=14, merge_size=2)
    net = hf.VideoLlama3ForConditionalGeneration(config)
    signs = {"image_token": "<image>", "video_token": "<|video_pad|>"}
    return Made(net, "VideoLlama3Processor", eye, tok, "<image>", {}, signs)

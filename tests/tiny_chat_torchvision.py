"""Small chat checkpoints of families whose processors need torchvision, which memeprobe does not:
each is a row of ``tests.tiny_chat.FAMILIES`` where torchvision is installed."""

from typing import Any

import transformers as hf

from tests.tiny_chat_parts import EYE, SIGHT, TEXT, Made, Words, ids

SQUARE = {"height": 28, "width": 28}


def pixtral(words: Words) -> Made:
    """Pixtral in LLaVA's class: rows of patches, each with a sign at its end. (It can be made
    without torchvision, but not loaded.)"""
    tok = words(["[IMG]", "[IMG_BREAK]", "[IMG_END]"])
    text = hf.MistralConfig(vocab_size=len(tok), **TEXT, **ids(tok), head_dim=16)
    config = hf.LlavaConfig(
        vision_config=hf.PixtralVisionConfig(**{**SIGHT, "image_size": 56}),
        text_config=text,
        image_token_index=4,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    )
    net = hf.LlavaForConditionalGeneration(config)
    eye = hf.PixtralImageProcessorPil(
        size={"longest_edge": 56}, patch_size={"height": 14, "width": 14}
    )
    return Made(net, "PixtralProcessor", eye, tok, "[IMG]", {"patch_size": 14})


def mistral3(words: Words) -> Made:
    """Pixtral's tower, four patches merged into one token."""
    tok = words(["[IMG]", "[IMG_BREAK]", "[IMG_END]"])
    text = hf.MistralConfig(vocab_size=len(tok), **TEXT, **ids(tok), head_dim=16)
    config = hf.Mistral3Config(
        vision_config=hf.PixtralVisionConfig(**{**SIGHT, "image_size": 112}),
        text_config=text,
        image_token_index=4,
        tie_word_embeddings=False,
    )
    net = hf.Mistral3ForConditionalGeneration(config)
    eye = hf.PixtralImageProcessorPil(
        size={"longest_edge": 112}, patch_size={"height": 14, "width": 14}
    )
    settings = {"patch_size": 14, "spatial_merge_size": 2}
    return Made(net, "PixtralProcessor", eye, tok, "[IMG]", settings)


def llama4(words: Words) -> Made:
    """Experts, chunked attention, tiles between marks of their own."""
    names = ["<|image|>", "<|image_start|>", "<|image_end|>", "<|patch|>"]
    tok = words([*names, "<|tile_x_separator|>", "<|tile_y_separator|>"])
    text = {
        **TEXT,
        "vocab_size": len(tok),
        **ids(tok),
        "head_dim": 16,
        "intermediate_size_mlp": 64,
        "num_local_experts": 2,
        "attention_chunk_size": 64,
    }
    sight = {
        "hidden_size": 32,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "vision_output_dim": 32,
        "image_size": 28,
        "patch_size": 14,
        "projector_input_dim": 32,
        "projector_output_dim": 32,
    }
    config = hf.Llama4Config(
        text_config=text,
        vision_config=sight,
        image_token_index=7,
        boi_token_index=5,
        eoi_token_index=6,
    )
    net = hf.Llama4ForConditionalGeneration(config)
    eye = hf.Llama4ImageProcessor(size=SQUARE, max_patches=4, **EYE)
    settings = {"patch_size": 14}
    return Made(net, "Llama4Processor", eye, tok, "<|image|>", settings)


def cohere2_vision(words: Words) -> Made:
    """Command A Vision: tiles, four patches of each merged into one token."""
    signs = {
        "image_token": "<|IMG_PATCH|>",
        "boi_token": "<|START_OF_IMG|>",
        "eoi_token": "<|END_OF_IMG|>",
        "img_line_break_token": "<|IMG_LINE_BREAK|>",
    }
    tok = words(list(signs.values()))
    text = hf.Cohere2Config(
        vocab_size=len(tok),
        **TEXT,
        **ids(tok),
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
        logit_scale=1.0,
    )
    config = hf.Cohere2VisionConfig(
        vision_config=hf.SiglipVisionConfig(**SIGHT, vision_use_head=False),
        text_config=text,
        image_token_id=4,
        alignment_intermediate_size=64,
        tie_word_embeddings=False,
    )
    net = hf.Cohere2VisionForConditionalGeneration(config)
    sizes: dict[str, Any] = {"size": SQUARE, "max_patches": 4, "patch_size": 1}
    eye = hf.Cohere2VisionImageProcessor(**sizes, **EYE)
    return Made(net, "Cohere2VisionProcessor", eye, tok, "<|IMG_PATCH|>", {}, signs)


def lfm2_vl(words: Words) -> Made:
    """Convolutions among its layers, and pictures of any shape."""
    tok = words(
        [
            "<image>",
            "<|image_start|>",
            "<|image_end|>",
            "<|img_thumbnail|>",
            *(f"<|img_row_{r}_col_{c}|>" for r in (1, 2) for c in (1, 2)),
        ]
    )
    text = {
        "model_type": "lfm2",
        "vocab_size": len(tok),
        **TEXT,
        **ids(tok),
        "layer_types": ["conv", "full_attention"],
        "block_auto_adjust_ff_dim": False,
        "block_ff_dim": 64,
    }
    sight = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "patch_size": 14,
        "num_patches": 16,
        "initializer_range": 0.2,
        "model_type": "siglip2_vision_model",
    }
    config = hf.Lfm2VlConfig(
        vision_config=sight,
        text_config=text,
        image_token_id=4,
        projector_hidden_size=32,
        tie_word_embeddings=False,
    )
    net = hf.Lfm2VlForConditionalGeneration(config)
    sizes: dict[str, Any] = {
        "encoder_patch_size": 14,
        "tile_size": 56,
        "min_tiles": 2,
        "max_tiles": 4,
        "min_image_tokens": 1,
        "max_image_tokens": 4,
        "max_num_patches": 16,
    }
    eye = hf.Lfm2VlImageProcessor(**sizes, **EYE)
    return Made(net, "Lfm2VlProcessor", eye, tok, "<image>")


def kimi_k25(words: Words) -> Made:
    """Kimi K2.5: experts behind compressed keys and values."""
    signs = {"image_token": "<|media_pad|>", "video_token": "<|video|>"}
    tok = words(["<|media_pad|>", "<|video|>", "<|media_begin|>", "<|media_end|>"])
    text = {
        **TEXT,
        "model_type": "deepseek_v3",
        "vocab_size": len(tok),
        **ids(tok),
        "n_routed_experts": 4,
        "n_group": 1,
        "topk_group": 1,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 32,
        "first_k_dense_replace": 1,
        "q_lora_rank": 16,
        "kv_lora_rank": 16,
        "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 8,
        "v_head_dim": 16,
    }
    sight = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "patch_size": 14,
        "pos_emb_height": 8,
        "pos_emb_width": 8,
    }
    config = hf.Kimi_K25Config(
        text_config=text,
        vision_config=sight,
        image_token_id=4,
        video_token_id=5,
        vision_start_token_id=6,
        vision_end_token_id=7,
        projection_hidden_size=32,
        tie_word_embeddings=False,
    )
    net = hf.Kimi_K25ForConditionalGeneration(config)
    eye = hf.Kimi_K25ImageProcessor(patch_size=14, merge_size=2)
    return Made(
        net, "Kimi_K25Processor", eye, tok, "<|media_begin|><|media_pad|><|media_end|>", {}, signs
    )

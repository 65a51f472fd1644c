"""More small chat checkpoints: sliding windows, pictures in tiles of any shape, a deep stack."""

import torch
import transformers as hf

from tests.tiny_chat_parts import EYE, SIGHT, TEXT, Made, Words, ids


def gemma3(words: Words) -> Made:
    """Every second layer looks back over eight tokens only."""
    tok = words(["<image_soft_token>", "<start_of_image>", "<end_of_image>"])
    text = hf.Gemma3TextConfig(
        vocab_size=len(tok),
        **TEXT,
        **ids(tok),
        head_dim=16,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
    )
    config = hf.Gemma3Config(
        text_config=text,
        vision_config=SIGHT,
        mm_tokens_per_image=4,
        image_token_index=4,
        boi_token_index=5,
        eoi_token_index=6,
    )
    eye = hf.Gemma3ImageProcessorPil(size={"height": 28, "width": 28}, **EYE)
    net = hf.Gemma3ForConditionalGeneration(config)
    # It starts at zero, which would make every picture alike.
    torch.nn.init.normal_(net.model.multi_modal_projector.mm_input_projection_weight, std=0.2)
    return Made(
        net, "Gemma3Processor", eye, tok, "<start_of_image>", {"image_seq_length": 4}, GEMMA
    )


GEMMA = {
    "image_token": "<image_soft_token>",
    "boi_token": "<start_of_image>",
    "eoi_token": "<end_of_image>",
}


def llava_next(words: Words) -> Made:
    tok = words(["<image>"])
    text = hf.LlamaConfig(vocab_size=len(tok), **TEXT, **ids(tok))
    pinpoints = [[28, 56], [56, 28], [56, 56]]
    config = hf.LlavaNextConfig(
        vision_config=hf.CLIPVisionConfig(**SIGHT),
        text_config=text,
        image_token_index=4,
        vision_feature_layer=-1,
        image_grid_pinpoints=pinpoints,
    )
    eye = hf.LlavaNextImageProcessorPil(
        size={"shortest_edge": 28},
        crop_size={"height": 28, "width": 28},
        image_grid_pinpoints=pinpoints,
        **EYE,
    )
    settings = {
        "patch_size": 14,
        "vision_feature_select_strategy": "default",
        "image_token": "<image>",
        "num_additional_image_tokens": 1,
    }
    net = hf.LlavaNextForConditionalGeneration(config)
    return Made(net, "LlavaNextProcessor", eye, tok, "<image>", settings)


def qwen3_vl(words: Words) -> Made:
    """The tower's inner layers are put into the language model's first ones."""
    tok = words(["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"])
    text = {
        **TEXT,
        "vocab_size": len(tok),
        **ids(tok),
        "head_dim": 16,
        "max_position_embeddings": 2048,
        "rope_scaling": {"rope_type": "default", "mrope_section": [2, 3, 3]},
    }
    sight = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": 32,
        "patch_size": 14,
        "spatial_merge_size": 2,
        "num_position_embeddings": 16,
        "deepstack_visual_indexes": [0, 1],
        "initializer_range": 0.2,
    }
    config = hf.Qwen3VLConfig(
        text_config=text,
        vision_config=sight,
        image_token_id=4,
        video_token_id=5,
        vision_start_token_id=6,
        vision_end_token_id=7,
    )
    eye = hf.Qwen2VLImageProcessorPil(
        size={"shortest_edge": 28 * 28, "longest_edge": 28 * 28 * 4}, patch_size=14, merge_size=2
    )
    net = hf.Qwen3VLForConditionalGeneration(config)
    image = "<|vision_start|><|image_pad|><|vision_end|>"
    return Made(net, "Qwen3VLProcessor", eye, tok, image)

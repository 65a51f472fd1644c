"""More small chat checkpoints: sliding windows, pictures in tiles of any shape, a deep stack."""

import torch
import transformers as hf

from tests.tiny_chat_parts import CLIP_EYE, EYE, LLAVA, SIGHT, TEXT, Made, Words, ids, qwen_vl


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
    eye = hf.LlavaNextImageProcessorPil(image_grid_pinpoints=pinpoints, **CLIP_EYE)
    net = hf.LlavaNextForConditionalGeneration(config)
    return Made(net, "LlavaNextProcessor", eye, tok, "<image>", LLAVA)


def llava_onevision(words: Words) -> Made:
    """Takes videos, whose frames it pools."""
    tok = words(["<image>", "<video>"])
    text = hf.Qwen2Config(vocab_size=len(tok), **TEXT, **ids(tok))
    pinpoints = [[28, 28], [28, 56], [56, 28], [56, 56]]
    config = hf.LlavaOnevisionConfig(
        vision_config=hf.SiglipVisionConfig(**SIGHT),
        text_config=text,
        image_token_index=4,
        video_token_index=5,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        image_grid_pinpoints=pinpoints,
    )
    eye = hf.LlavaOnevisionImageProcessorPil(
        size={"height": 28, "width": 28}, image_grid_pinpoints=pinpoints, **EYE
    )
    net = hf.LlavaOnevisionForConditionalGeneration(config)
    settings = {"num_image_tokens": 4, "vision_feature_select_strategy": "full"}
    return Made(net, "LlavaOnevisionProcessor", eye, tok, "<image>", settings)


def qwen3_vl(words: Words) -> Made:
    """The tower's inner layers are put into the language model's first ones."""
    text = {
        "head_dim": 16,
        "rope_scaling": {"rope_type": "default", "mrope_section": [2, 3, 3]},
    }
    sight = {"num_position_embeddings": 16, "deepstack_visual_indexes": [0, 1]}
    return qwen_vl(words, "Qwen3VL", text, sight)

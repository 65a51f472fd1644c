"""Small chat checkpoints of further families: each one row of ``tests.tiny_chat.FAMILIES``."""

from typing import Any

import torch
import transformers as hf

from tests.tiny_chat_parts import CLIP_EYE, EYE, LLAVA, SIGHT, TEXT, TURN, Made, Words, ids, qwen_vl

SQUARE = {"height": 28, "width": 28}
SIGLIP = hf.SiglipVisionConfig
MROPE = {"rope_type": "default", "mrope_section": [2, 3, 3]}


def _llama(tok: Any) -> Any:
    return hf.LlamaConfig(vocab_size=len(tok), **TEXT, **ids(tok))


def qwen2_vl(words: Words) -> Made:
    """Absolute positions in its tower, and no windows."""
    sight = {"embed_dim": 32, "hidden_size": 32, "mlp_ratio": 2}
    return qwen_vl(words, "Qwen2VL", {"rope_scaling": {"type": "mrope", **MROPE}}, sight)


def vipllava(words: Words) -> Made:
    """Several layers of its tower side by side."""
    tok = words(["<image>"])
    config = hf.VipLlavaConfig(
        vision_config=hf.CLIPVisionConfig(**SIGHT),
        text_config=_llama(tok),
        image_token_index=4,
        vision_feature_layer=[-1, -2],
        image_seq_length=4,
    )
    eye = hf.CLIPImageProcessorPil(**CLIP_EYE)
    net = hf.VipLlavaForConditionalGeneration(config)
    return Made(net, "LlavaProcessor", eye, tok, "<image>", LLAVA)


def idefics2(words: Words) -> Made:
    """Any size of picture, resampled to a fixed number of tokens."""
    tok = words(["<image>", "<fake_token_around_image>", "<end_of_utterance>"])
    perceiver = {
        "hidden_size": 32,
        "resampler_n_latents": 4,
        "resampler_depth": 1,
        "resampler_n_heads": 2,
        "resampler_head_dim": 16,
        "num_key_value_heads": 1,
    }
    config = hf.Idefics2Config(
        vision_config=hf.Idefics2VisionConfig(**SIGHT),
        perceiver_config=perceiver,
        text_config=hf.MistralConfig(vocab_size=len(tok), **TEXT, **ids(tok)),
        image_token_id=4,
    )
    size = {"longest_edge": 28, "shortest_edge": 14}
    eye = hf.Idefics2ImageProcessorPil(size=size, do_image_splitting=False, **EYE)
    net = hf.Idefics2ForConditionalGeneration(config)
    return Made(net, "Idefics2Processor", eye, tok, "<image>", {"image_seq_len": 4})


def aya_vision(words: Words) -> Made:
    """Tiles between marks of their own; a Cohere behind them."""
    names = ["<image>", "<|START_OF_IMG|>", "<|END_OF_IMG|>", "<|IMG_PATCH|>"]
    tok = words([*names, "<|IMG_LINE_BREAK|>", "TILE_GLOBAL", *(f"TILE_{i}" for i in range(1, 5))])
    text = hf.Cohere2Config(
        vocab_size=len(tok),
        **TEXT,
        **ids(tok),
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
        logit_scale=1.0,
    )
    config = hf.AyaVisionConfig(
        vision_config=SIGLIP(**SIGHT, vision_use_head=False),
        text_config=text,
        image_token_index=7,
        tie_word_embeddings=False,
    )
    eye = hf.GotOcr2ImageProcessorPil(
        size=SQUARE, crop_to_patches=True, min_patches=1, max_patches=4, **EYE
    )
    settings = {"patch_size": 14, "img_size": 28, "downsample_factor": 2}
    net = hf.AyaVisionForConditionalGeneration(config)
    return Made(net, "AyaVisionProcessor", eye, tok, "<image>", settings)


def glm4v(words: Words, kind: str = "Glm4v") -> Made:
    """GLM-4.1V ("Glm4v") and GLM-4.6V ("Glm46V"): three axes of positions, patches as Qwen-VL's."""
    tok = words(["<|image|>", "<|video|>", "<|begin_of_image|>", "<|end_of_image|>"])
    rope = {"rope_type": "default", "partial_rotary_factor": 0.5, "mrope_section": [1, 1, 2]}
    text = {**TEXT, "vocab_size": len(tok), **ids(tok), "max_position_embeddings": 2048}
    config = getattr(hf, f"{kind}Config")(
        text_config={
            **text,
            "model_type": "glm4v_text",
            "rope_parameters": {**rope, "rope_theta": 10000.0},
        },
        vision_config={
            "model_type": "glm4v_vision",
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "patch_size": 14,
            "image_size": 28,
            "initializer_range": 0.2,
        },
        image_token_id=4,
        video_token_id=5,
        image_start_token_id=6,
        image_end_token_id=7,
        video_start_token_id=2,
        video_end_token_id=2,
    )
    sizes: dict[str, Any] = {
        "size": {"shortest_edge": 28 * 28, "longest_edge": 28 * 28 * 8},
        "patch_size": 14,
        "merge_size": 2,
    }
    eye = getattr(hf, f"{kind}ImageProcessorPil")(**sizes)
    net = getattr(hf, f"{kind}ForConditionalGeneration")(config)
    return Made(net, f"{kind}Processor", eye, tok, "<|begin_of_image|><|image|><|end_of_image|>")


def ovis2(words: Words) -> Made:
    """A picture as a mixture of words of its own vocabulary."""
    names = ["<IMG_ATOM>", "<IMG_START>", "<IMG_GRID>", "<IMG_COL>", "<IMG_ROW>", "<IMG_END>"]
    tok = words([*names, "<image>"])
    text = {"model_type": "qwen2", "vocab_size": len(tok), **TEXT, **ids(tok)}
    config = hf.Ovis2Config(
        vision_config={**SIGHT, "vocab_size": 24, "hidden_stride": 1},
        text_config=text,
        image_token_id=4,
        visual_indicator_token_ids=[5, 6, 7, 8, 9],
        vocab_size=len(tok),
        hidden_size=32,
        tie_word_embeddings=False,
    )
    eye = hf.Ovis2ImageProcessorPil(
        size=SQUARE, crop_to_patches=True, min_patches=1, max_patches=4, **EYE
    )
    net = hf.Ovis2ForConditionalGeneration(config)
    return Made(net, "Ovis2Processor", eye, tok, "<image>", {"image_seq_length": 4})


def mllama(words: Words) -> Made:
    """Llama 3.2: pictures are looked at from some layers, and stand in no prompt."""
    tok = words(["<|image|>", "<|python_tag|>"])
    tok.bos_token = TURN  # which its processor looks for
    text = hf.MllamaTextConfig(
        vocab_size=len(tok) - 1, **TEXT, **ids(tok), cross_attention_layers=[1]
    )
    sight = hf.MllamaVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_global_layers=1,
        attention_heads=2,
        image_size=28,
        patch_size=14,
        vision_output_dim=64,
        intermediate_layers_indices=[0],
        max_num_tiles=4,
    )
    config = hf.MllamaConfig(vision_config=sight, text_config=text, image_token_index=4)
    eye = hf.MllamaImageProcessorPil(size=SQUARE, max_image_tiles=4, **EYE)
    net = hf.MllamaForConditionalGeneration(config)
    with torch.no_grad():  # they start at zero, which would make every picture alike
        for name, parameter in net.named_parameters():
            if "gate" in name and parameter.numel() == 1:
                parameter.fill_(0.3)
    return Made(net, "MllamaProcessor", eye, tok, "<|image|>")


def deepseek_vl(words: Words) -> Made:
    """A fixed number of tokens a picture."""
    tok = words(["<image_placeholder>"])
    config = hf.DeepseekVLConfig(
        vision_config=SIGLIP(**SIGHT, vision_use_head=False),
        text_config=_llama(tok),
        image_token_id=4,
        tie_word_embeddings=False,
    )
    eye = hf.DeepseekVLImageProcessorPil(size=SQUARE, min_size=14, **EYE)
    net = hf.DeepseekVLForConditionalGeneration(config)
    settings = {"num_image_tokens": 4}
    signs = {"image_token": "<image_placeholder>"}
    return Made(net, "DeepseekVLProcessor", eye, tok, "<image_placeholder>", settings, signs)

"""Small chat checkpoints with random weights, in the published format: for tests only.

    python -m tests.tiny_chat FAMILY FOLDER

writes one, for example to serve it with ``transformers serve``.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import transformers as hf
from transformers.utils.import_utils import is_torchvision_available

import tests.tiny_chat_newer as newer
import tests.tiny_chat_others as others
import tests.tiny_chat_torchvision as torchvision
from tests.tiny_chat_more import gemma3, llava_next, llava_onevision, qwen3_vl
from tests.tiny_chat_parts import (
    CLIP_EYE,
    EYE,
    LLAVA,
    SIGHT,
    TEMPLATE,
    TEXT,
    Made,
    Words,
    ids,
    qwen_vl,
    word_level,
)


def _llava(words: Words) -> Made:
    tok = words(["<image>"])
    text = hf.LlamaConfig(vocab_size=len(tok), **TEXT, **ids(tok))
    config = hf.LlavaConfig(
        vision_config=hf.CLIPVisionConfig(**SIGHT),
        text_config=text,
        image_token_index=4,
        vision_feature_layer=-1,
        image_seq_length=4,
    )
    eye = hf.CLIPImageProcessorPil(**CLIP_EYE)
    net = hf.LlavaForConditionalGeneration(config)
    return Made(net, "LlavaProcessor", eye, tok, "<image>", LLAVA)


def _qwen2_5_vl(words: Words) -> Made:
    text = {"rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]}}
    return qwen_vl(words, "Qwen2_5_VL", text, {"window_size": 56, "fullatt_block_indexes": [1]})


def _idefics3(words: Words, kind: str = "Idefics3") -> Made:
    special = [
        "<image>",
        "<fake_token_around_image>",
        "<global-img>",
        "<end_of_utterance>",
        *(f"<row_{r}_col_{c}>" for r in (1, 2) for c in (1, 2)),
    ]
    tok = words(special)
    text = hf.LlamaConfig(vocab_size=len(tok), **TEXT, **ids(tok))
    config = getattr(hf, f"{kind}Config")(
        vision_config=SIGHT,
        text_config=text,
        image_token_id=4,
        scale_factor=1,
        tie_word_embeddings=False,
        pad_token_id=1,
    )
    eye = getattr(hf, f"{kind}ImageProcessorPil")(
        size={"longest_edge": 56}, max_image_size={"longest_edge": 28}, **EYE
    )
    net = getattr(hf, f"{kind}ForConditionalGeneration")(config)
    return Made(net, f"{kind}Processor", eye, tok, "<image>", {"image_seq_len": 4})


def _internvl(words: Words) -> Made:
    tok = words(["<IMG_CONTEXT>", "<img>", "</img>", "<video>"])
    text = {"model_type": "qwen2", "vocab_size": len(tok), **TEXT, **ids(tok)}
    sight = {**SIGHT, "image_size": [28, 28], "patch_size": [14, 14], "layer_scale_init_value": 1.0}
    config = hf.InternVLConfig(
        vision_config=sight, text_config=text, image_token_id=4, image_seq_length=1
    )
    eye = hf.GotOcr2ImageProcessorPil(
        size={"height": 28, "width": 28},
        crop_to_patches=True,
        min_patches=1,
        max_patches=4,
        **EYE,
    )
    net = hf.InternVLForConditionalGeneration(config)
    settings = {"image_seq_length": 1}
    return Made(net, "InternVLProcessor", eye, tok, "<IMG_CONTEXT>", settings, INTERN_SIGNS)


INTERN_SIGNS = {
    "start_image_token": "<img>",
    "end_image_token": "</img>",
    "context_image_token": "<IMG_CONTEXT>",
    "video_token": "<video>",
}

FAMILIES: dict[str, Callable[[Words], Made]] = {
    "llava": _llava,
    "qwen2_5_vl": _qwen2_5_vl,
    "idefics3": _idefics3,
    "smolvlm": lambda words: _idefics3(words, "SmolVLM"),
    "internvl": _internvl,
    "gemma3": gemma3,
    "llava_next": llava_next,
    "qwen3_vl": qwen3_vl,
    "qwen2_vl": others.qwen2_vl,
    "llava_onevision": llava_onevision,
    "vipllava": others.vipllava,
    "idefics2": others.idefics2,
    "aya_vision": others.aya_vision,
    "glm4v": others.glm4v,
    "ovis2": others.ovis2,
    "mllama": others.mllama,
    "deepseek_vl": others.deepseek_vl,
    "aria": newer.aria,
    "gemma4": newer.gemma4,
    "glm46v": lambda words: others.glm4v(words, "Glm46V"),
    "minicpmv4_6": newer.minicpmv4_6,
    "qwen3_5": newer.qwen3_5,
    "qwen3_vl_moe": newer.qwen3_vl_moe,
    "video_llama_3": newer.video_llama_3,
}
WITH_TORCHVISION: dict[str, Callable[[Words], Made]] = {
    "pixtral": torchvision.pixtral,
    "mistral3": torchvision.mistral3,
    "llama4": torchvision.llama4,
    "cohere2_vision": torchvision.cohere2_vision,
    "lfm2_vl": torchvision.lfm2_vl,
    "kimi_k25": torchvision.kimi_k25,
}
if is_torchvision_available():
    FAMILIES |= WITH_TORCHVISION


def make_chat(
    family: str,
    folder: Path,
    seed: int = 0,
    words: Words = word_level,
    template: str | None = None,
    scale: float = 4.0,
) -> Path:
    """Write a checkpoint of about 0.05 M parameters as the hub publishes them.

    ``scale``: what its random weights are multiplied with, so that they are far from uniform and
    greedy choices have no near ties.
    """
    torch.manual_seed(seed)
    made = {**FAMILIES, **WITH_TORCHVISION}[family](words)
    with torch.no_grad():
        for parameter in made.net.parameters():
            parameter.mul_(scale)
    made.net.eval().save_pretrained(folder)
    made.tok.save_pretrained(folder)
    made.eye.save_pretrained(folder)
    if made.signs:
        told = json.loads((folder / "tokenizer_config.json").read_text())
        told["extra_special_tokens"] = made.signs
        (folder / "tokenizer_config.json").write_text(json.dumps(told))
    template = template or TEMPLATE.replace("IMAGE", made.image)
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    settings = {"processor_class": made.processor_class, **made.settings}
    (folder / "processor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


if __name__ == "__main__":
    make_chat(sys.argv[1], Path(sys.argv[2]))

"""Trained toys of further families: the same conversations around another family's pictures."""

from dataclasses import replace

from tests.tiny_chat import FAMILIES
from tests.trained_chat import ROWS, Row, chatml

QWEN = "<|vision_start|><|image_pad|><|vision_end|>"
MARKS = {
    "qwen2_vl": QWEN,
    "qwen3_vl": QWEN,
    "gemma3": "<start_of_image>",
    "llava_onevision": "<image>",
    "aya_vision": "<image>",
    "ovis2": "<image>",
    "glm4v": "<|begin_of_image|><|image|><|end_of_image|>",
    "mllama": "<|image|>",
    "deepseek_vl": "<image_placeholder>",
    "gemma4": "<|image|>",
    "glm46v": "<|begin_of_image|><|image|><|end_of_image|>",
    "minicpmv4_6": "<|image_pad|>",
    "qwen3_5": QWEN,
    "qwen3_vl_moe": QWEN,
    "video_llama_3": "<image>",
    "pixtral": "[IMG]",
    "mistral3": "[IMG]",
    "llama4": "<|image|>",
    "cohere2_vision": "<|IMG_PATCH|>",
    "lfm2_vl": "<image>",
    "kimi_k25": "<|media_begin|><|media_pad|><|media_end|>",
}
"""What stands for a picture in the conversations of families that are asked as Qwen is."""


def _asked_as_qwen(family: str) -> Row:
    mark = MARKS[family]
    prompt = f"<|im_start|>user\n{mark}QUESTION<|im_end|>\n<|im_start|>assistant\n"
    return Row(family, chatml(mark), prompt, "ANSWER<|im_end|>")


MORE: dict[str, Row] = {
    **{family: _asked_as_qwen(family) for family in MARKS if family in FAMILIES},
    "llava_next": replace(ROWS["llava-1.5"], family="llava_next"),
    "vipllava": replace(ROWS["llava-1.5"], family="vipllava"),
    "idefics2": replace(ROWS["idefics3"], family="idefics2"),
}

"""What the small chat checkpoints of the tests are made of: words, sizes, pieces."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import transformers as hf
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from tests import tiny_checkpoints

WORDS = [*tiny_checkpoints.WORDS, "user", "assistant", ":", "in", "this", "picture"]
TURN = "<|turn|>"
END = "<|end|>"
TEMPLATE = (
    "{% for m in messages %}" + TURN + "{{ m.role }} :{% for part in m.content %}"
    "{% if part.type == 'image' %}IMAGE{% else %} {{ part.text }}{% endif %}{% endfor %}"
    + END
    + "{% endfor %}{% if add_generation_prompt %}"
    + TURN
    + "assistant :{% endif %}"
)
TEXT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "tie_word_embeddings": False,
}
SIGHT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
    "initializer_range": 0.2,
}
EYE: dict[str, Any] = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}


CLIP_EYE: dict[str, Any] = {
    "size": {"shortest_edge": 28},
    "crop_size": {"height": 28, "width": 28},
    **EYE,
}
LLAVA: dict[str, Any] = {
    "patch_size": 14,
    "vision_feature_select_strategy": "default",
    "image_token": "<image>",
    "num_additional_image_tokens": 1,
}
"""What processor_config.json says of the LLaVA family."""
QWEN_SIGHT: dict[str, Any] = {
    "depth": 2,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_heads": 2,
    "out_hidden_size": 32,
    "patch_size": 14,
    "spatial_merge_size": 2,
    "initializer_range": 0.2,
}

Words = Callable[[list[str]], PreTrainedTokenizerFast]
"""Makes the tokenizer: END, <pad> and TURN among the first four ids, the special ones from 4."""


def word_level(special: list[str]) -> PreTrainedTokenizerFast:
    """Whole words, blanks removed."""
    vocab = {w: i for i, w in enumerate(["<unk>", "<pad>", TURN, END, *special, *WORDS])}
    tok = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Split(Regex(r"\w+|[^\w\s]+"), "removed", invert=True)
    tok.decoder = decoders.WordPiece(prefix="##")
    return PreTrainedTokenizerFast(
        tokenizer_object=tok,
        eos_token=END,
        unk_token="<unk>",
        pad_token="<pad>",
        additional_special_tokens=[TURN, *special],
    )


def ids(tok: PreTrainedTokenizerFast) -> dict[str, Any]:
    return {"eos_token_id": tok.eos_token_id, "pad_token_id": tok.pad_token_id, "bos_token_id": 2}


def qwen_vl(
    words: Words, kind: str, text: dict[str, Any], sight: dict[str, Any], processor: str = ""
) -> "Made":
    """A Qwen-VL of this kind ("Qwen2_5_VL", "Qwen3VL"), with settings beside the common ones.
    ``processor``: its class, where that is another kind's."""
    tok = words(["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"])
    common = {**TEXT, "vocab_size": len(tok), **ids(tok), "max_position_embeddings": 2048}
    config = getattr(hf, f"{kind}Config")(
        text_config={**common, **text},
        vision_config={**QWEN_SIGHT, **sight},
        image_token_id=4,
        video_token_id=5,
        vision_start_token_id=6,
        vision_end_token_id=7,
    )
    eye = hf.Qwen2VLImageProcessorPil(
        size={"shortest_edge": 28 * 28, "longest_edge": 28 * 28 * 4}, patch_size=14, merge_size=2
    )
    net = getattr(hf, f"{kind}ForConditionalGeneration")(config)
    image = "<|vision_start|><|image_pad|><|vision_end|>"
    return Made(net, processor or f"{kind}Processor", eye, tok, image)


@dataclass
class Made:
    """The pieces of a checkpoint before they are written."""

    net: Any
    processor_class: str
    eye: Any
    tok: PreTrainedTokenizerFast
    image: str
    """What the chat template writes for a picture."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What processor_config.json says."""
    signs: dict[str, str] = field(default_factory=dict)
    """By which names the processor asks its tokenizer for special tokens."""

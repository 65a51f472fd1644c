"""A ChatGLM of a few thousand weights, prompts for it, and a small tokenizer model."""

import io
from pathlib import Path
from typing import Any

import torch

CONFIG: dict[str, Any] = {
    "vocab_size": 150,
    "hidden_size": 64,
    "num_layers": 3,
    "num_attention_heads": 4,
    "inner_hidden_size": 96,
    "max_sequence_length": 512,
    "bos_token_id": 144,
    "eos_token_id": 145,
    "pad_token_id": 3,
    "mask_token_id": 140,
    "gmask_token_id": 141,
    "layernorm_epsilon": 1e-5,
}
GMASK, SOP, EOP, PAD = 141, 144, 145, 3
CONTEXTS = ((17, 5, 99, 42, 8, 61, 120), (64, 23), (7, 7, 88, 31, 50))
"""Three contexts of different length: a batch of them is padded on the left."""
ANSWER = (33, 71, 12, 104)
"""An answer of several tokens, scored after a cached prompt."""
LONG = tuple((37 * i * i + 11 * i) % 130 + 4 for i in range(300))
"""A context long enough for the rounding of rotary frequencies to show."""

SPECIALS = ["[MASK]", "[gMASK]", "[sMASK]", "<unused_0>", "<sop>", "<eop>", "<ENC>", "<dBLOCK>"]
LINES = (
    "what is shown here",
    "a cat throws the red ball",
    "the dog holds it",
    "yes no blue",
    "end",
    "图中是什么",
    "一只猫扔了红色的球",
    "狗拿着它",
    "是的 不是",
    "问：图上写着什么？\n答：没有字",
    "这只狗，那只猫。你好！",
    "Q:what does it say\nA:nothing",
    "<img></img>",
)


def prompt(context: tuple[int, ...]) -> list[int]:
    """A prompt's token ids: context, [gMASK], <sop>."""
    return [*context, GMASK, SOP]


def batch(contexts: tuple[tuple[int, ...], ...] = CONTEXTS) -> tuple[torch.Tensor, torch.Tensor]:
    """Prompts padded on the left and their mask, both (rows, length)."""
    rows = [prompt(c) for c in contexts]
    width = max(map(len, rows))
    ids = torch.tensor([[PAD] * (width - len(r)) + r for r in rows])
    mask = torch.tensor([[0] * (width - len(r)) + [1] * len(r) for r in rows])
    return ids, mask


def train_tokenizer(path: Path) -> Path:
    """Write a small sentencepiece model with ChatGLM's symbols, as ice_text.model has them."""
    import sentencepiece

    out = io.BytesIO()
    blanks = [f"<|blank_{n}|>" for n in range(2, 81)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=out,
        vocab_size=260,
        model_type="unigram",
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
        num_threads=1,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=3,
        unk_piece="<unk>",
        pad_piece="<pad>",
        control_symbols=SPECIALS,
        user_defined_symbols=["<n>", "<|tab|>", *blanks],
    )
    path.write_bytes(out.getvalue())
    return path

"""Small InstructBLIP checkpoints with random weights, in the published format: for tests only."""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BlipImageProcessorPil,
    InstructBlipConfig,
    InstructBlipForConditionalGeneration,
    InstructBlipProcessor,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    T5Config,
)

WORDS = [
    "what",
    "is",
    "shown",
    "here",
    "?",
    "a",
    "cat",
    "dog",
    "throws",
    "holds",
    "it",
    "yes",
    "no",
    "red",
    "blue",
    "the",
    "end",
]
QUERIES = 4


def noise_pictures(n: int) -> tuple[np.ndarray, ...]:
    """``n`` pictures of noise, the same each time."""
    rng = np.random.default_rng(n)
    return tuple(rng.integers(0, 255, (30, 45, 3), np.uint8) for _ in range(n))


def word_tokenizer(bos: str | None) -> PreTrainedTokenizerFast:
    """Vicuna's special ids: <unk> 0, <s> 1, </s> 2, and the prompt begins with id 2."""
    vocab = {w: i for i, w in enumerate(["<unk>", "<s>", "</s>", "<pad>", "<image>", *WORDS])}
    tok = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    if bos:
        tok.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, vocab[bos])]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tok,
        bos_token="</s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        additional_special_tokens=["<image>"],
    )


def llama_config(vocabulary: int) -> PreTrainedConfig:
    """A Llama of two layers."""
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=2,
        eos_token_id=2,
        pad_token_id=3,
    )


def t5_config(vocabulary: int) -> PreTrainedConfig:
    """A Flan-T5 of two layers."""
    return T5Config(  # type: ignore[call-arg]
        vocab_size=vocabulary,
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=3,
        pad_token_id=3,
        eos_token_id=2,
        is_gated_act=True,
    )


def make_instructblip(folder: Path, language_model: str = "llama", seed: int = 0) -> Path:
    """Write a checkpoint of about 0.1 M parameters; ``language_model`` is 'llama' or 't5'."""
    torch.manual_seed(seed)
    size = len(WORDS) + 5
    text = llama_config(size) if language_model == "llama" else t5_config(size)
    config = InstructBlipConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 28,
            "patch_size": 14,
            "initializer_range": 0.1,
        },
        qformer_config={
            "vocab_size": size,
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 64,
            "encoder_hidden_size": 32,
            "max_position_embeddings": 64,
        },
        text_config=text.to_dict(),
        num_query_tokens=QUERIES,
        image_token_index=4,
    )
    net = InstructBlipForConditionalGeneration(config).eval()
    with torch.no_grad():  # queries start at zero, which would make every query alike
        net.query_tokens.normal_(0.0, 0.5)
        for parameter in net.language_model.parameters():
            # Far from uniform, so that greedy choices have no near ties.
            parameter.mul_(4.0 if language_model == "llama" else 1.5)
    net.save_pretrained(folder)
    bos = "</s>" if language_model == "llama" else None
    InstructBlipProcessor(
        BlipImageProcessorPil(size={"height": 28, "width": 28}),
        word_tokenizer(bos),
        word_tokenizer("<s>"),
        num_query_tokens=QUERIES,
    ).save_pretrained(folder)
    return folder

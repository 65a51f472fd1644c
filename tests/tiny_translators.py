"""Small translators in the published formats, with weights from a formula: for tests only."""

import io
import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import MarianConfig, MarianMTModel

from tests.tiny_chatglm import LINES
from tests.tiny_weights import fill
from vlm.translate.deltalm import DeltalmConfig, DeltalmForConditionalGeneration

SIZES: dict[str, Any] = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": 24,
}
DELTALM = SIZES | {"vocab_size": 60}
"""Also the published code's configuration in the tests of parity."""
SOURCES = ((0, 5, 17, 33, 8, 41, 2), (0, 9, 26, 2), (0, 50, 50, 11, 2))
"""Encoder inputs of different length: <s> pieces </s>."""
TARGET = (0, 31, 7, 22, 48)
"""Decoder input: the start token and what has been said."""


def pieces(vocab_size: int = 110) -> bytes:
    """A sentencepiece model with <unk> 0, <s> 1, </s> 2, as XLM-R's and Marian's have them."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=out,
        vocab_size=vocab_size,
        minloglevel=2,
        model_type="unigram",
        character_coverage=1.0,
        hard_vocab_limit=False,
        num_threads=1,
    )
    return out.getvalue()


def padded(rows: tuple[tuple[int, ...], ...] = SOURCES) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of ids padded on the right with 1, and their mask."""
    width = max(map(len, rows))
    ids = torch.tensor([[*r, *[1] * (width - len(r))] for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (width - len(r)) for r in rows])
    return ids, mask


def make_deltalm(folder: Path) -> Path:
    """config.json, pytorch_model.bin and spm.model, as Randeng-Deltalm is published."""
    model = pieces()
    size = sentencepiece.SentencePieceProcessor(model_proto=model).vocab_size() + 2  # <mask>
    sizes = SIZES | {"vocab_size": size}
    net = fill(DeltalmForConditionalGeneration(DeltalmConfig(**sizes)))
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), folder / "pytorch_model.bin")
    config: dict[str, Any] = sizes | {
        "model_type": "Deltalm",
        "architectures": ["DeltalmForConditionalGeneration"],
        "decoder_start_token_id": 0,
        "forced_eos_token_id": 2,
        "label_smoothing": 0.1,
        "length_penalty": 1.0,
        "num_labels": 3,
        "encoder_normalize_before": False,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "torch_dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "spm.model").write_bytes(model)
    return folder


def make_marian(
    folder: Path, source: str = "zh", target: str = "en", codes: tuple[str, ...] = ()
) -> Path:
    """The files of opus-mt: one vocabulary, a sentencepiece model for either side.

    ``codes``: target languages in the vocabulary (``>>cmn_Hans<<``), where it has several.
    """
    model = pieces()
    loaded = sentencepiece.SentencePieceProcessor(model_proto=model)
    names = [loaded.id_to_piece(i) for i in range(3, loaded.vocab_size())]
    vocab = {w: i for i, w in enumerate(["</s>", "<unk>", *codes, *names, "<pad>"])}
    pad = vocab["<pad>"]
    config = MarianConfig(
        **SIZES,
        vocab_size=len(vocab),
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
        scale_embedding=True,
        activation_function="swish",
    )
    net = fill(MarianMTModel(config))
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), folder / "pytorch_model.bin")
    told = config.to_dict() | {
        "num_beams": 2,
        "bad_words_ids": [[pad]],
        "max_length": 24,
        "architectures": ["MarianMTModel"],
    }
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    for side in ("source.spm", "target.spm"):
        (folder / side).write_bytes(model)
    tokenizer = {"source_lang": source, "target_lang": target, "model_max_length": 24}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    return folder

"""Randeng-DeltaLM: BART whose decoder layers have a feed-forward part after either attention.

Architecture: arXiv 2106.13736; names and sizes as Fengshenbang-LM publishes them, held against its
code (docs/oracles.md). Files of a checkpoint: config.json, pytorch_model.bin, spm.model.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import BartConfig, BartForConditionalGeneration
from transformers.models.bart.modeling_bart import BartDecoder, BartDecoderLayer, BartModel

from vlm.errors import ModelError
from vlm.hub import local
from vlm.translate.seq2seq import Seq2Seq, load_net

TOKENIZER = "spm.model"
MAX_LENGTH = 512


class DeltalmConfig(BartConfig):
    """Sizes of DeltaLM; the published checkpoints' config.json overrules the defaults."""

    model_type = "Deltalm"

    vocab_size: int = 250001
    encoder_ffn_dim: int | None = 3072
    encoder_attention_heads: int | None = 12
    decoder_layers: int | None = 6
    decoder_ffn_dim: int | None = 3072
    decoder_attention_heads: int | None = 12
    decoder_start_token_id: int | None = 0
    encoder_normalize_before: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        super().__post_init__(**kwargs)
        if self.encoder_normalize_before:
            raise ValueError("encoder_normalize_before is set: this DeltaLM variant is unknown")


class DeltalmDecoderLayer(BartDecoderLayer):
    """Self-attention, feed-forward (fc3, fc4), cross-attention, feed-forward (fc1, fc2)."""

    def __init__(self, config: DeltalmConfig, layer_idx: int | None = None) -> None:
        super().__init__(config, layer_idx)
        width, wide = self.fc1.in_features, self.fc1.out_features
        self.fc3 = nn.Linear(width, wide)
        self.fc4 = nn.Linear(wide, width)
        self.ffn_layer_norm = nn.LayerNorm(width)

    def forward(
        self,
        hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        encoder_hidden_states: torch.Tensor | None = None,
        encoder_attention_mask: torch.Tensor | None = None,
        past_key_values: Any = None,
        use_cache: bool | None = True,
        **kwargs: Any,
    ) -> torch.Tensor:
        """(rows, length, width) -> the same; for answering only, so without dropout."""
        attended, _ = self.self_attn(
            hidden_states, past_key_values=past_key_values, attention_mask=attention_mask, **kwargs
        )
        hidden = self.self_attn_layer_norm(hidden_states + attended)
        wide = self.activation_fn(self.fc3(hidden))
        hidden = self.ffn_layer_norm(hidden + self.fc4(wide))
        if encoder_hidden_states is not None:
            attended, _ = self.encoder_attn(
                hidden,
                key_value_states=encoder_hidden_states,
                attention_mask=encoder_attention_mask,
                past_key_values=past_key_values,
                **kwargs,
            )
            hidden = self.encoder_attn_layer_norm(hidden + attended)
        wide = self.activation_fn(self.fc1(hidden))
        return self.final_layer_norm(hidden + self.fc2(wide))


class DeltalmDecoder(BartDecoder):
    """BART's decoder with DeltaLM's layers."""

    def __init__(self, config: DeltalmConfig) -> None:
        super().__init__(config)
        self.layers = nn.ModuleList(
            DeltalmDecoderLayer(config, i) for i in range(config.decoder_layers or 0)
        )
        self.post_init()


class DeltalmModel(BartModel):
    """BART's encoder and DeltaLM's decoder."""

    config_class = DeltalmConfig

    def __init__(self, config: DeltalmConfig) -> None:
        super().__init__(config)
        self.decoder = DeltalmDecoder(config)
        self.post_init()


class DeltalmForConditionalGeneration(BartForConditionalGeneration):
    """DeltaLM with its output head, which is the table of embeddings."""

    config_class = DeltalmConfig

    def __init__(self, config: DeltalmConfig) -> None:
        super().__init__(config)
        self.model = DeltalmModel(config)
        self.post_init()


class DeltalmTokenizer:
    """XLM-R's ids over a sentencepiece model: <s> 0, <pad> 1, </s> 2, <unk> 3, then its pieces.

    A text becomes <s> pieces </s>, as the tokenizer of infoxlm-base makes it, which the published
    models are used with. Raises ModelError: the file is missing or no sentencepiece model.
    """

    begin, pad, end, unk = 0, 1, 2, 3

    def __init__(self, path: str | Path) -> None:
        import sentencepiece

        try:
            self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as error:
            first = str(error).strip().splitlines()[0]
            raise ModelError(f"{path} is missing or no sentencepiece model: {first}") from error

    def encode(self, text: str) -> list[int]:
        """Ids of a text, with <s> and </s>."""
        # sentencepiece has its own <unk>, <s>, </s> at 0, 1, 2; everything else moves up by one.
        ids = [i + 1 if i != self._pieces.unk_id() else self.unk for i in self._pieces.encode(text)]
        return [self.begin, *ids, self.end]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids without special tokens; ids beyond the pieces (<mask>) say nothing."""
        size = self._pieces.vocab_size()
        kept = [i - 1 for i in map(int, ids) if self.unk < i <= size]
        return str(self._pieces.decode(kept)).strip()


def load(source: str, device: torch.device) -> Seq2Seq:
    """DeltaLM from a directory or hub id. Raises ModelError: see ``load_net``."""
    folder = local(source)
    net = load_net(DeltalmForConditionalGeneration, folder)
    codec = DeltalmTokenizer(folder / TOKENIZER)
    return Seq2Seq("deltalm", folder, net.to(device), codec, MAX_LENGTH)

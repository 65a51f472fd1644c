"""ChatGLM-6B v1.1 (the language model of VisualGLM-6B) as a transformers model of our own.

Written from the published architecture, with its parameter names, and held against the published
code: see docs/oracles.md. Driven by token ids, or by embeddings alone whose last column is <sop>.
"""

import math
from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional
from transformers import GenerationMixin, PreTrainedModel
from transformers.cache_utils import Cache, DynamicCache
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast

from vlm.chatglm.configuration import ChatGLMConfig
from vlm.chatglm.positions import attention_bias, position_rows, rotary_turn, turn

Turn = tuple[torch.Tensor, torch.Tensor]


class SelfAttention(nn.Module):
    """Attention over heads whose query, key and value lie side by side, head by head."""

    def __init__(self, config: ChatGLMConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.heads = config.num_attention_heads
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(
        self, hidden: torch.Tensor, turns: Turn, bias: torch.Tensor, cache: Cache | None
    ) -> torch.Tensor:
        """(rows, length, width) -> the same; the cache grows by the new keys and values."""
        rows, length, width = hidden.shape
        fused = self.query_key_value(hidden).view(rows, length, self.heads, -1).transpose(1, 2)
        query, key, value = fused.chunk(3, -1)
        query, key = turn(query, *turns), turn(key, *turns)
        if cache is not None:
            key, value = cache.update(key, value, self.layer)
        # The published code divides the query by the layer's number and multiplies the scores by
        # it again, to stay in float16's range; torch's kernels add up in float32 anyway.
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return self.dense(seen.transpose(1, 2).reshape(rows, length, width))


class MLP(nn.Module):
    """Two linear layers with the tanh form of GELU between them."""

    def __init__(self, config: ChatGLMConfig) -> None:
        super().__init__()
        self.dense_h_to_4h = nn.Linear(config.hidden_size, config.inner_hidden_size)
        self.dense_4h_to_h = nn.Linear(config.inner_hidden_size, config.hidden_size)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """(rows, length, width) -> the same."""
        wide = functional.gelu(self.dense_h_to_4h(hidden), approximate="tanh")
        return self.dense_4h_to_h(wide)


class GLMBlock(nn.Module):
    """One layer. Its residual carries the *normalised* input, weighted by alpha (deep norm)."""

    def __init__(self, config: ChatGLMConfig, layer: int) -> None:
        super().__init__()
        self.alpha = math.sqrt(2 * config.deepnorm_layers)
        self.input_layernorm = nn.LayerNorm(config.hidden_size, config.layernorm_epsilon)
        self.attention = SelfAttention(config, layer)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, config.layernorm_epsilon)
        self.mlp = MLP(config)

    def forward(
        self, hidden: torch.Tensor, turns: Turn, bias: torch.Tensor, cache: Cache | None
    ) -> torch.Tensor:
        """(rows, length, width) -> the same."""
        normal = self.input_layernorm(hidden)
        hidden = self.alpha * normal + self.attention(normal, turns, bias, cache)
        normal = self.post_attention_layernorm(hidden)
        return self.alpha * normal + self.mlp(normal)


class ChatGLMPreTrainedModel(PreTrainedModel):
    """What loading and generation need to know of the model."""

    config_class = ChatGLMConfig
    config: ChatGLMConfig
    base_model_prefix = "transformer"
    _no_split_modules = ["GLMBlock"]  # noqa: RUF012 - as transformers declares it
    # A table of frequencies in the published files, which the published code does not read either.
    _keys_to_ignore_on_load_unexpected = [r"rotary_emb\.inv_freq"]  # noqa: RUF012
    _supports_sdpa = True


class ChatGLMModel(ChatGLMPreTrainedModel):
    """Embeddings and layers, without the output head."""

    def __init__(self, config: ChatGLMConfig) -> None:
        super().__init__(config)
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(GLMBlock(config, i) for i in range(config.num_layers))
        self.final_layernorm = nn.LayerNorm(config.hidden_size, config.layernorm_epsilon)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """The table of token embeddings."""
        return self.word_embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the table of token embeddings."""
        self.word_embeddings = cast(nn.Embedding, value)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        **_: Any,
    ) -> BaseModelOutputWithPast:
        """See ``ChatGLMForConditionalGeneration.forward``."""
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("give either input_ids or inputs_embeds, not both and not neither")
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        if use_cache is None:
            use_cache = self.config.use_cache
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        rows, length = inputs_embeds.shape[:2]
        past = past_key_values.get_seq_length() if past_key_values is not None else 0
        real = self._real(attention_mask, rows, past + length, inputs_embeds.device)
        start = self._start(input_ids, position_ids, past_key_values, past, rows, length)
        start = start.to(real.device)
        if position_ids is None or position_ids.ndim == 2:
            position_ids = position_rows(real, start, length, position_ids)
        dtype = inputs_embeds.dtype
        bias = attention_bias(real, start, length, dtype)
        turns = rotary_turn(position_ids, self._half_head(), self._table(dtype), dtype)
        hidden = inputs_embeds
        for layer in self.layers:
            hidden = layer(hidden, turns, bias, past_key_values)
        return BaseModelOutputWithPast(
            last_hidden_state=self.final_layernorm(hidden), past_key_values=past_key_values
        )

    def _half_head(self) -> int:
        return self.config.hidden_size // self.config.num_attention_heads // 2

    def _table(self, dtype: torch.dtype) -> str:
        if self.config.rotary_dtype != "auto":
            return self.config.rotary_dtype
        return "float32" if dtype == torch.float32 else "float16"

    @staticmethod
    def _real(
        mask: torch.Tensor | None, rows: int, columns: int, device: torch.device
    ) -> torch.Tensor:
        if mask is None:
            return torch.ones(rows, columns, dtype=torch.long, device=device)
        if mask.shape != (rows, columns):
            raise ValueError(
                f"attention_mask must be (rows, cached and new columns) = ({rows}, {columns}), "
                f"got {tuple(mask.shape)}"
            )
        return mask.to(device, torch.long)

    def _start(
        self,
        ids: torch.Tensor | None,
        positions: torch.Tensor | None,
        cache: Cache | None,
        past: int,
        rows: int,
        length: int,
    ) -> torch.Tensor:
        """The column of each row's <sop>. A cache remembers it from the prompt: one number for
        all rows, so that rows of the cache can be repeated and reordered at will."""
        if past and cache is not None:
            known = getattr(cache, "sop_column", None)
            if known is None:
                raise ValueError("this cache was not filled by ChatGLM: its <sop> is unknown")
            return torch.full((rows,), known)
        if positions is not None and positions.ndim == 3:
            started = (positions[:, 1] > 0).cpu()
            missing, start = ~started.any(1), started.long().argmax(1)
        elif ids is not None:
            found = ids.cpu() == torch.tensor(self.config.bos_token_id)
            missing, start = ~found.any(1), found.long().argmax(1)
        else:
            missing, start = torch.zeros(rows, dtype=torch.bool), torch.full((rows,), length - 1)
        if missing.any():
            row = int(missing.long().argmax())
            raise ValueError(
                f"row {row} has no <sop> (id {self.config.bos_token_id}); "
                "a prompt ends with [gMASK] <sop>"
            )
        if cache is not None:
            if len(set(start.tolist())) > 1:
                raise ValueError(
                    f"with a cache <sop> must stand in the same column in every row, got columns "
                    f"{start.tolist()}; pad the prompts on the left"
                )
            cast(Any, cache).sop_column = int(start[0])
        return start


class ChatGLMForConditionalGeneration(ChatGLMPreTrainedModel, GenerationMixin):
    """The language model with its output head, under the published parameter names."""

    def __init__(self, config: ChatGLMConfig) -> None:
        super().__init__(config)
        self.transformer = ChatGLMModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """The table of token embeddings."""
        return self.transformer.word_embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the table of token embeddings."""
        self.transformer.word_embeddings = cast(nn.Embedding, value)

    def get_output_embeddings(self) -> nn.Module:
        """The output head."""
        return self.lm_head

    def set_output_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace the output head."""
        self.lm_head = cast(nn.Linear, new_embeddings)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int = 0,
        **_: Any,
    ) -> CausalLMOutputWithPast:
        """Logits (rows, length or ``logits_to_keep``, vocabulary) and the grown cache.

        The prompt is given as ``input_ids`` (rows, length), with <sop> somewhere in each row, or
        as ``inputs_embeds`` (rows, length, width), whose last column is then <sop>; it is padded
        on the left. ``attention_mask`` (rows, cached and new columns) is 0 on padding.
        ``position_ids``: both position rows (rows, 2, length); or (rows, length), the number of
        each token in its row without padding, as other models take them; or nothing.
        Calls with a filled cache go on after it, with one token or several.
        Raises ValueError: no <sop>, or with a cache <sop> in different columns.
        """
        out = self.transformer(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
        )
        hidden = out.last_hidden_state[:, -logits_to_keep:]
        return CausalLMOutputWithPast(
            logits=self.lm_head(hidden), past_key_values=out.past_key_values
        )

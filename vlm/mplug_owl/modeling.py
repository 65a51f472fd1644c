"""mPLUG-Owl's vision tower and visual abstractor (arXiv 2304.14178), in this project's own words.

Names of the modules are those of the published weights; what they compute is held against the
published code (X-PLUG/mPLUG-Owl 0f3068f, ``tests/test_vlm_mplug_owl.py``).
"""

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention, sigmoid, silu

from vlm.mplug_owl.configuration import AbstractorConfig, VisionConfig


class _Stack(nn.Module):
    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)


def _by_head(states: torch.Tensor, heads: int) -> torch.Tensor:
    """(rows, length, width) -> (rows, heads, length, width of a head)."""
    return states.unflatten(-1, (heads, -1)).transpose(1, 2)


class VisionTower(nn.Module):
    """CLIP's ViT with a LayerNorm behind all of its tokens."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.embeddings = _Embeddings(config)
        self.encoder = _Stack(_VisionLayer(config) for _ in range(config.num_hidden_layers))
        self.post_layernorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels (images, 3, height, width) -> tokens (images, 1 + patches, width)."""
        states = self.embeddings(pixels)
        for layer in self.encoder.layers:
            states = layer(states)
        out: torch.Tensor = self.post_layernorm(states)
        return out


class _Embeddings(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        width, patch = config.hidden_size, config.patch_size
        tokens = 1 + (config.image_size // patch) ** 2
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.patch_embed = nn.Conv2d(3, width, patch, patch, bias=False)
        self.position_embedding = nn.Parameter(torch.empty(1, tokens, width))
        self.pre_layernorm = nn.LayerNorm(width, config.layer_norm_eps)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        patches = self.patch_embed(pixels).flatten(2).transpose(1, 2)
        opening = self.cls_token.expand(len(pixels), -1, -1)
        states = torch.cat([opening, patches], 1) + self.position_embedding
        out: torch.Tensor = self.pre_layernorm(states)
        return out


class _VisionLayer(nn.Module):
    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.layer_norm_eps
        self.input_layernorm = nn.LayerNorm(width, eps)
        self.self_attn = _SelfAttention(width, config.num_attention_heads)
        self.post_attention_layernorm = nn.LayerNorm(width, eps)
        self.mlp = _QuickGelu(width, config.intermediate_size)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        states = states + self.self_attn(self.input_layernorm(states))
        out: torch.Tensor = states + self.mlp(self.post_attention_layernorm(states))
        return out


class _SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.dense = nn.Linear(width, width)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        # Each head has its query, key and value rows together.
        fused = self.query_key_value(states).unflatten(-1, (self.heads, 3, -1))
        query, key, value = fused.permute(3, 0, 2, 1, 4)
        out: torch.Tensor = self.dense(
            scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        )
        return out


class _QuickGelu(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        wide = self.fc1(states)
        out: torch.Tensor = self.fc2(wide * sigmoid(1.702 * wide))
        return out


class Abstractor(nn.Module):
    """Queries that read a picture's tokens, brought to the language model's width, and behind them
    one more token, the same for every picture."""

    def __init__(self, config: AbstractorConfig, text_width: int) -> None:
        super().__init__()
        self.encoder = _Stack(_AbstractorLayer(config) for _ in range(config.num_hidden_layers))
        self.visual_fc = nn.Linear(config.hidden_size, text_width)
        self.vit_eos = nn.Parameter(torch.empty(1, 1, text_width))

    def forward(self, queries: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Queries (images, queries, width) and what they read (images, tokens, width) ->
        soft tokens (images, queries + 1, width of the language model)."""
        for layer in self.encoder.layers:
            queries = layer(queries, tokens)
        read = self.visual_fc(queries)
        return torch.cat([read, self.vit_eos.expand(len(read), -1, -1).to(read)], 1)


class _AbstractorLayer(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.crossattention = _CrossAttention(config)

    def forward(self, queries: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.crossattention(queries, tokens)
        return out


class _CrossAttention(nn.Module):
    """One layer: the queries read themselves and the picture. What is added to is the queries
    *behind* their LayerNorm, as published."""

    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        # These three LayerNorms take torch's 1e-5, whatever the config says.
        self.norm1, self.normk = nn.LayerNorm(config.hidden_size), nn.LayerNorm(config.hidden_size)
        self.attention = _Attention(config)
        self.output = _Output(config)

    def forward(self, queries: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        queries = self.norm1(queries)
        read = self.attention(queries, torch.cat([queries, self.normk(tokens)], 1))
        states = queries + self.output.out_proj(read)
        out: torch.Tensor = states + self.output.mlp(self.output.norm2(states))
        return out


class _Attention(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.heads = config.num_attention_heads
        self.query = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(config.encoder_hidden_size, config.hidden_size)
        self.value = nn.Linear(config.encoder_hidden_size, config.hidden_size)

    def forward(self, queries: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
        query, key, value = (
            _by_head(linear(states), self.heads)
            for linear, states in ((self.query, queries), (self.key, read), (self.value, read))
        )
        return scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)


class _Output(nn.Module):
    """Holds what follows the attention of a layer."""

    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        self.out_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm2 = nn.LayerNorm(config.hidden_size)
        self.mlp = _Gated(config)


class _Gated(nn.Module):
    def __init__(self, config: AbstractorConfig) -> None:
        super().__init__()
        width, inner = config.hidden_size, config.intermediate_size
        self.w1, self.w3 = nn.Linear(width, inner), nn.Linear(width, inner)
        self.ffn_ln = nn.LayerNorm(inner, config.layer_norm_eps)
        self.w2 = nn.Linear(inner, width)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.w2(self.ffn_ln(silu(self.w1(states)) * self.w3(states)))
        return out

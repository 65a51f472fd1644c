"""Sizes of what sees in mPLUG-Owl, under the names of its published config.json."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class _Sizes:
    """Sizes of a transformer; the defaults are those of the published 7B model."""

    hidden_size: int = 1024
    intermediate_size: int = 4096
    num_attention_heads: int = 16
    layer_norm_eps: float = 1e-6

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} is no multiple of "
                f"num_attention_heads {self.num_attention_heads}"
            )

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Self:
        """The sizes that a part of config.json names; whatever else it has is passed over."""
        named = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in config.items() if name in named})


@dataclass(frozen=True)
class VisionConfig(_Sizes):
    """``vision_config``: CLIP's ViT-L/14."""

    num_hidden_layers: int = 24
    image_size: int = 224
    patch_size: int = 14


@dataclass(frozen=True)
class AbstractorConfig(_Sizes):
    """``visual_abstractor_config``."""

    num_hidden_layers: int = 6
    encoder_hidden_size: int = 1024
    """Width of the vision tower."""

"""The networks of the members, built without memory and then filled from their files.

Each has the same two steps: ``see`` makes tokens of pixels, ``read`` soft tokens of those.
"""

from typing import Any, cast

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    Blip2QFormerModel,
    Blip2VisionConfig,
    Blip2VisionModel,
    InstructBlipQFormerConfig,
    InstructBlipQFormerModel,
)

from vlm.blip.checkpoint_layout import CheckpointLayout
from vlm.blip.variants import Variant
from vlm.device import DTYPES
from vlm.loading import fill, without_memory
from vlm.mplug_owl import Abstractor, AbstractorConfig, VisionConfig, VisionTower
from vlm.weights import check_weights


class BlipModel(nn.Module):
    """Vision tower, Q-Former, projection, language model; names as in transformers' BLIP-2."""

    def __init__(self, plan: CheckpointLayout, member: Variant) -> None:
        super().__init__()
        self.vision_model = Blip2VisionModel(cast(Blip2VisionConfig, plan.vision))
        if member.ln_vision_eps is not None:
            self.vision_model.post_layernorm.eps = member.ln_vision_eps
        self.query_tokens = nn.Parameter(torch.empty(1, plan.queries, plan.qformer.hidden_size))
        texts = isinstance(plan.qformer, InstructBlipQFormerConfig)
        reader: Any = InstructBlipQFormerModel if texts else Blip2QFormerModel
        self.qformer: Any = reader(plan.qformer)
        self.language_projection = nn.Linear(plan.qformer.hidden_size, plan.text.hidden_size)
        self.language_model: Any = language_model(plan, member)

    @property
    def frame_tokens(self) -> int:
        """Soft tokens of one frame."""
        return self.query_tokens.shape[1]

    def see(self, pixels: torch.Tensor) -> torch.Tensor:
        """Vision tokens (images, tokens, width) of pixels (images, 3, height, width)."""
        like = self.vision_model.post_layernorm.weight
        hidden: torch.Tensor = self.vision_model(pixels.to(like)).last_hidden_state
        return hidden

    def read(self, hidden: torch.Tensor, asked: Any | None) -> torch.Tensor:
        """Soft tokens (images, queries, width of the language model) from vision tokens;
        ``asked``: the questions as the Q-Former's tokenizer makes them, where it gets them."""
        queries = self.query_tokens.expand(len(hidden), -1, -1)
        given: dict[str, Any] = {"encoder_hidden_states": hidden.to(queries.dtype)}
        if asked is not None:
            asked = asked.to(hidden.device)
            own = asked.attention_mask.new_ones(queries.shape[:2])
            given["attention_mask"] = torch.cat([own, asked.attention_mask], 1)
            given["input_ids"] = asked.input_ids
        out = self.qformer(query_embeds=queries, **given).last_hidden_state[:, : queries.shape[1]]
        tokens: torch.Tensor = self.language_projection(out)
        return tokens


class MplugOwlModel(nn.Module):
    """Vision tower, abstractor, language model; names as published."""

    def __init__(self, plan: CheckpointLayout, member: Variant) -> None:
        super().__init__()
        reader = cast(AbstractorConfig, plan.qformer)
        self.vision_model = VisionTower(cast(VisionConfig, plan.vision))
        self.query_tokens = nn.Parameter(torch.empty(1, plan.queries, reader.hidden_size))
        self.abstractor = Abstractor(reader, plan.text.hidden_size)
        self.language_model: Any = language_model(plan, member)

    @property
    def frame_tokens(self) -> int:
        """Soft tokens of one frame."""
        return self.query_tokens.shape[1] + 1

    def see(self, pixels: torch.Tensor) -> torch.Tensor:
        """As ``BlipModel``."""
        tokens: torch.Tensor = self.vision_model(pixels.to(self.query_tokens))
        return tokens

    def read(self, hidden: torch.Tensor, asked: Any | None) -> torch.Tensor:
        """As ``BlipModel``; no question reaches the abstractor."""
        queries = self.query_tokens.expand(len(hidden), -1, -1)
        tokens: torch.Tensor = self.abstractor(queries, hidden.to(queries))
        return tokens


Network = BlipModel | MplugOwlModel


def language_model(plan: CheckpointLayout, member: Variant) -> Any:
    """The language model of a plan, not filled yet."""
    if member.language_model == "glm":
        from vlm.chatglm import ChatGLMConfig, ChatGLMForConditionalGeneration

        return ChatGLMForConditionalGeneration(cast(ChatGLMConfig, plan.text))
    if plan.text.is_encoder_decoder:
        return AutoModelForSeq2SeqLM.from_config(plan.text)
    return AutoModelForCausalLM.from_config(plan.text)


def build(
    plan: CheckpointLayout,
    member: Variant,
    device: torch.device,
    dtype: torch.dtype,
    quantise: str | None,
    what: str,
) -> Network:
    """A filled model on its device; ``what`` names the checkpoint in errors. Raises ModelError."""
    make = MplugOwlModel if isinstance(plan.vision, VisionConfig) else BlipModel
    with without_memory():
        net: Network = make(plan, member)
    kinds = _precisions(net, member, dtype)
    # What gets quantised waits on the CPU, so that the device never holds it whole.
    waiting = torch.device("cpu") if quantise else device

    def dtype_of(name: str) -> torch.dtype:
        owner = name.split(".")[0]
        if owner == "language_model" and not kinds["wide"].isdisjoint(name.split(".")):
            return torch.float32
        return kinds.get(owner, dtype)

    def device_of(name: str) -> torch.device:
        return waiting if name.startswith("language_model.") else device

    fill(net, plan.weights, dtype_of, device_of, what)
    check_weights(net.named_parameters(), what, plan.text.model_type == "llama")
    if quantise:
        from vlm.quantise import language_model as shrink

        shrink(net.language_model, quantise, device)
    return net.to(device).eval()


def _precisions(net: Network, member: Variant, dtype: torch.dtype) -> dict[str, Any]:
    """Precision of each part, and the language model's modules that overflow in float16."""
    name = str(dtype).removeprefix("torch.")
    vision, qformer = (DTYPES[n] for n in member.precision.get(name, (name, name)))
    wide = getattr(net.language_model, "_keep_in_fp32_modules", None) or ()
    return {
        "vision_model": vision,
        "qformer": qformer,
        "query_tokens": qformer,
        "language_projection": qformer,
        "language_model": dtype,
        "wide": frozenset(wide if dtype == torch.float16 else ()),
    }

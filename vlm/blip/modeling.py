"""The skeleton that all members share, built without memory and then filled from their files."""

from typing import Any, cast

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    Blip2QFormerModel,
    Blip2VisionModel,
    InstructBlipQFormerConfig,
    InstructBlipQFormerModel,
)

from vlm.blip.checkpoint_layout import CheckpointLayout
from vlm.blip.variants import Variant
from vlm.device import DTYPES
from vlm.loading import fill, without_memory
from vlm.weights import check_weights


class BlipModel(nn.Module):
    """Vision tower, Q-Former, projection, language model; names as in transformers' BLIP-2."""

    def __init__(self, plan: CheckpointLayout, member: Variant) -> None:
        super().__init__()
        self.vision_model = Blip2VisionModel(plan.vision)
        if member.ln_vision_eps is not None:
            self.vision_model.post_layernorm.eps = member.ln_vision_eps
        self.query_tokens = nn.Parameter(torch.empty(1, plan.queries, plan.qformer.hidden_size))
        texts = isinstance(plan.qformer, InstructBlipQFormerConfig)
        reader: Any = InstructBlipQFormerModel if texts else Blip2QFormerModel
        self.qformer: Any = reader(plan.qformer)
        self.language_projection = nn.Linear(plan.qformer.hidden_size, plan.text.hidden_size)
        self.language_model: Any = language_model(plan, member)


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
) -> BlipModel:
    """A filled model on its device; ``what`` names the checkpoint in errors. Raises ModelError."""
    with without_memory():
        net = BlipModel(plan, member)
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


def _precisions(net: BlipModel, member: Variant, dtype: torch.dtype) -> dict[str, Any]:
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

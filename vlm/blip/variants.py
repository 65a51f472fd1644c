"""The members of the family as data: one row is one model.

All are EVA-ViT-g -> ln_vision -> Q-Former -> one linear layer -> language model; mPLUG-Owl
has CLIP's ViT-L and an abstractor of its own instead of the first four.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import vlm.blip.prompts as prompts
from vlm.options import APART, EITHER, JOINED

LAVIS_GENERATION = {"num_beams": 5, "repetition_penalty": 1.5, "length_penalty": 1.0}
"""``generate`` of LAVIS's InstructBLIP."""


@dataclass(frozen=True)
class Variant:
    """How one model of the family differs from the others."""

    name: str
    plan: str
    """Which function of ``vlm.blip.checkpoint_layout`` finds its parts in a checkpoint."""
    template: prompts.Template
    tidy: prompts.Tidy = prompts.plain
    """What the original does to the text of an answer."""
    reads_question: bool = False
    """Whether the Q-Former gets the question too."""
    language_model: str = "auto"
    """``auto``: what transformers makes of its config; ``glm``: ChatGLM; ``llama``: a Llama whose
    prompts begin with <s> whatever its tokenizer's settings say."""
    ln_vision_eps: float | None = None
    """Of the LayerNorm behind the vision tower; None takes the checkpoint's own."""
    precision: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Precision of the language model -> (vision tower, Q-Former), where they differ."""
    end: str | None = None
    """Text that ends an answer, where it is not the language model's end sign."""
    answers: str = APART
    """How prompt and answer were tokenised when the model was trained: see ``vlm.options``."""
    zero_is_end: bool = False
    """Whether token 0 in an answer is read as the end sign (LAVIS)."""
    generation: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``generate``. Where the original samples, this is its greedy counterpart, so
    that the same question has the same answer; ``sampling`` has what the original adds."""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    chinese_tokens: tuple[int, int] | None = None
    """From which id up to which the tokens are forbidden in answers to English questions."""


_QFORMER_FP32 = {"float16": ("float16", "float32")}

VARIANTS: dict[str, Variant] = {
    "instructblip": Variant(
        "instructblip",
        "hugging_face",
        prompts.bare,
        reads_question=True,
        precision=_QFORMER_FP32,
        zero_is_end=True,
        generation=LAVIS_GENERATION | {"min_length": 1},
    ),
    "blip-2": Variant(
        "blip-2",
        "hugging_face",
        prompts.question_answer,
        answers=JOINED,
        precision=_QFORMER_FP32,
        generation={"num_beams": 5, "repetition_penalty": 1.0},
    ),
    "visualglm": Variant(
        # As published the language model is float16 and what sees float32.
        "visualglm",
        "visualglm",
        prompts.visualglm,
        prompts.visualglm_answer,
        language_model="glm",
        ln_vision_eps=1e-5,
        precision={"float16": ("float32", "float32")},
        # The original's bounds of 100 to 1024 tokens count the prompt and are no part of this.
        generation={"num_beams": 1, "repetition_penalty": 1.2},
        sampling={"do_sample": True, "top_p": 0.4, "top_k": 100, "temperature": 0.8},
        chinese_tokens=(63823, 130000),
    ),
    "minigpt4": Variant(
        "minigpt4",
        "minigpt4",
        prompts.minigpt4,
        prompts.minigpt4_answer,
        ln_vision_eps=1e-5,
        precision=_QFORMER_FP32,
        end="###",
        generation={"num_beams": 1, "repetition_penalty": 1.05},
        sampling={"do_sample": True, "top_p": 0.9, "temperature": 1.0},
    ),
    "ziya-blip2": Variant(
        "ziya-blip2",
        "ziya",
        prompts.ziya,
        prompts.ziya_answer,
        answers=EITHER,  # its training code was not to be found
        precision=_QFORMER_FP32,
        generation={"num_beams": 1, "repetition_penalty": 1.18},
        sampling={"do_sample": True, "top_p": 0.1, "temperature": 0.7},
    ),
    "mplug-owl": Variant(
        "mplug-owl",
        "mplug_owl",
        prompts.mplug_owl,
        language_model="llama",
        generation={"num_beams": 1, "repetition_penalty": 1.0},
        sampling={"do_sample": True, "top_k": 5},
    ),
}

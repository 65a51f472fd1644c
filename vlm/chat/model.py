"""Any chat model that transformers knows as ``AutoModelForImageTextToText``.

Qwen-VL, LLaVA, Idefics, SmolVLM, InternVL, Gemma and their like, from a directory or hub id. The
form of the prompt is the checkpoint's own chat template: the pictures in order, then the question.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import (
    AutoModelForImageTextToText,
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
)

from vlm.adapter import Adapter
from vlm.chat.processor import load_processor
from vlm.chat.score import OptionScorer
from vlm.delivery import ModelInput, ModelOutput
from vlm.device import choose_device, choose_dtype
from vlm.fingerprint import fingerprint
from vlm.query import ModelError
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "1"
SAMPLING = ("temperature", "top_p", "top_k", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff")
"""Settings that only sampling reads; answers are greedy, so that they can be repeated."""


class ChatModel(Adapter):
    """One loaded chat model."""

    deliveries: tuple[str, ...] = ("native", "grid", "vote", "first_only")
    batch_size = 8

    def __init__(
        self, source: str, name: str | None = None, options: LoadOptions = DEFAULTS
    ) -> None:
        """Raises ModelError: files missing or broken, no class for it in transformers, code of
        the checkpoint's own needed, no chat template, a package for quantising missing."""
        self.name = name or source
        self.device = choose_device(options.device)
        self.dtype = choose_dtype(self.device, options.dtype)
        self.processor = load_processor(source)
        self.network = _load(source, self.dtype)
        if options.quantise:
            from vlm.quantise import language_model

            language_model(self.network.get_decoder(), options.quantise, self.device)
        self.network.to(self.device).eval()
        shrunk = f"-{options.quantise}" if options.quantise else ""
        commit = getattr(self.network.config, "_commit_hash", None)
        self.revision = f"{fingerprint(source, commit)}-chat{ADAPTER_VERSION}{shrunk}"
        self._penalty = float(self.network.generation_config.repetition_penalty or 1.0)
        # An answer of a few tokens has no room for thinking aloud first.
        thinks = "enable_thinking" in str(self.processor.chat_template)
        self._silent = {"enable_thinking": False} if thinks else {}
        self._settle_generation()
        self._end = self._end_sign()
        self._ids: dict[str, list[int]] = {}
        self._scorer = OptionScorer(self.network)

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.network.parameters())

    @torch.inference_mode()
    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Answers of a batch; raises what transformers or torch raise."""

        def alike(place: int) -> tuple[int, int, int]:
            look = batch[place]
            return len(look.images), look.max_new_tokens, len(look.options)

        seen: dict[int, ModelOutput] = {}
        for _, group in groupby(sorted(range(len(batch)), key=alike), alike):
            places = list(group)
            for place, one in zip(places, self._alike([batch[i] for i in places]), strict=True):
                seen[place] = one
        return [seen[i] for i in range(len(batch))]

    def _alike(self, looks: list[ModelInput]) -> list[ModelOutput]:
        """Looks with equally many pictures, options and new tokens."""
        inputs, prompts = self._inputs(looks)
        texts = self._generate(inputs, looks[0].max_new_tokens)
        if not looks[0].options:
            return [ModelOutput(t, p) for t, p in zip(texts, prompts, strict=True)]
        if self._scorer.shares is None:
            self._try_sharing()
        scored = self._scorer(inputs, [[self._option(o) for o in look.options] for look in looks])
        return [ModelOutput(t, p, *s) for t, p, s in zip(texts, prompts, scored, strict=True)]

    def _inputs(self, looks: Sequence[ModelInput]) -> tuple[dict[str, torch.Tensor], list[str]]:
        """What the model gets, left-padded, and each prompt as text."""
        asked = [[_user(look.text, look.images)] for look in looks]
        told: dict[str, Any] = {"add_generation_prompt": True, **self._silent}
        prompts = [self.processor.apply_chat_template(a, tokenize=False, **told) for a in asked]
        made = self.processor.apply_chat_template(
            asked,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True},
            **told,
        )
        inputs = {}
        for name, value in made.items():
            if isinstance(value, torch.Tensor):
                kind = self.dtype if value.is_floating_point() else value.dtype
                inputs[name] = value.to(self.device, kind)
        return inputs, prompts

    def _generate(self, inputs: dict[str, torch.Tensor], new_tokens: int) -> list[str]:
        width = inputs["input_ids"].shape[1]
        penalty = _RealTokensPenalty(self._penalty, inputs["attention_mask"])
        ids = self.network.generate(
            **inputs, max_new_tokens=new_tokens, logits_processor=LogitsProcessorList([penalty])
        )
        told = self.processor.tokenizer.batch_decode(ids[:, width:], skip_special_tokens=True)
        return [text.strip() for text in told]

    def _settle_generation(self) -> None:
        """Greedy, or the checkpoint's number of beams; whatever else it sets stays."""
        config = self.network.generation_config
        config.do_sample = False
        config.repetition_penalty = 1.0  # applied by ``_RealTokensPenalty``
        config.max_length = None
        for setting in SAMPLING:
            setattr(config, setting, None)
        if config.pad_token_id is None:
            config.pad_token_id = self.processor.tokenizer.pad_token_id

    def _option(self, option: str) -> list[int]:
        """Token ids of an option as the chat template would write it as an answer, with the end
        sign behind it: some templates put a space before the answer, others do not."""
        if option not in self._ids:
            prompt, whole = (self._tokens(t) for t in self._rendered(option))
            if whole[: len(prompt)] == prompt and self._end in whole[len(prompt) :]:
                ids = whole[len(prompt) :]
                self._ids[option] = ids[: ids.index(self._end) + 1]
            else:
                self._ids[option] = [*self._tokens(option), self._end]
        return self._ids[option]

    def _rendered(self, answer: str) -> tuple[str, str]:
        """A conversation up to the answer, and with it."""
        asked = [_user("?", ())]
        told = [*asked, {"role": "assistant", "content": [{"type": "text", "text": answer}]}]
        render = self.processor.apply_chat_template
        return (
            render(asked, tokenize=False, add_generation_prompt=True, **self._silent),
            render(told, tokenize=False, **self._silent),
        )

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self.processor.tokenizer(text, add_special_tokens=False).input_ids
        return ids

    def _end_sign(self) -> int:
        """The token that ends an answer: of the ids that stop generation, the one that the chat
        template writes behind an answer."""
        stops = self.network.generation_config.eos_token_id
        stops = stops if isinstance(stops, list) else [stops]
        prompt, whole = self._rendered("yes")
        tail = self._tokens(whole[len(prompt) :]) if whole.startswith(prompt) else []
        found = [i for i in tail if i in stops]
        end = found[0] if found else self.processor.tokenizer.eos_token_id
        if end is None:
            raise ModelError(f"{self.name} names no end sign (eos_token) for its answers")
        return int(end)

    def _try_sharing(self) -> None:
        """Two prompts of unlike length about grey pictures of unlike shape."""
        small, wide = (np.full((56, w, 3), w, np.uint8) for w in (56, 112))
        looks = [
            ModelInput((small, wide), "what?", (), 1),
            ModelInput((wide, small), "what is shown here?", (), 1),
        ]
        options = [self._option(o) for o in ("no", "yes, it is")]
        self._scorer.check(self._inputs(looks)[0], [options, options])


class _RealTokensPenalty(LogitsProcessor):
    """The repetition penalty over prompt and answer without padding: with it, a row's answer
    would depend on its batch wherever the padding sign also ends an answer."""

    def __init__(self, penalty: float, mask: torch.Tensor) -> None:
        self._apply = RepetitionPenaltyLogitsProcessor(penalty) if penalty != 1.0 else None
        self._mask = mask.bool()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if self._apply is None:
            return scores
        rows, width = self._mask.shape
        mask = self._mask.repeat_interleave(len(input_ids) // rows, 0)  # beams stand together
        ids = input_ids.clone()
        # Every prompt ends with a real token; repeating it penalises nothing more.
        ids[:, :width] = ids[:, :width].where(mask, ids[:, width - 1 : width])
        return self._apply(ids, scores)


def _user(text: str, images: Sequence[np.ndarray]) -> dict[str, Any]:
    shown = [{"type": "image", "image": Image.fromarray(image)} for image in images]
    return {"role": "user", "content": [*shown, {"type": "text", "text": text}]}


def _load(source: str, dtype: torch.dtype) -> Any:
    load: Any = AutoModelForImageTextToText.from_pretrained
    try:
        net, info = load(source, dtype=dtype, trust_remote_code=False, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"cannot load the chat model {source}: {first}") from error
    for problem in ("missing_keys", "mismatched_keys"):
        if info[problem]:
            listed = ", ".join(sorted(map(str, info[problem]))[:8])
            raise ModelError(f"the checkpoint {source} has {problem.replace('_', ' ')}: {listed}")
    return net

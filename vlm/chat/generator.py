"""Greedy answers of a chat model in words, and the run of their prompts kept for the options."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import LogitsProcessor, LogitsProcessorList, RepetitionPenaltyLogitsProcessor

from vlm.chat.score import FAILURES, Inputs, Prefilled
from vlm.chat.thinking import Said, part
from vlm.errors import ModelError

SAMPLING = ("temperature", "top_p", "top_k", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff")
"""Settings that only sampling reads; answers are greedy, so that they can be repeated."""
MOST_BEAMS = 16
"""Each beam holds a cache of its own; no published chat model asks for more than five."""


class Generator:
    """The ``generate`` of one model, as its checkpoint sets it but greedy."""

    def __init__(self, network: Any, tokenizer: Any) -> None:
        """Raises ModelError: the checkpoint's settings cannot be what its authors meant."""
        self.network, self.tokenizer = network, tokenizer
        config = network.generation_config
        self.penalty = float(config.repetition_penalty or 1.0)
        beams = config.num_beams or 1
        if not isinstance(beams, int) or not 1 <= beams <= MOST_BEAMS:
            raise ModelError(
                f"generation_config.json asks for {beams!r} beams; 1 to {MOST_BEAMS} are accepted"
            )
        self.beams = beams > 1
        stops = config.eos_token_id
        self.stops: list[int] = (
            [] if stops is None else [stops] if isinstance(stops, int) else list(stops)
        )
        config.do_sample = False
        config.repetition_penalty = 1.0  # applied by ``RealTokensPenalty``
        config.max_length = None
        for setting in SAMPLING:
            setattr(config, setting, None)
        if config.pad_token_id is None:
            config.pad_token_id = tokenizer.pad_token_id

    def speak(
        self, inputs: Inputs, prompts: Sequence[str], new_tokens: int, cache: Any
    ) -> tuple[list[Said], Prefilled | None]:
        """What is said to each prompt, and with a ``cache`` the prompts as they ran.

        ``prompts``: the same as text. None instead of the run where the family cannot cut the
        answer off its cache again.
        """
        width = inputs["input_ids"].shape[1]
        first: list[torch.Tensor] = []

        def keep(_: Any, __: Any, out: Any) -> None:
            if not first:
                first.append(out.logits[:, -1])

        handle = self.network.register_forward_hook(keep)
        try:
            ids = self.network.generate(
                **inputs,
                **({} if cache is None else {"past_key_values": cache}),
                max_new_tokens=new_tokens,
                eos_token_id=self.stops or None,
                logits_processor=LogitsProcessorList(
                    [RealTokensPenalty(self.penalty, inputs["attention_mask"])]
                ),
            )
        finally:
            handle.remove()
        said = [
            self._parted(row, prompt, new_tokens)
            for row, prompt in zip(ids[:, width:].tolist(), prompts, strict=True)
        ]
        return said, self._cut_back(cache, width, first)

    def _cut_back(self, cache: Any, width: int, first: list[torch.Tensor]) -> Prefilled | None:
        if cache is None or not first:
            return None
        try:
            more = cache.get_seq_length() - width
            if more < 0:
                return None
            cache.crop(-more)
        except FAILURES:
            return None
        return Prefilled(cache, first[0], counted=True)

    def _parted(self, ids: list[int], prompt: str, bound: int) -> Said:
        ended = next((i for i, token in enumerate(ids) if token in self.stops), len(ids))
        plain = self.tokenizer.decode(ids, skip_special_tokens=True).strip()
        return replace(part(ids[:ended], self.text, prompt, plain), truncated=ended >= bound)

    def text(self, ids: Sequence[int]) -> str:
        """The text of tokens, special ones included."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=False)
        return text


class RealTokensPenalty(LogitsProcessor):
    """The repetition penalty over prompt and answer without padding: with it, a row's answer
    would depend on its batch wherever the padding sign also ends an answer."""

    def __init__(self, penalty: float, mask: torch.Tensor) -> None:
        self._apply = RepetitionPenaltyLogitsProcessor(penalty) if penalty != 1.0 else None
        self._mask = mask.bool()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores (rows, vocabulary), those of tokens that stand there already lowered."""
        if self._apply is None:
            return scores
        rows, width = self._mask.shape
        mask = self._mask.repeat_interleave(len(input_ids) // rows, 0)  # beams stand together
        ids = input_ids.clone()
        # Every prompt ends with a real token; repeating it penalises nothing more.
        ids[:, :width] = ids[:, :width].where(mask, ids[:, width - 1 : width])
        return self._apply(ids, scores)

"""The language model, driven by embeddings alone: free answers and the weights of options.

Driven by ``inputs_embeds``, as LAVIS does it, ``max_new_tokens`` and the repetition penalty never
count the prompt.
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    StoppingCriteriaList,
)

from vlm import options as scoring
from vlm.blip.tokenizers import ChatGLMPromptTokenizer, HuggingFaceTokenizer
from vlm.blip.variants import Variant

TAIL = 8
"""How many of the newest tokens are searched for the text that ends an answer."""


class Generator:
    """Language model and tokenizer of a member of the family."""

    def __init__(
        self,
        language_model: Any,
        words: HuggingFaceTokenizer | ChatGLMPromptTokenizer,
        member: Variant,
        settings: dict[str, Any],
    ) -> None:
        """``settings``: arguments of ``generate``, among them ``eos_token_id``."""
        self.lm, self.words, self.member, self.settings = language_model, words, member, settings

    @property
    def ends(self) -> list[int]:
        """Ids of the signs that end an answer."""
        eos = self.settings["eos_token_id"]
        return [eos] if isinstance(eos, int) else list(eos)

    def embed(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """Embeddings (length, width) of a prompt's stretches of text, closing signs included."""
        ids = self.words.segments(texts)
        ids[-1] = [*ids[-1], *self.words.closing]
        table = self.lm.get_input_embeddings()
        device = table.weight.device
        return [table(torch.tensor(one, dtype=torch.long, device=device)) for one in ids]

    def speak(
        self, prefix: torch.Tensor, mask: torch.Tensor, new_tokens: int, english: Sequence[bool]
    ) -> list[str]:
        """Free answers after the prompts (rows, length, width), left-padded as ``mask`` says;
        ``english`` tells which questions were asked in English."""
        settings = dict(self.settings)
        # Given to generate() by name, the penalty of transformers 5.23 passes over as many new
        # tokens as the row has padding, so that an answer would depend on its batch.
        penalty = float(settings.pop("repetition_penalty", 1.0))
        steps: list[LogitsProcessor] = [RepetitionPenaltyLogitsProcessor(penalty)]
        if self.member.chinese_tokens is not None:
            beams = settings.get("num_beams", 1)
            rows = torch.tensor(list(english), device=prefix.device).repeat_interleave(beams)
            steps.append(Forbid(rows, *self.member.chinese_tokens))
        stops = []
        if self.member.end is not None:
            stops.append(StopAtText(self.words, self.member.end))
        ids = self.lm.generate(
            inputs_embeds=prefix,
            attention_mask=mask,
            max_new_tokens=new_tokens,
            repetition_penalty=1.0,
            pad_token_id=self.words.pad,
            logits_processor=LogitsProcessorList(steps),
            stopping_criteria=StoppingCriteriaList(stops),
            **({"do_sample": False} | settings),
        )
        return [self.words.decode(self._cut(row)) for row in ids.tolist()]

    def _cut(self, ids: list[int]) -> list[int]:
        """An answer's ids up to its end sign. An encoder-decoder model's begin with a sign."""
        ids = ids[1:] if self.lm.config.is_encoder_decoder else ids
        ends = {*self.ends, 0} if self.member.zero_is_end else set(self.ends)
        return ids[: next((i for i, token in enumerate(ids) if token in ends), len(ids))]

    def score_options(
        self, prefix: torch.Tensor, mask: torch.Tensor, options: Sequence[Sequence[str]]
    ) -> list[scoring.Scores]:
        """Log-probabilities of each row's options as the whole answer, end sign included."""
        ids = [[self._option(text) for text in several] for several in options]
        seq2seq = self.lm.config.is_encoder_decoder
        score = scoring.encoder_decoder if seq2seq else scoring.decoder_only
        return score(self.lm, prefix, mask, ids)

    def _option(self, text: str) -> list[int]:
        if self.member.end is not None:
            return self.words.option(text + self.member.end)
        return [*self.words.option(text), self.ends[0]]


class Forbid(LogitsProcessor):
    """No token from ``first`` up to ``stop`` in some rows: no Chinese in an English answer."""

    def __init__(self, rows: torch.Tensor, first: int, stop: int) -> None:
        self.rows, self.first, self.stop = rows, first, stop

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores (rows, vocabulary) with those tokens out of reach."""
        scores = scores.clone()
        block = scores[:, self.first : self.stop]
        block[self.rows[: len(block)]] = -torch.inf
        return scores


class StopAtText(StoppingCriteria):
    """Ends a row when its newest tokens hold a text, however it was cut into tokens."""

    def __init__(self, words: HuggingFaceTokenizer | ChatGLMPromptTokenizer, text: str) -> None:
        self.words, self.text = words, text

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Which rows are done, as booleans (rows,)."""
        tails = input_ids[:, -TAIL:].tolist()
        done = [self.text in self.words.decode(tail) for tail in tails]
        return torch.tensor(done, device=input_ids.device)

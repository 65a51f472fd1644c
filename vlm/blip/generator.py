"""The language model, driven by embeddings alone: free answers and the weights of options.

Driven by ``inputs_embeds``, as LAVIS does it, ``max_new_tokens`` and the repetition penalty never
count the prompt.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from transformers import (
    DynamicCache,
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    StoppingCriteriaList,
)

from vlm import options as scoring
from vlm.blip.tokenizers import PromptTokenizer
from vlm.blip.variants import Variant

TAIL = 8
"""How many of the newest tokens are searched for the text that ends an answer."""


class Spoken(NamedTuple):
    """A free answer."""

    text: str
    truncated: bool
    """Whether it stopped at its bound of tokens."""


class Generator:
    """Language model and tokenizer of a member of the family."""

    def __init__(
        self,
        language_model: Any,
        tokenizer: PromptTokenizer,
        member: Variant,
        settings: dict[str, Any],
    ) -> None:
        """``settings``: arguments of ``generate``, among them ``eos_token_id``."""
        self.lm, self.tokenizer = language_model, tokenizer
        self.member, self.settings = member, settings
        # The same options are weighed under every condition.
        self._continuations = lru_cache(4096)(
            lambda prompt, option, end: tokenizer.continuations(prompt, option, end, member.answers)
        )

    @property
    def ends(self) -> list[int]:
        """Ids of the signs that end an answer."""
        eos = self.settings["eos_token_id"]
        return [eos] if isinstance(eos, int) else list(eos)

    @property
    def room(self) -> int | None:
        """How many tokens prompt and answer may have together; None where there is no bound."""
        if self.lm.config.is_encoder_decoder:  # T5's positions are relative
            return None
        for name in ("max_position_embeddings", "max_sequence_length"):
            found = getattr(self.lm.config, name, None)
            if found:
                return int(found)
        return None

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of a prompt's stretches of text, closing signs included."""
        ids = self.tokenizer.segments(texts)
        ids[-1] = [*ids[-1], *self.tokenizer.closing]
        return ids

    def embed(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """Embeddings (length, width) of a prompt's stretches of text, closing signs included."""
        table = self.lm.get_input_embeddings()
        device = table.weight.device
        ids = self.ids(texts)
        return [table(torch.tensor(one, dtype=torch.long, device=device)) for one in ids]

    def speak(
        self, prefix: torch.Tensor, mask: torch.Tensor, new_tokens: int, english: Sequence[bool]
    ) -> tuple[list[Spoken], scoring.Prefill | None]:
        """Free answers after the prompts (rows, length, width), left-padded as ``mask`` says, and
        the prompts as they ran, for ``score_options``; None for an encoder-decoder model.

        ``english`` tells which questions were asked in English.
        """
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
            stops.append(StopAtText(self.tokenizer, self.member.end))
        kept = _Kept(self.lm)
        with kept:
            ids = self.lm.generate(
                inputs_embeds=prefix,
                attention_mask=mask,
                max_new_tokens=new_tokens,
                repetition_penalty=1.0,
                pad_token_id=self.tokenizer.pad,
                logits_processor=LogitsProcessorList(steps),
                stopping_criteria=StoppingCriteriaList(stops),
                **kept.arguments,
                **({"do_sample": False} | settings),
            )
        said = [self._spoken(self.cut(row), new_tokens) for row in ids.tolist()]
        return said, kept.prefill(*prefix.shape[:2])

    def _spoken(self, ids: list[int], bound: int) -> Spoken:
        text = self.tokenizer.decode(ids)
        ended = len(ids) < bound or (self.member.end is not None and self.member.end in text)
        return Spoken(text, not ended)

    def first_logits(self, prefix: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (rows, vocabulary) of the first token behind prompts (rows, length, width)."""
        more = {}
        if self.lm.config.is_encoder_decoder:
            start = self.lm.config.decoder_start_token_id
            more = {"decoder_input_ids": torch.full_like(mask[:, :1], start)}
        else:
            more = {"position_ids": mask.cumsum(1).sub(1).clamp(min=0)}
        found: torch.Tensor = self.lm(inputs_embeds=prefix, attention_mask=mask, **more).logits
        return found[:, -1]

    def cut(self, ids: list[int]) -> list[int]:
        """An answer's ids up to its end sign. An encoder-decoder model's begin with a sign."""
        ids = ids[1:] if self.lm.config.is_encoder_decoder else ids
        ends = {*self.ends, 0} if self.member.zero_is_end else set(self.ends)
        return ids[: next((i for i, token in enumerate(ids) if token in ends), len(ids))]

    def option_forms(self, prompt: str, options: Sequence[str]) -> list[list[list[int]]]:
        """Token ids of each option, end sign included, in each of its forms (``vlm.options``);
        ``prompt`` is the last stretch of text before the answer."""
        before = "" if self.lm.config.is_encoder_decoder else prompt
        end, sign = (self.member.end, []) if self.member.end else ("", self.ends[:1])
        return [
            [[*ids, *sign] for ids in self._continuations(before, option, end)]
            for option in options
        ]

    def score_options(
        self,
        prefix: torch.Tensor,
        mask: torch.Tensor,
        forms: Sequence[Sequence[scoring.Forms]],
        ready: scoring.Prefill | None = None,
    ) -> list[scoring.Scores]:
        """Log-probabilities of each row's options as the whole answer; ``forms[row][option]`` as
        ``option_forms`` gives them; ``ready``: the prompts as they ran in ``speak``."""
        flat = [[ids for option in row for ids in option] for row in forms]
        if self.lm.config.is_encoder_decoder:
            found = scoring.encoder_decoder(self.lm, prefix, mask, flat)
        else:
            found = scoring.decoder_only(self.lm, prefix, mask, flat, ready)
        return scoring.merged(forms, found)


class _Kept:
    """Keeps the prompts' run of a ``generate``, so that options need none of their own."""

    def __init__(self, lm: Any) -> None:
        self._lm, self._logits = lm, None
        self._cache = None if lm.config.is_encoder_decoder else DynamicCache(config=lm.config)
        if self._cache is not None:
            self._cache.activate_past_recording()  # else a sliding window cannot be cut back
        self.arguments = {} if self._cache is None else {"past_key_values": self._cache}

    def _keep(self, _: Any, __: Any, out: Any) -> None:
        if self._logits is None:
            self._logits = out.logits[:, -1]

    def __enter__(self) -> None:
        self._handle = self._lm.register_forward_hook(self._keep)

    def __exit__(self, *_: object) -> None:
        self._handle.remove()

    def prefill(self, rows: int, length: int) -> scoring.Prefill | None:
        """The run of prompts (rows, length), cut off from the answers behind them. Beams change
        places within their row only, so that each prompt stays where it was."""
        if self._cache is None or self._logits is None:
            return None
        self._cache.crop(length - self._cache.get_seq_length())
        return scoring.Prefill(self._cache, self._logits, len(self._logits) // rows)


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

    def __init__(self, tokenizer: PromptTokenizer, text: str) -> None:
        self.tokenizer, self.text = tokenizer, text

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Which rows are done, as booleans (rows,)."""
        tails = input_ids[:, -TAIL:].tolist()
        done = [self.text in self.tokenizer.decode(tail) for tail in tails]
        return torch.tensor(done, device=input_ids.device)

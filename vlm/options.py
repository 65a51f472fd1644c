"""Log-probability of each option as the whole answer, over a prefix that is computed once.

The log-probability of an option is the sum over its tokens, end sign included, of the log-softmax
of the logits that predict them; with the end sign "no" and "no way" are different answers.

An option's tokens must be those with which the model was trained to go on from its prompt. After
``Answer:`` OPT says `` no`` and never ``no``: prompt and answer were one text (``JOINED``). LAVIS's
InstructBLIP, MiniGPT-4 and VisualGLM were trained on the two tokenised one by one (``APART``), so
that their answers begin as a text of its own does. Where nobody can tell, both forms count
(``EITHER``): the blank before an answer is cut off an answer in words as well, and the chance of an
option is the sum over its forms.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

Scores = tuple[tuple[float, ...], tuple[int, ...]]
"""Sum of log-probabilities and number of tokens, per option."""

JOINED, APART, EITHER = "joined", "apart", "either"
Forms = Sequence[Sequence[int]]
"""The ways to write one option in tokens, each with the end sign."""
NO_BLANK = re.compile("[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Scripts that are written without blanks between words."""


def continuations(
    tokenise: Callable[[str], list[int]], prompt: str, option: str, end: str, how: str
) -> list[list[int]]:
    """Token ids of an option after the end of its prompt, in one form or two.

    ``prompt``: the text right before the answer, or nothing where the answer begins a sequence of
    its own (an encoder-decoder model, ChatGLM behind its signs); ``end``: text behind the option;
    ``how``: ``JOINED``, ``APART`` or ``EITHER``.
    """
    alone = tokenise(option + end)
    if not prompt or how == APART:
        return [alone]
    blank = "" if prompt[-1].isspace() or NO_BLANK.match(option) else " "
    before, whole = tokenise(prompt), tokenise(prompt + blank + option + end)
    if whole[: len(before)] != before:
        # The option's beginning merges with the prompt's end, which stands there already.
        return [alone]
    joined = whole[len(before) :]
    return [joined] if how == JOINED or joined == alone else [joined, alone]


def alike(options: Sequence[str], forms: Sequence[Forms]) -> list[str]:
    """A note where two options are the same tokens, so that their scores say nothing."""
    met: dict[tuple[int, ...], str] = {}
    for option, several in zip(options, forms, strict=True):
        for ids in several:
            other = met.setdefault(tuple(ids), option)
            if other != option:
                return [
                    f"the options {other!r} and {option!r} are the same tokens to this model, "
                    "whose vocabulary lacks what tells them apart: their scores are equal"
                ]
    return []


def merged(forms: Sequence[Sequence[Forms]], found: Sequence[Scores]) -> list[Scores]:
    """Scores of options from the scores of their forms: ``forms[row][option]``, and for each row
    the scores of all its forms in order. The length is that of an option's likeliest form."""
    rows = []
    for several, (sums, _) in zip(forms, found, strict=True):
        at, row = 0, []
        for option in several:
            own = sums[at : at + len(option)]
            best = max(range(len(own)), key=own.__getitem__)
            rest = sum(math.exp(p - own[best]) for i, p in enumerate(own) if i != best)
            row.append((own[best] + math.log1p(rest), len(option[best])))
            at += len(option)
        rows.append((tuple(p for p, _ in row), tuple(n for _, n in row)))
    return rows


def _padded(
    rows: Sequence[Sequence[int]], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long, device=device)
    real = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row, device=device)
        real[i, : len(row)] = 1
    return ids, real


def _gather(logits: torch.Tensor, ids: torch.Tensor, real: torch.Tensor) -> list[float]:
    logprobs = logits.float().log_softmax(-1).gather(-1, ids[..., None])[..., 0]
    return (logprobs * real).sum(1).tolist()


def _regroup(sums: list[float], options: Sequence[Sequence[Sequence[int]]]) -> list[Scores]:
    scores, at = [], 0
    for several in options:
        scores.append((tuple(sums[at : at + len(several)]), tuple(map(len, several))))
        at += len(several)
    return scores


@dataclass(frozen=True)
class Prefill:
    """Prompts that ran through a language model."""

    cache: Any
    logits: torch.Tensor
    """Of the token behind each prompt, (rows x repeats, vocabulary)."""
    repeats: int = 1
    """How often each prompt stands there, one copy after another: once a beam."""


def prefill(lm: PreTrainedModel, prefix: torch.Tensor, mask: torch.Tensor) -> Prefill:
    """Run prompts through a model once; ``prefix`` and ``mask`` as in ``decoder_only``."""
    # Logits of the last column alone: those of a whole batch of prompts would take gigabytes.
    out = lm(
        inputs_embeds=prefix,
        attention_mask=mask,
        position_ids=_places(mask),
        use_cache=True,
        logits_to_keep=1,
    )
    return Prefill(out.past_key_values, out.logits[:, -1])


def _places(mask: torch.Tensor) -> torch.Tensor:
    return mask.cumsum(1).sub(1).clamp(min=0)


def decoder_only(
    lm: PreTrainedModel,
    prefix: torch.Tensor,
    mask: torch.Tensor,
    options: Sequence[Sequence[Sequence[int]]],
    ready: Prefill | None = None,
) -> list[Scores]:
    """Scores of each row's options after its prefix.

    ``prefix``: embeddings (rows, length, width), left-padded as ``mask`` (rows, length) says;
    ``options[row]``: token ids of each option, end sign included. The prefix runs through the
    model once, unless it is ``ready``, and its cache is repeated for the options (so that it
    cannot be used again).
    """
    places = _places(mask)
    ready = ready or prefill(lm, prefix, mask)
    rows = torch.tensor([i for i, o in enumerate(options) for _ in o], device=prefix.device)
    ids, real = _padded([ids for several in options for ids in several], prefix.device)
    cache = ready.cache
    cache.reorder_cache(rows * ready.repeats)
    logits = ready.logits[rows * ready.repeats, None]
    if ids.shape[1] > 1:
        grown = torch.cat([mask[rows], real[:, :-1]], 1)
        next_places = places[rows, -1:] + 1 + torch.arange(ids.shape[1] - 1, device=rows.device)
        more = lm(
            input_ids=ids[:, :-1],
            attention_mask=grown,
            position_ids=next_places,
            past_key_values=cache,
            use_cache=True,
        )
        logits = torch.cat([logits.to(more.logits.dtype), more.logits], 1)
    return _regroup(_gather(logits, ids, real), options)


def encoder_decoder(
    lm: PreTrainedModel,
    prefix: torch.Tensor,
    mask: torch.Tensor,
    options: Sequence[Sequence[Sequence[int]]],
) -> list[Scores]:
    """As ``decoder_only``, for models whose encoder reads the prefix (Flan-T5)."""
    encoded = lm.get_encoder()(inputs_embeds=prefix, attention_mask=mask).last_hidden_state
    rows = torch.tensor([i for i, o in enumerate(options) for _ in o], device=prefix.device)
    ids, real = _padded([ids for several in options for ids in several], prefix.device)
    start = torch.full_like(ids[:, :1], lm.config.decoder_start_token_id)
    out = lm(
        encoder_outputs=BaseModelOutput(last_hidden_state=encoded[rows]),
        attention_mask=mask[rows],
        decoder_input_ids=torch.cat([start, ids[:, :-1]], 1),
    )
    return _regroup(_gather(out.logits, ids, real), options)

"""Log-probability of each option as a chat model's whole answer, over one run of its prompt.

The prompt with its pictures runs through the model once, for the answer in words and for every
option: an option's tokens are run behind the prompt's cache and cut off it again, so that the cache
is never copied. Not every family allows that (recurrent states, positions kept between calls), so
the first use with so many pictures compares it with plain runs over prompt and option together;
where the two differ, the plain runs are used from then on.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from vlm.options import Scores

Rows = Sequence[Sequence[Sequence[int]]]
"""Token ids to weigh, end sign included: ``rows[row][form]``."""
Inputs = dict[str, torch.Tensor]
TOLERANCE = {torch.float32: 1e-3}
"""How much two ways may differ per token, in nats; half precision rounds more."""
FAILURES = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a family raises where a short cut is not for it."""


@dataclass
class Prefilled:
    """A prompt that ran through the model."""

    cache: Any
    logits: torch.Tensor
    """Of the token behind the prompt, (rows, vocabulary)."""
    counted: bool = False
    """Whether positions count real tokens only, as ``generate`` does; else padding counts too."""


class OptionScorer:
    """Weighs options after prompts for one model."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.shares: dict[tuple[int, bool], bool] = {}
        """(pictures a row, several rows) -> whether the prompt is run once for all options."""

    def cache(self) -> Any:
        """An empty cache that can be cut back to the prompt."""
        cache = DynamicCache(config=self.network.config.get_text_config(decoder=True))
        cache.activate_past_recording()
        return cache

    def prefill(self, inputs: Inputs) -> Prefilled:
        """Run prompts (left-padded, as the processor made them) through the model."""
        self.forget()
        cache = self.cache()
        out = self.network(**inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return Prefilled(out.past_key_values, out.logits[:, -1])

    def __call__(
        self, inputs: Inputs, rows: Rows, pictures: int, ready: Prefilled | None = None
    ) -> list[Scores]:
        """Scores of each row's forms. ``pictures``: how many each row has; ``ready``: the prompts
        where they have run already; its cache is cut back, but holds the prompts no longer
        usable elsewhere."""
        kind = pictures, len(rows) > 1
        if kind not in self.shares:
            return self._try(inputs, rows, kind, ready)
        if self.shares[kind]:
            return self._shared(inputs, rows, ready)
        return self._plain(inputs, rows)

    def _try(
        self, inputs: Inputs, rows: Rows, kind: tuple[int, bool], ready: Prefilled | None
    ) -> list[Scores]:
        """Both ways, and which of them is to be used from now on."""
        try:
            shared = self._shared(inputs, rows, ready)
        except FAILURES as error:
            if "memory" in str(error):
                raise
            shared = None
        plain = self._plain(inputs, rows)
        self.shares[kind] = shared is not None and self._close(shared, plain)
        return plain

    def _close(self, one: list[Scores], other: list[Scores]) -> bool:
        worst = max(
            (
                abs(a - b) / n
                for (mine, tokens), (theirs, _) in zip(one, other, strict=True)
                for a, b, n in zip(mine, theirs, tokens, strict=True)
            ),
            default=0.0,
        )
        return worst <= TOLERANCE.get(self.network.dtype, 0.1)

    def _shared(self, inputs: Inputs, rows: Rows, ready: Prefilled | None) -> list[Scores]:
        ready = ready or self.prefill(inputs)
        mask = inputs["attention_mask"]
        columns = []
        for ids, real in _columns(rows, mask.device):
            logits = ready.logits[:, None]
            if ids.shape[1] > 1:
                grown = torch.cat([mask, real[:, :-1]], 1)
                more = self.network(
                    input_ids=ids[:, :-1],
                    attention_mask=grown,
                    past_key_values=ready.cache,
                    use_cache=True,
                    **self._places(grown, ids.shape[1] - 1, ready.counted),
                )
                ready.cache.crop(1 - ids.shape[1])
                logits = torch.cat([logits.to(more.logits.dtype), more.logits], 1)
            columns.append(_sums(logits, ids, real))
        return _by_row(columns, rows)

    def _plain(self, inputs: Inputs, rows: Rows) -> list[Scores]:
        """One run for each form's number, over all rows: the pictures' tensors, whose layout is
        the family's own business, go in unchanged."""
        columns = []
        for ids, real in _columns(rows, inputs["input_ids"].device):
            self.forget()
            out = self.network(
                **extended(inputs, ids, real), use_cache=False, logits_to_keep=ids.shape[1] + 1
            )
            columns.append(_sums(out.logits[:, -ids.shape[1] - 1 : -1], ids, real))
        return _by_row(columns, rows)

    def _places(self, mask: torch.Tensor, new: int, counted: bool) -> Inputs:
        """Positions of the last ``new`` tokens, where the model would find others itself: behind a
        prompt whose padding does not count, and in the families with three axes of positions."""
        places = mask.cumsum(1)[:, -new:] - 1
        for module in self.network.modules():
            shift = getattr(module, "rope_deltas", None)
            if isinstance(shift, torch.Tensor):
                places = places + shift.repeat_interleave(len(mask) // len(shift), 0)
                return {"position_ids": places.expand(3, -1, -1)}
        takes = "position_ids" in inspect.signature(self.network.forward).parameters
        return {"position_ids": places} if counted and takes else {}

    def forget(self) -> None:
        """Qwen-VL keeps the last call's position offsets, which are wrong for another prompt."""
        for module in self.network.modules():
            if getattr(module, "rope_deltas", None) is not None:
                module.rope_deltas = None


def _columns(rows: Rows, device: torch.device) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The first form of every row, the second, ...: right-padded ids (rows, width) and which of
    them are real. A row with fewer forms repeats its last one."""
    most = max(map(len, rows))
    return [_padded([row[min(i, len(row) - 1)] for row in rows], device) for i in range(most)]


def _by_row(columns: Sequence[Sequence[float]], rows: Rows) -> list[Scores]:
    return [
        (tuple(column[i] for column in columns[: len(row)]), tuple(map(len, row)))
        for i, row in enumerate(rows)
    ]


def extended(inputs: Inputs, ids: torch.Tensor, real: torch.Tensor) -> Inputs:
    """The inputs with an option behind each prompt."""
    shape = inputs["input_ids"].shape
    # Whatever else has one entry a token says what kind of token it is; 0 stands for text.
    behind = {"input_ids": ids, "attention_mask": real}
    made = {}
    for name, value in inputs.items():
        if value.shape == shape:
            more = behind.get(name, torch.zeros_like(ids)).to(value.dtype)
            value = torch.cat([value, more], 1)
        elif value.shape[:2] == shape:  # which pictures a token sees (Mllama)
            value = torch.cat([value, value[:, -1:].expand(-1, ids.shape[1], -1, -1)], 1)
        made[name] = value
    return made


def _padded(
    rows: Sequence[Sequence[int]], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Right-padded ids (rows, width) and which of them are real."""
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=device)
    real = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=device)
    return ids, real


def _sums(logits: torch.Tensor, ids: torch.Tensor, real: torch.Tensor) -> list[float]:
    logprobs = logits.float().log_softmax(-1).gather(-1, ids[..., None])[..., 0]
    # where, not a product: a padded place may hold -inf
    found: list[float] = logprobs.where(real.bool(), 0.0).sum(1).tolist()
    return found

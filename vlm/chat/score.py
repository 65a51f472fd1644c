"""Log-probability of each option as a chat model's whole answer.

The prompt with its pictures runs through the model once and its cache is repeated for the options.
Not every family allows that (recurrent states, positions kept between calls), so the first use
compares it with a plain run over prompt and option together; where the two differ, the plain run
is used from then on.
"""

from collections.abc import Sequence
from typing import Any

import torch

from vlm.options import Scores

Options = Sequence[Sequence[Sequence[int]]]
"""Token ids of each option, end sign included: ``options[row][option]``; equally many a row."""
TOLERANCE = {torch.float32: 1e-3}
"""How much the two ways may differ per token, in nats; half precision rounds more."""


class OptionScorer:
    """Scores options after prompts for one model."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.shares: bool | None = None
        """Whether the prompt is run once for all options; None until ``check``."""

    def check(self, inputs: dict[str, torch.Tensor], options: Options) -> bool:
        """Find out whether the prompt can be shared, on inputs that should have several rows of
        unlike length, pictures, and several options."""
        plain = self._plain(inputs, options)
        try:
            shared = self._shared(inputs, options)
        except (
            AttributeError,
            IndexError,
            NotImplementedError,
            RuntimeError,
            TypeError,
            ValueError,
        ):
            self.shares = False
            return False
        worst = max(
            abs(a - b) / n
            for (one, tokens), (two, _) in zip(plain, shared, strict=True)
            for a, b, n in zip(one, two, tokens, strict=True)
        )
        self.shares = worst <= TOLERANCE.get(self.network.dtype, 0.1)
        return self.shares

    def __call__(self, inputs: dict[str, torch.Tensor], options: Options) -> list[Scores]:
        """Scores of each row's options; ``inputs`` as the processor made them, left-padded."""
        return self._shared(inputs, options) if self.shares else self._plain(inputs, options)

    def _shared(self, inputs: dict[str, torch.Tensor], options: Options) -> list[Scores]:
        self._forget()
        out = self.network(**inputs, use_cache=True, logits_to_keep=1)
        several = len(options[0])
        mask = inputs["attention_mask"].repeat_interleave(several, 0)
        ids, real = _padded([ids for row in options for ids in row], mask.device)
        rows = torch.arange(len(options), device=mask.device).repeat_interleave(several)
        cache = out.past_key_values
        cache.reorder_cache(rows)
        logits = out.logits[:, -1:][rows]
        if ids.shape[1] > 1:
            mask = torch.cat([mask, real[:, :-1]], 1)
            more = self.network(
                input_ids=ids[:, :-1],
                attention_mask=mask,
                past_key_values=cache,
                use_cache=True,
                **self._places(mask, ids.shape[1] - 1),
            )
            logits = torch.cat([logits, more.logits], 1)
        sums = _sums(logits, ids, real)
        return [
            (tuple(sums[i * several : (i + 1) * several]), tuple(map(len, row)))
            for i, row in enumerate(options)
        ]

    def _plain(self, inputs: dict[str, torch.Tensor], options: Options) -> list[Scores]:
        """One run for each option number, over all rows: the pictures' tensors, whose layout is
        the family's own business, go in unchanged."""
        columns = []
        for number in range(len(options[0])):
            ids, real = _padded([row[number] for row in options], inputs["input_ids"].device)
            self._forget()
            out = self.network(
                **_extended(inputs, ids, real), use_cache=False, logits_to_keep=ids.shape[1] + 1
            )
            columns.append(_sums(out.logits[:, -ids.shape[1] - 1 : -1], ids, real))
        return [
            (tuple(column[i] for column in columns), tuple(map(len, row)))
            for i, row in enumerate(options)
        ]

    def _places(self, mask: torch.Tensor, new: int) -> dict[str, torch.Tensor]:
        """Positions of the last ``new`` tokens, for the families with three axes of positions:
        given a cache and several new tokens, they count from the wrong end themselves."""
        for module in self.network.modules():
            shift = getattr(module, "rope_deltas", None)
            if isinstance(shift, torch.Tensor):
                places = mask.cumsum(1)[:, -new:] - 1
                places = places + shift.repeat_interleave(len(mask) // len(shift), 0)
                return {"position_ids": places.expand(3, -1, -1)}
        return {}

    def _forget(self) -> None:
        """Qwen-VL keeps the last call's position offsets, which are wrong for another prompt."""
        for module in self.network.modules():
            if getattr(module, "rope_deltas", None) is not None:
                module.rope_deltas = None


def _extended(
    inputs: dict[str, torch.Tensor], ids: torch.Tensor, real: torch.Tensor
) -> dict[str, torch.Tensor]:
    """The inputs with an option behind each prompt."""
    shape = inputs["input_ids"].shape
    # Whatever else has one entry a token says what kind of token it is; 0 stands for text.
    behind = {"input_ids": ids, "attention_mask": real}
    return {
        name: torch.cat([value, behind.get(name, torch.zeros_like(ids)).to(value.dtype)], 1)
        if value.shape == shape
        else value
        for name, value in inputs.items()
    }


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

"""Where a ChatGLM token stands: two position rows, the prefix mask and the rotary turn.

A sequence is the context (picture and question), [gMASK], <sop>, then the answer. Context tokens
count 0, 1, 2, ... in the first row and have 0 in the second; from <sop> on the first row stays at
the place of [gMASK] and the second counts 1, 2, 3, .... Every token sees the whole context, an
answer token also the answer tokens before it. ``start`` below is the column of <sop>.
"""

import torch

ROTARY_BASE = 10000.0


def position_rows(
    real: torch.Tensor, start: torch.Tensor, length: int, index: torch.Tensor | None = None
) -> torch.Tensor:
    """Both position rows of the last ``length`` tokens: (rows, 2, length), integer.

    ``real`` (rows, all columns) is 1 for tokens and 0 for padding, ``start`` (rows,) the column of
    each row's <sop>. ``index`` (rows or 1, length) numbers the tokens of a row without its
    padding; left out, it is counted from ``real``.
    """
    before = torch.arange(real.shape[1], device=real.device) < start[:, None]
    context = (real * before).sum(1, keepdim=True)
    if index is None:
        index = real.cumsum(1)[:, -length:] - 1
    index = index.clamp(min=0).expand(len(real), -1)
    # [gMASK] is the last token of the context.
    place = torch.minimum(index, (context - 1).clamp(min=0))
    block = (index - context + 1).clamp(min=0)
    return torch.stack([place, block], 1)


def attention_bias(
    real: torch.Tensor, start: torch.Tensor, length: int, dtype: torch.dtype
) -> torch.Tensor:
    """What the last ``length`` tokens may see, as a bias (rows, 1, length, all columns).

    0 where the query sees the key, else the lowest number of ``dtype``; the published code writes
    -10000 there, which after the softmax is the same zero. Padding is never seen; what padding
    itself sees is of no account, but never nothing, which would make it NaN.
    """
    columns = real.shape[1]
    key = torch.arange(columns, device=real.device)
    query = key[columns - length :]
    seen = (key <= query[:, None]) | (key < start[:, None, None])
    seen = seen & real.bool()[:, None, :]
    bias = torch.zeros(seen.shape, dtype=dtype, device=real.device)
    return bias.masked_fill(~seen, torch.finfo(dtype).min)[:, None]


def rotary_turn(
    rows: torch.Tensor, width: int, table: str, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines, each (rows, 2, 1, length, width) in ``dtype``.

    ``rows``: both position rows (rows, 2, length); ``width``: half a head. ``table``: see
    ``ChatGLMConfig.rotary_dtype``. Against exact angles the half-precision cosines are off by up
    to 0.01 below position 64 and 0.8 below 2048: the model was trained with these.
    """
    powers = torch.arange(0, width, 2, dtype=torch.float32, device=rows.device) / width
    rounded = (1.0 / ROTARY_BASE**powers).half()
    counted = torch.float16 if table == "float16" else torch.float32
    angles = rows.to(counted)[..., None] * rounded.to(counted)
    angles = torch.cat([angles, angles], -1)[:, :, None]
    return angles.cos().to(dtype), angles.sin().to(dtype)


def turn(states: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotate heads (rows, heads, length, head width): the first half of each head by the first
    position row, the second half by the second."""
    halves = torch.stack(states.chunk(2, -1), 1)
    left, right = halves.chunk(2, -1)
    turned = halves * cos + torch.cat([-right, left], -1) * sin
    return torch.cat([turned[:, 0], turned[:, 1]], -1)

"""Pictures encoded once: what the vision tower makes of a picture is kept and given again.

transformers' chat models ask their own ``get_image_features`` for what stands at a picture's
tokens, and join the answers of several pictures in order. That method is put behind a memory here:
every distinct picture goes through it once, alone, with what the processor made of it.
"""

import functools
import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from vlm.query import pixel_sha256

KEPT_BYTES = 1 << 30
"""Memory for what is kept; a picture of LLaVA-1.5 takes 4.7 MB in half precision."""
FIELDS = ("pooler_output", "deepstack_features")
"""What the models read of the answer: features for each picture, and for each picture and layer."""


class PictureMemory:
    """The memory in front of one model's ``get_image_features``."""

    def __init__(self, network: Any, process: Callable[[np.ndarray], dict[str, Any]]) -> None:
        """``process``: what the processor makes of a prompt with this picture alone."""
        self._owner = getattr(network, "base_model", network)
        self._real = getattr(self._owner, "get_image_features", None)
        self._process = process

        @functools.wraps(getattr(self._real, "__func__", self._features))
        def stand_in(*values: Any, **named: Any) -> Any:
            return self._features(*values, **named)

        self._stand_in = stand_in
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._shown: list[tuple[str, np.ndarray]] | None = None
        self.encoded = 0
        """How many pictures went through the vision tower by this way."""
        self.works = self._real is not None
        """False where the model has no such method, or gave another answer with a memory."""

    @contextmanager
    def showing(self, pictures: Sequence[np.ndarray]) -> Iterator[None]:
        """The pictures of the calls inside, in order; outside, the model is as it was."""
        if not self.works or not pictures:
            yield
            return
        before, self._shown = self._shown, [(pixel_sha256(p), p) for p in pictures]
        self._owner.get_image_features = self._stand_in
        try:
            yield
        finally:
            self._shown = before
            if before is None:
                del self._owner.get_image_features

    def _features(self, *values: Any, **named: Any) -> Any:
        """As ``get_image_features`` of the pictures that are shown."""
        assert self._real is not None
        bound = inspect.signature(self._real).bind(*values, **named)
        given = {**bound.arguments, **bound.arguments.pop("kwargs", {})}
        found = []
        for key, picture in self._shown or ():
            if key not in self._kept:
                self._kept[key] = self._encode(picture, given)
            self._kept.move_to_end(key)
            found.append(self._kept[key])
        self._forget({key for key, _ in self._shown or ()})
        kind = found[0][0]
        joined = {name: _joined([own[name] for _, own in found], name) for name in found[0][1]}
        return kind(**joined)

    def _encode(self, picture: np.ndarray, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The kind of the model's answer, and what is kept of it."""
        made = self._process(picture)
        # What the model passes on beside the pictures' tensors (which layer, which strategy).
        own = {k: v for k, v in given.items() if not isinstance(v, torch.Tensor)}
        own |= {k: made[k] for k in given if k in made}
        assert self._real is not None
        out = self._real(**own)
        self.encoded += 1
        return type(out), {n: out[n] for n in FIELDS if out.get(n) is not None}

    def _forget(self, needed: set[str]) -> None:
        """Drop the pictures that were not needed for longest, until the rest fits."""
        size = sum(_bytes(fields) for _, fields in self._kept.values())
        for key in [k for k in self._kept if k not in needed]:
            if size <= KEPT_BYTES:
                return
            size -= _bytes(self._kept.pop(key)[1])


def _joined(parts: list[Any], name: str) -> Any:
    """One answer of several: tensors joined along the first axis, lists one after another."""
    if isinstance(parts[0], torch.Tensor):
        return torch.cat(parts)
    if name == "deepstack_features":  # for each layer all pictures' tokens
        return [_joined(list(layer), "") for layer in zip(*parts, strict=True)]
    return [item for part in parts for item in part]


def _bytes(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    items = value.values() if isinstance(value, dict) else value
    return sum(_bytes(item) for item in items)

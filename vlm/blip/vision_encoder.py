"""Pictures -> soft tokens for the language model; each distinct picture is encoded once."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from PIL import Image

from vlm.blip.modeling import BlipModel
from vlm.query import pixel_sha256

CACHE_FRAMES = 512
"""How many frames are kept: a probe asks many questions about few frames."""
AT_ONCE = 32
"""How many new pictures go through the vision tower together."""
READER_TOKENS = 128
"""LAVIS cuts the Q-Former's copy of the question there."""


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of up to ``size`` items, in order."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


class VisionEncoder:
    """Vision tower, Q-Former and projection of a model."""

    def __init__(self, net: BlipModel, processor: Any, reader: Any | None) -> None:
        """``processor`` makes pixels of pictures; ``reader`` is the Q-Former's own tokenizer, None
        where the Q-Former does not get the question."""
        self.network, self.processor, self.reader = net, processor, reader
        self._kept: OrderedDict[str, torch.Tensor] = OrderedDict()
        if reader is not None:
            # Absolute positions: with padding on the left an answer would depend on its batch.
            reader.padding_side = "right"
            # As in LAVIS: what was told comes first in a prompt, and the question at its end.
            reader.truncation_side = "left"
            self._length = min(READER_TOKENS, net.qformer.config.max_position_embeddings)

    def look(self, images: Sequence[np.ndarray], questions: Sequence[str]) -> list[torch.Tensor]:
        """Soft tokens (queries, width) of each picture, seen with its question in mind."""
        if not images:
            return []
        if self.reader is None:
            return self._once(images, lambda pixels: self._read(self._see(pixels), None))
        hidden = torch.stack(self._once(images, self._see))
        return list(self._read(hidden, self.asked(questions).to(hidden.device)))

    def asked(self, questions: Sequence[str]) -> Any:
        """The Q-Former's token ids of questions and their mask, where it gets them."""
        assert self.reader is not None
        return self.reader(
            list(questions),
            padding=True,
            truncation=True,
            max_length=self._length,
            return_tensors="pt",
        )

    def pixels(self, images: Sequence[np.ndarray]) -> torch.Tensor:
        """What the vision tower gets of pictures, (images, 3, height, width)."""
        pictures = [Image.fromarray(image) for image in images]
        made: torch.Tensor = self.processor(pictures, return_tensors="pt").pixel_values
        return made

    def cut(self, question: str) -> int:
        """How many of a question's tokens the Q-Former does not get, because it takes no more."""
        if self.reader is None:
            return 0
        return max(0, len(self.reader(question).input_ids) - self._length)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels to which every picture is squeezed."""
        size = self.processor.size
        return int(size["width"]), int(size["height"])

    def shown(self, picture: np.ndarray) -> np.ndarray:
        """A picture as the vision tower gets it, uint8 (height, width, 3)."""
        made = self.processor([Image.fromarray(picture)], return_tensors="np").pixel_values[0]
        mean, std = (np.array(v)[:, None, None] for v in self._colours)
        scaled = np.clip(np.rint((made * std + mean) * 255), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(scaled.transpose(1, 2, 0))

    @property
    def _colours(self) -> tuple[Sequence[float], Sequence[float]]:
        return self.processor.image_mean, self.processor.image_std

    def _once(
        self, images: Sequence[np.ndarray], encode: Callable[[torch.Tensor], torch.Tensor]
    ) -> list[torch.Tensor]:
        """What ``encode`` makes of each picture, from the cache where it was met before."""
        keys = [pixel_sha256(image) for image in images]
        new = {k: i for k, i in zip(keys, images, strict=True) if k not in self._kept}
        for some in batched(new.items(), AT_ONCE):
            pixels = self.pixels([image for _, image in some])
            for (key, _), seen in zip(some, encode(pixels), strict=True):
                self._kept[key] = seen.clone()  # a view would keep the whole batch alive
        for key in keys:
            self._kept.move_to_end(key)
        found = [self._kept[key] for key in keys]
        while len(self._kept) > CACHE_FRAMES:
            self._kept.popitem(last=False)
        return found

    def _see(self, pixels: torch.Tensor) -> torch.Tensor:
        """Vision tokens (images, tokens, width) of pixels (images, 3, height, width)."""
        like = self.network.vision_model.post_layernorm.weight
        hidden: torch.Tensor = self.network.vision_model(pixels.to(like)).last_hidden_state
        return hidden

    def _read(self, hidden: torch.Tensor, question_ids: Any | None) -> torch.Tensor:
        """Soft tokens (images, queries, width of the language model) from vision tokens."""
        net = self.network
        queries = net.query_tokens.expand(len(hidden), -1, -1)
        given: dict[str, Any] = {"encoder_hidden_states": hidden.to(queries.dtype)}
        if question_ids is not None:
            own = question_ids.attention_mask.new_ones(queries.shape[:2])
            given["attention_mask"] = torch.cat([own, question_ids.attention_mask], 1)
            given["input_ids"] = question_ids.input_ids
        out = net.qformer(query_embeds=queries, **given).last_hidden_state[:, : queries.shape[1]]
        tokens: torch.Tensor = net.language_projection(out)
        return tokens

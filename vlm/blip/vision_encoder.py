"""Pictures -> soft tokens for the language model; each distinct picture is encoded once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, cast

import numpy as np
import torch
from PIL import Image

from vlm.blip.modeling import BlipModel, Network
from vlm.query import pixel_sha256

CACHE_FRAMES = 512
"""How many frames are kept, and how many as seen with one question in mind: a probe asks many
questions about few frames, and shows the same frames in many orders."""
AT_ONCE = 32
"""How many new pictures go through the vision tower, or the Q-Former, together."""
READER_TOKENS = 128
"""LAVIS cuts the Q-Former's copy of the question there."""


class Recent:
    """Tensors by key; those used last are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, torch.Tensor] = OrderedDict()

    def fill(
        self, keys: Sequence[Hashable], make: Callable[[list[int]], torch.Tensor]
    ) -> list[torch.Tensor]:
        """The tensor of each key. ``make`` gives those at some places, as one batch; it is asked
        once for each key that is not there, for ``AT_ONCE`` of them together."""
        new = {key: place for place, key in enumerate(keys) if key not in self._kept}
        places = list(new.values())
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            for place, made in zip(some, make(some), strict=True):
                self._kept[keys[place]] = made.clone()  # a view would keep the whole batch alive
        for key in keys:
            self._kept.move_to_end(key)
        found = [self._kept[key] for key in keys]
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found


class VisionEncoder:
    """Vision tower, Q-Former and projection of a model."""

    def __init__(self, net: Network, processor: Any, reader: Any | None) -> None:
        """``processor`` makes pixels of pictures; ``reader`` is the Q-Former's own tokenizer, None
        where the Q-Former does not get the question."""
        self.network, self.processor, self.reader = net, processor, reader
        self._pictures, self._pairs = Recent(CACHE_FRAMES), Recent(CACHE_FRAMES)
        if reader is not None:
            # Absolute positions: with padding on the left an answer would depend on its batch.
            reader.padding_side = "right"
            # As in LAVIS: what was told comes first in a prompt, and the question at its end.
            reader.truncation_side = "left"
            positions: int = cast(BlipModel, net).qformer.config.max_position_embeddings
            self._length = min(READER_TOKENS, positions)

    def look(self, images: Sequence[np.ndarray], questions: Sequence[str]) -> list[torch.Tensor]:
        """Soft tokens (tokens, width) of each picture, seen with its question in mind."""
        if not images:
            return []
        hashes = [pixel_sha256(image) for image in images]
        if self.reader is None:
            return self._pairs.fill(
                hashes, lambda places: self._read(self._vision([images[i] for i in places]), None)
            )

        def read(places: list[int]) -> torch.Tensor:
            shown = [images[i] for i in places]
            hidden = self._pictures.fill(
                [hashes[i] for i in places],
                lambda some: self._vision([shown[i] for i in some]),
            )
            return self._read(torch.stack(hidden), [questions[i] for i in places])

        return self._pairs.fill(list(zip(hashes, questions, strict=True)), read)

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

    def shown(self, picture: np.ndarray) -> np.ndarray:
        """A picture as the vision tower gets it, uint8 (height, width, 3)."""
        made = self.pixels([picture])[0].numpy()
        mean, std = (
            np.array(v)[:, None, None]
            for v in (self.processor.image_mean, self.processor.image_std)
        )
        scaled = np.clip(np.rint((made * std + mean) * 255), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(scaled.transpose(1, 2, 0))

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

    def forget(self) -> None:
        """Forget all pictures, as after a change of weights."""
        self._pictures, self._pairs = Recent(CACHE_FRAMES), Recent(CACHE_FRAMES)

    def _vision(self, images: Sequence[np.ndarray]) -> torch.Tensor:
        """Vision tokens (images, tokens, width)."""
        return self._see(self.pixels(images))

    def _see(self, pixels: torch.Tensor) -> torch.Tensor:
        """Vision tokens (images, tokens, width) of pixels (images, 3, height, width)."""
        return self.network.see(pixels)

    def _read(self, hidden: torch.Tensor, questions: Sequence[str] | None) -> torch.Tensor:
        """Soft tokens (images, tokens, width of the language model) from vision tokens."""
        asked = None if questions is None or self.reader is None else self.asked(questions)
        return self.network.read(hidden, asked)

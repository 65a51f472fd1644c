"""What a chat model is given to see: its processor, its vision tower, and what became of each
picture on the way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from vlm.chat.conversation import ASKED, Conversation
from vlm.chat.encoder import PictureMemory
from vlm.chat.pictures import (
    TRIED,
    cut_share,
    cuts,
    mean_colour,
    padded,
    picture_seen,
    unprocessed,
)
from vlm.chat.score import FAILURES, Inputs
from vlm.chat.video import RESIZED, kept_apart
from vlm.chat.visual_tokens import bound
from vlm.query import PictureSeen, pixel_sha256

SAME = {torch.float32: 1e-3}
"""How far logits may lie apart with the memory and without; half precision rounds more."""
PADDED = (
    "pictures were padded to a square with the mean colour, as the published evaluation does, for "
    "the processor would have cut their edges off"
)


class VisionInputs:
    """Processor and vision tower of one model."""

    def __init__(
        self, network: Any, conversation: Conversation, most_tokens: int | None = None
    ) -> None:
        """``most_tokens``: bound on the visual tokens of a picture. Raises ModelError: the
        processor takes no such bound."""
        self.network, self.conversation = network, conversation
        self._facts: dict[tuple[str, int], PictureSeen] = {}
        self.image_token = _image_token(network, conversation.processor)
        processor = getattr(conversation.processor, "image_processor", None)
        self.patch = _side(
            getattr(processor, "patch_size", None) or getattr(processor, "encoder_patch_size", None)
        )
        self.colour = mean_colour(processor)
        self.pads = cuts(self._made)
        self.still_cuts = self.pads and cuts(self._padded)
        self._alike = not conversation.takes(2) or self._is_alike()
        if most_tokens is not None:
            bound(processor, most_tokens, lambda image: self.seen(image).tokens)
        self._tried: dict[tuple[int, bool], bool] = {}
        self.memory = PictureMemory(network, self._tensors)

    def inputs(self, asked: Sequence[tuple[str, Sequence[np.ndarray]]], dtype: Any) -> Inputs:
        """What the model gets, left-padded: (question, pictures) for each row."""
        made = self.conversation.inputs([(t, [self._ready(p) for p in own]) for t, own in asked])
        return self._placed(made, dtype)

    def video_inputs(
        self, asked: Sequence[tuple[str, Sequence[np.ndarray], Sequence[float]]], dtype: Any
    ) -> Inputs:
        """The same of one video for each row: (question, frames, their times in seconds)."""
        return self._placed(self.conversation.video_inputs(asked), dtype)

    def places(self, images: Sequence[np.ndarray], times: Sequence[float]) -> tuple[int, list[str]]:
        """How many frames of a video the processor keeps apart, and what has to be said of it."""
        found = kept_apart(
            dict(self.conversation.video_inputs([(ASKED, images, times)])), len(images)
        )
        notes = [RESIZED] if len({image.shape for image in images}) > 1 else []
        if found < len(images):
            notes.append(f"{len(images)} frames share {found} places of the video's grid")
        return found, notes

    def seen(self, picture: np.ndarray, among: int = 1) -> PictureSeen:
        """What became of a picture, which was shown ``among`` so many, itself included."""
        copies = 1 if self._alike else among
        key = pixel_sha256(picture), copies
        if key not in self._facts:
            cut = 0.0
            if self.still_cuts:
                cut = cut_share(self._padded if self.pads else self._made, picture.shape[:2])
            made = self._made(self._ready(picture), copies)
            self._facts[key] = picture_seen(
                made, self.image_token, self.patch, round(cut, 3), copies
            )
        return self._facts[key]

    def _is_alike(self) -> bool:
        """Whether a picture becomes the same alone and beside another (LLaVA-OneVision cuts tiles
        only of one that is alone)."""
        tried = np.full((*TRIED[0], 3), 128, np.uint8)
        one, two = (
            picture_seen(self._made(self._ready(tried), n), self.image_token, self.patch, 0.0, n)
            for n in (1, 2)
        )
        return one == two

    def notes(self, pictures: Sequence[np.ndarray]) -> list[str]:
        """What has to be said about pictures that were changed before the processor."""
        return [PADDED] if self.pads and any(p.shape[0] != p.shape[1] for p in pictures) else []

    def shown(self, picture: np.ndarray) -> np.ndarray | None:
        """The picture as the vision tower gets it, tiles side by side, uint8 (height, width, 3);
        None where the processor's layout is not known here."""
        made = self._made(self._ready(picture))
        return unprocessed(made, self.conversation.processor.image_processor)

    @contextmanager
    def showing(self, pictures: Sequence[np.ndarray], a_row: int, inputs: Inputs) -> Iterator[None]:
        """The pictures of the calls inside, in order, ``a_row`` of them to each row of ``inputs``;
        each distinct one is encoded once, where that does not change what the model says."""
        ready = [self._ready(p) for p in pictures]
        kind = a_row, len(pictures) > a_row
        if ready and self.memory.works and kind not in self._tried:
            self._tried[kind] = self._agrees(ready, inputs)
        if not ready or not self._tried.get(kind, False):
            yield
            return
        with self.memory.showing(ready):
            yield

    def _agrees(self, pictures: Sequence[np.ndarray], inputs: Inputs) -> bool:
        """Whether the model says the same with the memory and without."""
        try:
            with self.memory.showing(pictures):
                one = self.network(**inputs, use_cache=False, logits_to_keep=1).logits
        except FAILURES as error:
            if "memory" in str(error):
                raise
            return False
        other = self.network(**inputs, use_cache=False, logits_to_keep=1).logits
        worst = (one.float() - other.float()).abs().max().item()
        scale = max(1.0, other.float().std().item())
        return worst <= SAME.get(self.network.dtype, 0.1) * scale

    def _ready(self, picture: np.ndarray) -> np.ndarray:
        return padded(picture, self.colour) if self.pads else picture

    def _padded(self, picture: np.ndarray) -> dict[str, torch.Tensor]:
        return self._made(padded(picture, self.colour))

    def _made(self, picture: np.ndarray, copies: int = 1) -> dict[str, torch.Tensor]:
        return dict(self.conversation.inputs([(ASKED, [picture] * copies)]))

    def _tensors(self, picture: np.ndarray) -> Inputs:
        return self._placed(self._made(picture), self.network.dtype)

    def _placed(self, made: Any, dtype: Any) -> Inputs:
        inputs = {}
        for name, value in made.items():
            if isinstance(value, torch.Tensor):
                kind = dtype if value.is_floating_point() else value.dtype
                inputs[name] = value.to(self.network.device, kind)
        return inputs


def _image_token(network: Any, processor: Any) -> int | None:
    """The id of the token at which a piece of a picture is put in."""
    for owner in (network.config, processor):
        for name in ("image_token_id", "image_token_index"):
            found = getattr(owner, name, None)
            if isinstance(found, int):
                return found
    return None


def _side(patch: Any) -> int:
    """A patch's side in pixels; some processors give height and width."""
    if isinstance(patch, dict):
        return int(patch.get("height", 0))
    return int(patch or 0)

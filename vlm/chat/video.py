"""Frames through a checkpoint's video path: exactly the chosen ones, with their times.

transformers' video processors need torchvision and sample frames of their own. This stands in
their place: each frame goes through the checkpoint's PIL picture processor, and what comes out is
laid out as the family's video processor lays it out. The processor's own code then writes the
prompt (Qwen3-VL's and SmolVLM2's with times, InternVL's with numbers). Qwen-VL puts two frames
that follow each other into one place of its grid; where the frames are odd in number, the last
one stands twice.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers.feature_extraction_utils import BatchFeature
from transformers.video_utils import VideoMetadata

MILLISECONDS = 1000
"""Frames are numbered by the millisecond at which they begin."""
RESIZED = "frames of other sizes were resized to the size of the first one, as a video has one"

Tensors = dict[str, torch.Tensor]


class FrameVideos:
    """Takes the place of a processor's ``video_processor``."""

    # SmolVLM reads these two for every prompt, with or without a video.
    num_frames = fps = 1

    def __init__(self, image_processor: Any, lay_out: "Layout | None") -> None:
        """``lay_out``: None where the family takes no video here."""
        self._pictures, self._lay_out = image_processor, lay_out
        self.temporal_patch_size = int(getattr(image_processor, "temporal_patch_size", 1) or 1)
        self.merge_size = int(getattr(image_processor, "merge_size", 1) or 1)

    def __getattr__(self, name: str) -> Any:
        """Whatever else a processor asks about videos (MiniCPM-V) is as it is for pictures."""
        if name.startswith("_"):  # as a copy of this, not filled yet, is asked for ``_pictures``
            raise AttributeError(name)
        return getattr(self._pictures, name)

    @property
    def works(self) -> bool:
        """Whether the family takes videos here."""
        return self._lay_out is not None

    def __call__(self, videos: Sequence[Sequence[Image.Image]], **how: Any) -> BatchFeature:
        """What the family's video processor makes of videos, each a list of frames."""
        assert self._lay_out is not None
        made = [self._lay_out(self._pictures, frames) for frames in videos]
        joined: dict[str, Any] = {name: _joined([m[name] for m in made]) for name in made[0]}
        return BatchFeature({**joined, "video_metadata": list(how["video_metadata"])})


Layout = Callable[[Any, Sequence[Image.Image]], Tensors]


def _joined(parts: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat(parts)


def _patches(processor: Any, frames: Sequence[Image.Image]) -> Tensors:
    """Qwen-VL: flattened patches of as many frames as ``temporal_patch_size`` says in one place."""
    together = int(processor.temporal_patch_size)
    made = [processor(images=[frame], return_tensors="pt") for frame in frames]
    made += [made[-1]] * (-len(made) % together)
    grid = made[0]["image_grid_thw"].reshape(-1, 3)[0]
    rows = [m["pixel_values"].reshape(int(grid.prod()), 3, together, -1) for m in made]
    places = []
    for start in range(0, len(rows), together):
        several = [rows[start + i][:, :, i] for i in range(together)]
        places.append(torch.stack(several, 2).flatten(1))
    count = torch.tensor([[len(places), int(grid[1]), int(grid[2])]])
    return {"pixel_values_videos": torch.cat(places), "video_grid_thw": count}


def _whole(name: str, **how: Any) -> Layout:
    """One tile a frame, the whole of it; ``how``: what keeps the processor from cutting more."""

    def lay_out(processor: Any, frames: Sequence[Image.Image]) -> Tensors:
        tiles, masks = [], []
        for frame in frames:
            made = processor(images=[frame], return_tensors="pt", **how)
            # LLaVA-OneVision's first tile is the whole picture.
            tiles.append(made["pixel_values"].reshape(-1, *made["pixel_values"].shape[-3:])[0])
            if "pixel_attention_mask" in made:
                mask = made["pixel_attention_mask"]
                masks.append(mask.reshape(-1, *mask.shape[-2:])[0])
        found = {name: torch.stack(tiles)[None]}
        return found | ({"pixel_attention_mask": torch.stack(masks)[None]} if masks else {})

    return lay_out


LAYOUTS: dict[str, Layout] = {
    "Qwen2VLProcessor": _patches,
    "Qwen2_5_VLProcessor": _patches,
    "Qwen3VLProcessor": _patches,
    "LlavaOnevisionProcessor": _whole("pixel_values_videos"),
    "InternVLProcessor": _whole("pixel_values_videos", crop_to_patches=False),
    "SmolVLMProcessor": _whole("pixel_values", do_image_splitting=False),
}
"""Class of a processor -> how its family lays out a video."""


def metadata(times: Sequence[float]) -> VideoMetadata:
    """What says when each frame begins, in seconds from the clip's beginning."""
    numbers = [round(t * MILLISECONDS) for t in times]
    steps = [b - a for a, b in pairwise(numbers) if b > a]
    total = max(numbers, default=0) + (min(steps) if steps else MILLISECONDS)
    return VideoMetadata(
        total_num_frames=total,
        fps=float(MILLISECONDS),
        duration=total / MILLISECONDS,
        frames_indices=numbers,
    )


def one_size(images: Sequence[np.ndarray]) -> list[Image.Image]:
    """Frames as pictures of the first one's size."""
    frames = [Image.fromarray(image) for image in images]
    return [
        f if f.size == frames[0].size else f.resize(frames[0].size, Image.Resampling.BICUBIC)
        for f in frames
    ]


def kept_apart(made: Mapping[str, Any], frames: int) -> int:
    """How many places a video has in what the processor made of a prompt with it alone: fewer
    than frames where several share one."""
    grid = made.get("video_grid_thw")
    if grid is not None:
        return int(grid.reshape(-1, 3)[0, 0])
    pixels = made.get("pixel_values_videos", made.get("pixel_values"))
    if pixels is None:
        return frames
    # (video, frame, channel, height, width), or the frames of the one video in a row.
    return int(pixels.shape[1] if pixels.ndim == 5 else pixels.shape[0])

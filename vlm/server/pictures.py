"""Pictures as parts of a message: each encoded once, and sent once where the server keeps it."""

import base64
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from vlm.query import pixel_sha256

KEPT = 64
"""How many encoded pictures are kept: a probe asks many questions about few frames."""
QUALITY = 95
"""JPEG quality, where pictures are asked for as such, and of the frames of a video, which vLLM
takes as JPEG only."""


class Pictures:
    """Encoded pictures, and which of them the server has. Threads may share it."""

    def __init__(self, named: bool = False, form: str = "png") -> None:
        """``named``: the server knows a picture again by the hash that came with it; ``form``:
        ``png`` or ``jpeg``."""
        self.named, self.form = named, form
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._there: set[str] = set()
        self._lock = threading.Lock()

    def parts(self, images: Sequence[np.ndarray]) -> tuple[list[dict[str, Any]], list[str]]:
        """The parts of a message, and the hashes of the pictures in it. One that the server has
        is named alone."""
        found, hashes = [], [pixel_sha256(i) for i in images]
        for image, key in zip(images, hashes, strict=True):
            if self.named and key in self._there:
                found.append({"type": "image_url", "image_url": None, "uuid": key})
                continue
            part: dict[str, Any] = {
                "type": "image_url",
                "image_url": {"url": self._url(image, key)},
            }
            found.append({**part, "uuid": key} if self.named else part)
        return found, hashes

    def arrived(self, hashes: Sequence[str]) -> None:
        """The server has answered a question with these pictures."""
        with self._lock:
            self._there.update(hashes)

    def forget(self, hashes: Sequence[str]) -> bool:
        """The server may have lost pictures; whether any of these was named alone."""
        with self._lock:
            lost = bool(self.named and self._there & set(hashes))
            self._there.clear()
            return lost

    def _url(self, image: np.ndarray, key: str) -> str:
        """A data URL; a PNG keeps every pixel."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        url = f"data:image/{self.form};base64,{_encoded(image, self.form)}"
        with self._lock:
            self._kept[key] = url
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return url


def _encoded(image: np.ndarray, form: str) -> str:
    how: dict[str, Any] = {"compress_level": 3}
    if form == "jpeg":
        how = {"quality": QUALITY, "subsampling": 0}
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **how)
    return base64.b64encode(file.getvalue()).decode()


def video(images: Sequence[np.ndarray], times: Sequence[float]) -> tuple[Any, dict[str, Any]]:
    """(the part of a message, ``media_io_kwargs``) of just these frames with their times, as vLLM
    takes them: no sampling of its own, each frame's number counted at the frame rate."""
    files = [_encoded(image, "jpeg") for image in images]
    steps = [b - a for a, b in pairwise(times) if b > a]
    fps = 1 / min(steps) if steps else 1.0
    numbers = [round((t - times[0]) * fps) for t in times]
    total = numbers[-1] + 1
    part = {
        "type": "video_url",
        "video_url": {"url": f"data:video/jpeg;base64,{','.join(files)}"},
    }
    how = {
        "num_frames": -1,
        "frames_indices": numbers,
        "total_num_frames": total,
        "fps": fps,
        "duration": total / fps,
        "do_sample_frames": False,
    }
    return part, {"media_io_kwargs": {"video": how}}

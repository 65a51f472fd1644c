"""Applications of tests: each does one thing to a clip and asks about it, as a request's body."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

Frames = Sequence[Image.Image]


def clip(seed: int, n: int = 12, size: tuple[int, int] = (240, 180)) -> list[Image.Image]:
    """A clip that nobody has seen: shapes that move over a textured ground, drawn by the seed."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    ground = Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC)
    shapes = [
        (rng.uniform(0.1, 0.7, 2), rng.uniform(-0.05, 0.07, 2), rng.uniform(0.15, 0.35), rng)
        for _ in range(3)
    ]
    colours = [tuple(map(int, rng.integers(0, 256, 3))) for _ in shapes]
    frames = []
    for i in range(n):
        frame = ground.copy()
        draw = ImageDraw.Draw(frame)
        for (at, by, radius, _), colour in zip(shapes, colours, strict=True):
            x, y = (at + i * by) * size
            r = radius * size[1] / 2
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        frames.append(frame)
    return frames


def data_url(image: Image.Image, kind: str = "png", quality: int = 90) -> str:
    """A picture as a data URL."""
    file = io.BytesIO()
    image.save(file, kind.upper(), **({"quality": quality} if kind == "jpeg" else {}))
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


def asked(urls: Sequence[str], words: str = "What happens?") -> dict[str, Any]:
    """The body of a chat request about pictures."""
    content: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": u}} for u in urls]
    content.append({"type": "text", "text": words})
    return {"model": "m", "messages": [{"role": "user", "content": content}]}


def montage(frames: Frames, columns: int = 3, gap: int = 0, label: int = 0) -> Image.Image:
    """Frames in rows, with white around and above them."""
    w, h = frames[0].size
    rows = -(-len(frames) // columns)
    size = columns * (w + gap) + gap, rows * (h + gap + label) + gap
    sheet = Image.new("RGB", size, "white")
    for i, frame in enumerate(frames):
        x, y = gap + i % columns * (w + gap), gap + i // columns * (h + gap + label)
        ImageDraw.Draw(sheet).text((x + 4, y), str(i + 1), "black")
        sheet.paste(frame, (x, y + label))
    return sheet


def scaled(image: Image.Image, by: float) -> Image.Image:
    """The picture resized."""
    size = round(image.width * by), round(image.height * by)
    return image.resize(size, Image.Resampling.LANCZOS)

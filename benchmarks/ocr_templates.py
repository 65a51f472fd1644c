"""Template memes drawn by seed: captions of the text bank in the boxes of blank templates.

Each template's ``config.yml`` says where its boxes are and how their text is written; the text is
as large as its box allows, so that one tier is often far higher than the other. Pictures come as
they were drawn or compressed.
"""

import io
import json
import random
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image, ImageDraw, ImageFont

from benchmarks.ocr_scene import fonts

HEIGHT = 600
SMALLEST = 12
"""Letters of no template meme are smaller, in pixels."""
LEFT_OUT = ("panik-kalm-panik", "balloon")
"""The first has words of its own that a person reads, the second boxes beyond its edge."""
THICK = (
    "TitilliumWeb-Black",
    "OpenSans-ExtraBold",
    "Roboto-Black",
    "Lato-Black",
    "DejaVuSans-Bold",
)
THIN = ("Roboto-Regular", "OpenSans-Semibold", "Lato-Medium", "DejaVuSans")
MARKS = frozenset(" '.,!?-:")


def drawn(_: str, seed: int, memes: Path) -> tuple[np.ndarray, list[str]]:
    """A picture, uint8 (height, width, 3) RGB, and its texts in the order of the boxes."""
    rng = random.Random(f"template {seed}")
    texts: list[str] = []
    while not texts:
        image, texts = _meme(rng, memes)
    if rng.random() < 0.4:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=rng.randint(60, 92))
        image = Image.open(file).convert("RGB")
    return np.asarray(image), texts


def _meme(rng: random.Random, memes: Path) -> tuple[Image.Image, list[str]]:
    """A template with its boxes filled; no texts if they do not fit."""
    found = sorted((memes / "templates").glob("*/default.[jp]*g"))
    path = rng.choice([p for p in found if p.parent.name not in LEFT_OUT])
    boxes = yaml.safe_load((path.parent / "config.yml").read_text("utf-8"))["text"]
    with Image.open(path) as blank:
        image = blank.convert("RGB").resize((round(blank.width * HEIGHT / blank.height), HEIGHT))
    texts = rng.choice(_bank(memes, len(boxes)))
    said = [_styled(text, box["style"]) for text, box in zip(texts, boxes, strict=True)]
    fits = [_write(image, text, box, rng) for text, box in zip(said, boxes, strict=True)]
    return image, said if all(fits) else []


def _bank(memes: Path, count: int) -> list[list[str]]:
    """Captions of ``count`` boxes each, one to fourteen plain words a box."""
    bank = json.loads((memes / "textbank" / "en_imgflip_boxes.json").read_text("utf-8"))
    return [
        entry["boxes"]
        for entry in bank
        if len(entry["boxes"]) == count
        and all(text.isascii() and 1 <= len(text.split()) <= 14 for text in entry["boxes"])
        and all(c.isalnum() or c in MARKS for text in entry["boxes"] for c in text)
    ]


def _styled(text: str, style: str) -> str:
    # Letters of mixed case (`mock`) cannot be told apart by eye: `I` and `l`.
    return text.upper() if style in ("upper", "mock") else text


def _write(image: Image.Image, text: str, box: dict[str, Any], rng: random.Random) -> bool:
    """Write a text into its box, as large as it fits; whether it does."""
    width, height = box["scale_x"] * image.width, box["scale_y"] * image.height
    path = str(rng.choice(fonts(THIN if box["font"] == "thin" else THICK)))
    for size in range(round(0.9 * height), SMALLEST - 1, -1):
        font = ImageFont.truetype(path, size)
        stroke = 0 if box["color"] == "black" else max(1, size // 16)
        count = max(1, int(len(text) * 0.96 * width / font.getlength(text)))
        lines = textwrap.wrap(text, count, break_long_words=False)
        wide = max(map(font.getlength, lines)) + 2 * stroke
        if wide <= width and 1.12 * size * len(lines) <= 0.94 * height:
            break
    else:
        return False
    layer = Image.new("RGBA", (round(width), round(height)))
    top = (height - 1.12 * size * len(lines)) / 2
    for i, line in enumerate(lines):
        place = (width / 2, top + 1.12 * size * (i + 0.5))
        ImageDraw.Draw(layer).text(
            place, line, box["color"], font, "mm", stroke_width=stroke, stroke_fill="black"
        )
    layer = layer.rotate(box["angle"], Image.Resampling.BICUBIC, expand=True)
    place = round(box["anchor_x"] * image.width), round(box["anchor_y"] * image.height)
    image.paste(layer, place, layer)
    return True

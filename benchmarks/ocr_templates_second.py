"""Template memes drawn a second way, to judge what the first way (``ocr_templates``) was used for.

Nothing is shared but the texts: grounds are frames of films and clips without any text, or noise
whose detail falls off as a photograph's does; letters are set in other fonts, three times as large,
and their outline is the mask grown by a disc, or a soft shadow; then all is made smaller at once.
"""

import io
import json
import random
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.ocr_scene import fonts
from frames import open_clip

LARGE = 3
"""Letters are drawn so many times as large as they are shown."""
FACES = (
    *("Dosis-ExtraBold", "Cantarell-ExtraBold", "Inter-Black", "Inter-Bold", "Karla-ExtraBold"),
    *("Carlito-Bold", "FreeSansBold", "Cabin-Bold", "Quicksand-Bold", "DejaVuSerif-Bold"),
)
MARKS = frozenset(" '.,!?-:")
Box = tuple[float, float, float, float]
"""(left, top, width, height) in parts of the picture."""
TOP, FOOT = (0.03, 0.01, 0.94, 0.24), (0.03, 0.75, 0.94, 0.24)


@cache
def _clips(memes: Path) -> list[Path]:
    rows = [json.loads(row) for row in (memes / "manifest.jsonl").read_text("utf-8").splitlines()]
    bare = [
        row for row in rows if row["group"] == "gif_subtitle" or row.get("text_timing") == "none"
    ]
    return [memes / row["file"] for row in bare]


@cache
def _bank(memes: Path) -> list[str]:
    bank = json.loads((memes / "textbank" / "en_imgflip_boxes.json").read_text("utf-8"))
    texts = {text for entry in bank for text in entry["boxes"]}
    return sorted(
        text
        for text in texts
        if text.isascii()
        and 1 <= len(text.split()) <= 12
        and all(c.isalnum() or c in MARKS for c in text)
    )


def _photograph(rng: random.Random, memes: Path) -> Image.Image:
    clip = open_clip(rng.choice(_clips(memes)))
    (frame,) = clip.frames([rng.randrange(len(clip))])
    image = Image.fromarray(frame.pixels)
    long = rng.randint(480, 900)
    scale = long / max(image.size)
    size = round(image.width * scale), round(image.height * scale)
    return image.resize(size, Image.Resampling.LANCZOS)


def _noise(rng: random.Random, _: Path) -> Image.Image:
    """Noise of three colours whose strength falls with its frequency."""
    width, height = rng.randint(400, 900), rng.randint(360, 700)
    dice = np.random.default_rng(rng.getrandbits(32))
    y, x = np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij")
    fall = np.maximum(np.hypot(x, y), 1 / max(width, height)) ** -rng.uniform(1.1, 1.8)
    layers = [
        np.fft.irfft2(np.fft.rfft2(dice.normal(size=(height, width))) * fall, (height, width))
        for _ in range(3)
    ]
    shade, *tints = (layer / layer.std() for layer in layers)
    spread = rng.uniform(25, 60)
    rgb = [
        rng.uniform(70, 180) + spread * (shade + k * t)
        for k, t in zip((0.5, -0.5), tints, strict=True)
    ]
    rgb.insert(1, rng.uniform(70, 180) + spread * shade)
    return Image.fromarray(np.clip(np.stack(rgb, axis=2), 0, 255).astype(np.uint8))


def _letters(
    image: Image.Image, text: str, box: Box, rng: random.Random, face: Path, align: float
) -> bool:
    """Write a text into a box, wrapped, as large as it fits but no larger than captions are.

    ``align``: where a smaller text stands in the height of its box, 0 top to 1 foot.
    """
    left, top, width, height = (
        part * side for part, side in zip(box, (image.width, image.height) * 2, strict=True)
    )
    squeeze = rng.choice((1.0, 0.9, 0.75))
    largest = round(min(height, rng.uniform(0.08, 0.16) * max(image.size)))
    for size in range(largest, 13, -1):
        font = ImageFont.truetype(str(face), LARGE * size)
        edge = max(1.0, size / rng.uniform(12, 18))
        per_line = width * LARGE / squeeze / max(1.0, font.getlength(text)) * len(text)
        lines = textwrap.wrap(text, max(1, int(0.97 * per_line)), break_long_words=False)
        wide = max(map(font.getlength, lines)) * squeeze / LARGE + 2 * edge
        tall = 1.14 * size * len(lines) + 2 * edge
        if wide <= width and tall <= height:
            break
    else:
        return False
    mask = Image.new("L", (round(LARGE * width / squeeze), round(LARGE * height)))
    down = LARGE * (edge + align * (height - tall))
    for i, line in enumerate(lines):
        at = mask.width / 2, down + LARGE * 1.14 * size * (i + 0.5)
        ImageDraw.Draw(mask).text(at, line, 255, font, "mm")
    shape = round(LARGE * width), round(LARGE * height)
    inside = cv2.resize(np.asarray(mask), shape, interpolation=cv2.INTER_AREA)
    reach = 2 * round(LARGE * edge) + 1
    around = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    if rng.random() < 0.2:
        around = np.maximum(around, cv2.GaussianBlur(around, (0, 0), LARGE * edge))
    _laid_over(image, (round(left), round(top)), around, (0, 0, 0))
    fill = rng.choice(((255, 255, 255),) * 5 + ((255, 240, 80),))
    _laid_over(image, (round(left), round(top)), inside, fill)
    return True


def _laid_over(
    image: Image.Image, place: tuple[int, int], mask: np.ndarray, colour: tuple[int, int, int]
) -> None:
    size = round(mask.shape[1] / LARGE), round(mask.shape[0] / LARGE)
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    image.paste(Image.new("RGB", size, colour), place, Image.fromarray(small))


def _boxes(rng: random.Random) -> tuple[list[Box], float]:
    """Boxes in reading order; and whether all are written in small letters, as labels are."""
    way = rng.random()
    if way < 0.55:
        return [TOP, FOOT], 0.0
    if way < 0.7:
        return [rng.choice((TOP, FOOT))], 0.0
    if way < 0.85:
        count = rng.choice((2, 3))
        high = [rng.uniform(0.3, 0.6) for _ in range(count)]
        if count == 2:
            high[1] = high[0]
        return [((i + 0.05) / count, high[i], 0.9 / count, 0.2) for i in range(count)], 0.0
    # Two panels, one under the other, each with its own line at its foot.
    return [(0.03, 0.38, 0.94, 0.12), (0.03, 0.88, 0.94, 0.12)], 1.0


def drawn(_: str, seed: int, memes: Path) -> tuple[np.ndarray, list[str]]:
    """A picture, uint8 (height, width, 3) RGB, and its texts in reading order."""
    rng = random.Random(f"second {seed}")
    while True:
        grounds: tuple[Callable[[random.Random, Path], Image.Image], ...]
        grounds = (_photograph, _photograph, _noise)
        image = rng.choice(grounds)(rng, memes)
        boxes, panels = _boxes(rng)
        if panels:
            second = rng.choice(grounds)(rng, memes).resize(image.size)
            both = Image.new("RGB", (image.width, 2 * image.height))
            both.paste(image, (0, 0))
            both.paste(second, (0, image.height))
            image = both
        case = rng.choice((str.upper, str.upper, str.upper, str))
        texts = [case(rng.choice(_bank(memes))) for _ in boxes]
        face = rng.choice(fonts(FACES))
        aligns = [0.0 if box is TOP else 1.0 if box is FOOT else 0.5 for box in boxes]
        fits = [
            _letters(image, text, box, rng, face, align)
            for text, box, align in zip(texts, boxes, aligns, strict=True)
        ]
        if all(fits):
            return np.asarray(_as_sent(image, rng)), texts


def _as_sent(image: Image.Image, rng: random.Random) -> Image.Image:
    if rng.random() < 0.6:
        file = io.BytesIO()
        image.save(file, rng.choice(("JPEG", "WEBP")), quality=rng.randint(55, 90))
        image = Image.open(file).convert("RGB")
    return image

"""Still memes drawn by seed, with what a person reads in them: captions in many layouts.

Grounds are template pictures, sentences come from the text bank of the real files; fonts are those
of the system (Noto CJK, DejaVu) and one of the templates' own.
"""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

NOTO = "/usr/share/fonts/opentype/noto/Noto{}CJK-{}.ttc"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVu{}.ttf"
ZH = [NOTO.format(family, weight) for family in ("Sans", "Serif") for weight in ("Regular", "Bold")]
EN = [DEJAVU.format(face) for face in ("Sans-Bold", "SansCondensed-Bold", "Serif-Bold", "Sans")]
UNKNOWN = (
    "когда же эта неделя закончится",
    "опять понедельник и снова дождь",
    "오늘 저녁은 뭐 먹을까",
    "주말이 너무 짧아요",
    "متى ينتهي هذا اليوم",
    "מתי כבר יגיע סוף השבוע",
)
Drawn = tuple[Image.Image, list[str]]
"""A picture, and its texts in reading order."""


class Pen:
    """What one picture is drawn with; the same seed draws the same."""

    def __init__(self, memes: Path, seed: str) -> None:
        self.random = random.Random(seed)
        self.memes = memes
        bank = memes / "textbank"
        self._zh = (bank / "zh_captions.txt").read_text("utf-8").split("\n")
        self._zh = [t for t in self._zh if 4 <= len(t) <= 11 and all("一" <= c <= "鿿" for c in t)]
        boxes = json.loads((bank / "en_imgflip_boxes.json").read_text("utf-8"))
        texts = {text for entry in boxes for text in entry["boxes"]}
        self._en = sorted(t for t in texts if t.isascii() and 2 <= len(t.split()) <= 6)
        self._en = [t for t in self._en if t.replace(" ", "").replace("'", "").isalpha()]

    def zh(self) -> str:
        """A Chinese caption of 4 to 11 characters."""
        return self.random.choice(self._zh)

    def en(self) -> str:
        """An English caption of 2 to 6 words."""
        text = self.random.choice(self._en)
        return self.random.choice((text.upper(), text.capitalize()))

    def text(self) -> tuple[str, list[str]]:
        """A caption in either language, and the fonts for it."""
        return self.random.choice(((self.zh(), ZH), (self.en(), EN)))

    def ground(self, width: int, height: int) -> Image.Image:
        """A template picture of this size, its middle."""
        files = sorted(p for p in (self.memes / "templates").glob("*/default.*"))
        with Image.open(self.random.choice(files)) as picture:
            return picture.convert("RGB").resize((width, height))

    def put(
        self,
        image: Image.Image,
        text: str,
        fonts: list[str],
        middle: tuple[float, float],
        size: int,
        width: float,
        outlined: bool = True,
    ) -> None:
        """Write a text in one line, no wider than ``width``."""
        path = self.random.choice(fonts)
        font = ImageFont.truetype(path, size)
        while font.getlength(text) > width and size > 14:
            size -= 1
            font = ImageFont.truetype(path, size)
        stroke = max(1, size // 14) if outlined else 0
        ImageDraw.Draw(image).text(
            middle,
            text,
            "white" if outlined else "black",
            font=font,
            anchor="mm",
            stroke_width=stroke,
            stroke_fill="black",
        )


def top_bottom(pen: Pen) -> Drawn:
    """An outlined line at the top and one at the bottom of a picture."""
    image = pen.ground(pen.random.randint(360, 800), pen.random.randint(320, 640))
    texts = []
    for y in (0.1, 0.9):
        text, fonts = pen.text()
        pen.put(image, text, fonts, (image.width / 2, y * image.height), 48, 0.94 * image.width)
        texts.append(text)
    return image, texts


def strip(pen: Pen) -> Drawn:
    """A caption on a white strip over or under the picture."""
    width, height = pen.random.randint(240, 640), pen.random.randint(200, 520)
    image = Image.new("RGB", (width, height + 70), "white")
    above = pen.random.random() < 0.5
    image.paste(pen.ground(width, height), (0, 70 if above else 0))
    text, fonts = pen.text()
    pen.put(image, text, fonts, (width / 2, 35 if above else height + 35), 36, 0.9 * width, False)
    return image, [text]


def bilingual(pen: Pen) -> Drawn:
    """A subtitle of two lines, the second one smaller."""
    image = pen.ground(960, 540)
    first, second = pen.zh(), pen.en()
    pen.put(image, first, ZH, (480, 470), 42, 900)
    pen.put(image, second, EN[:1], (480, 512), 20, 900)
    return image, [first, second]


def panels(pen: Pen) -> Drawn:
    """Four pictures in two rows, each with a line, in a row at much the same height."""
    image = Image.new("RGB", (720, 720), "white")
    texts = []
    for y in (0, 360):
        down = pen.random.choice((45, 180, 320))
        for x in (0, 360):
            image.paste(pen.ground(352, 352), (x + 4, y + 4))
            text, fonts = pen.text()
            pen.put(image, text, fonts, (x + 180, y + down + pen.random.randint(-8, 8)), 34, 320)
            texts.append(text)
    return image, texts


def manga(pen: Pen) -> Drawn:
    """Two tiers of vertical columns, each from right to left."""
    image = Image.new("RGB", (520, 860), "white")
    draw = ImageDraw.Draw(image)
    draw.line((0, 430, 520, 430), "black", 4)
    font = ImageFont.truetype(pen.random.choice(ZH), 38)
    texts = []
    for top in (20, 450):
        right, step = pen.random.randint(380, 460), pen.random.choice((52, 70, 130))
        for column in range(pen.random.randint(1, 3)):
            text = pen.zh()[:8]
            x = right - column * step
            for i, character in enumerate(text):
                draw.text((x, top + 46 * i), character, "black", font=font)
            texts.append(text)
    return image, texts


def columns(pen: Pen) -> Drawn:
    """Two paragraphs side by side, of two or three lines each."""
    image = Image.new("RGB", (760, 420), "white")
    texts = []
    font = ImageFont.truetype(pen.random.choice(ZH), 30)
    for x in (30, 400):
        for line in range(pen.random.randint(2, 3)):
            text = pen.zh()
            ImageDraw.Draw(image).text((x, 120 + 42 * line), text, "black", font=font)
            texts.append(text)
    return image, texts


def labels(pen: Pen) -> Drawn:
    """Three texts on things in one picture, from left to right at any height."""
    image = pen.ground(900, 600)
    texts = []
    for x in (150, 450, 750):
        text, fonts = pen.text()
        pen.put(image, text, fonts, (x, pen.random.randint(200, 420)), 32, 260)
        texts.append(text)
    return image, texts


def chat(pen: Pen) -> Drawn:
    """A screenshot of a chat, far longer than wide."""
    count = pen.random.randint(25, 45)
    image = Image.new("RGB", (1080, 230 * count + 100), "#ededed")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(ZH[0], 44)
    texts = []
    for i in range(count):
        text = pen.zh()
        width, mine = font.getlength(text), pen.random.random() < 0.5
        left = 1000 - width if mine else 80
        box = (left - 30, 230 * i + 60, left + width + 30, 230 * i + 170)
        draw.rounded_rectangle(box, 20, "#95ec69" if mine else "white")
        draw.text((left, 230 * i + 88), text, "black", font=font)
        texts.append(text)
    return image, texts


def tilted(pen: Pen) -> Drawn:
    """Vertical columns on a page that was turned by up to 15 degrees."""
    image = Image.new("RGB", (620, 620), "white")
    font = ImageFont.truetype(pen.random.choice(ZH), 44)
    texts = []
    for column in range(pen.random.randint(1, 3)):
        texts.append(pen.zh()[:8])
        for i, character in enumerate(texts[-1]):
            place = (400 - 80 * column, 90 + 54 * i)
            ImageDraw.Draw(image).text(place, character, "black", font=font)
    angle = pen.random.choice((-1, 1)) * pen.random.uniform(3, 15)
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor="white"), texts


def upside_down(pen: Pen) -> Drawn:
    """A whole picture on its head."""
    image, texts = strip(pen)
    return image.rotate(180), texts


def mirrored(pen: Pen) -> Drawn:
    """A picture seen in a mirror: no caption."""
    image, _ = strip(pen)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), []


def unknown(pen: Pen) -> Drawn:
    """Text in a script that the weights do not know: no caption."""
    image = Image.new("RGB", (760, 240), "white")
    text = pen.random.choice(UNKNOWN)
    fonts = ZH[:2] if text in UNKNOWN[2:4] else [DEJAVU.format("Sans-Bold"), DEJAVU.format("Sans")]
    pen.put(image, text, fonts, (380, 120), 44, 700, outlined=False)
    return image, []


LAYOUTS: dict[str, Callable[[Pen], Drawn]] = {
    layout.__name__: layout
    for layout in (
        top_bottom,
        strip,
        bilingual,
        panels,
        manga,
        columns,
        labels,
        chat,
        tilted,
        upside_down,
        mirrored,
        unknown,
    )
}


def drawn(layout: str, seed: int, memes: Path) -> tuple[np.ndarray, list[str]]:
    """A picture, uint8 (height, width, 3) RGB, and its texts in reading order; [] = no caption."""
    image, texts = LAYOUTS[layout](Pen(memes, f"{layout} {seed}"))
    return np.asarray(image.convert("RGB")), texts

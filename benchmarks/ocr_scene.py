"""What drawn memes are made of: grounds like photographs, words, fonts, letters with an outline.

Grounds are made here (no file is needed): smooth colours with noise, edges and shapes. Words come
from a list of common English ones and of Chinese sentences. Fonts are those of the system: what is
installed is drawn with.
"""

import io
import os
import random
import textwrap
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = [
    Path(folder)
    for folder in ("/usr/share/fonts", *os.environ.get("BENCHMARK_FONTS", "").split(os.pathsep))
    if folder
]
"""Where fonts are looked for; BENCHMARK_FONTS names more folders."""
HEAVY = (
    "BebasNeue-Bold",
    "BebasNeue-Regular",
    "LeagueSpartan-Bold",
    "OpenSans-CondBold",
    "OpenSans-ExtraBold",
    "RobotoCondensed-Bold",
    "Roboto-Black",
    "LiberationSans-Bold",
    "DejaVuSansCondensed-Bold",
    "DejaVuSans-Bold",
    "ComicNeue-Bold",
)
"""English fonts of outlined captions; those that are installed are used."""
PLAIN = (
    "LiberationSans-Regular",
    "LiberationSerif-Regular",
    "OpenSans-Regular",
    "Roboto-Regular",
    "DejaVuSans",
    "DejaVuSerif",
    "ComicNeue-Regular",
)
"""English fonts of black text on white."""
CHINESE = ("NotoSansCJK-Bold", "NotoSansCJK-Regular", "NotoSerifCJK-Bold", "wqy-microhei")
"""Of Noto's collections the part for simplified characters is taken."""
SIMPLIFIED = 2
_WORDS = (
    "me my you your it the a to of in on at for with when after before every day time "
    "code bug test friend boss teacher mom dad dog cat coffee pizza money sleep work home "
    "school monday friday night morning week year phone game movie homework meeting email "
    "internet wifi password update computer finally actually still never always just only "
    "one two three first last next best worst good bad new old big small happy tired "
    "ready late early hungry broke free is are was be have has had do does did get got "
    "make made take took see saw know knew think thought find found go went come came "
    "want need like love hate wait stop start try say said tell told ask run walk eat buy "
    "pay read write open close nobody everyone someone something nothing anything why how "
    "what who where because but and or so if then now here there again more less too very "
    "really solution illegal filling tonight million quickly lightly illusion building "
    "difficult initial silently "
)
WORDS = _WORDS.split()
TAILS = ("", "", "", "", "!", "?", "...", "!!")
NUMBERS = (
    "1",
    "2",
    "3",
    "5",
    "7",
    "10",
    "24/7",
    "99",
    "100%",
    "$5",
    "0",
    "2AM",
    "404",
    "2020",
    "+1",
)
_SENTENCES = (
    "今天又是周一 我真的不想上班 你在教我做事 老板说再改一版 别打扰我睡觉 我裂开了 "
    "钱包里一分没有 快递怎么还没到 谁动了我的外卖 早睡是不可能的 再吃一口就减肥 "
    "群里没有人说话 作业明天再写 他以为我没看见 其实我都知道 这谁顶得住啊 求求你放过我 "
    "我就静静看着你 什么都不想干 周末过得真快 下班了先走一步 不要停下来 你品你细品 认真的雪 "
    "明天开始努力 请开始你的表演 我太难了 好的收到 没有困难的工作 只有勇敢的打工人 "
    "咱也不敢说 咱也不敢问 给大佬递茶 别说了我懂 快乐是别人的 一起加油 "
)
SENTENCES = _SENTENCES.split()


@cache
def _installed() -> dict[str, Path]:
    found = [path for folder in FONTS for path in sorted(folder.rglob("*"))]
    return {p.stem: p for p in found if p.suffix in (".ttf", ".otf", ".ttc")}


def fonts(names: tuple[str, ...]) -> list[Path]:
    """The installed ones. Raises FileNotFoundError if there is none."""
    found = [_installed()[name] for name in names if name in _installed()]
    if not found:
        raise FileNotFoundError(f"none of these fonts is installed: {', '.join(names)}")
    return found


class Scene:
    """What one picture is drawn with; the same seed draws the same."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.noise = np.random.default_rng(self.random.getrandbits(32))

    def ground(self, width: int, height: int) -> Image.Image:
        """Smooth colours, edges and fine noise: neither plain nor made of letters."""
        coarse = self.noise.uniform(
            0, 255, (self.random.randint(2, 6), self.random.randint(2, 6), 3)
        )
        image = cv2.resize(
            coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        for _ in range(self.random.randint(2, 8)):
            points = self.noise.integers(0, (width, height), (self.random.randint(3, 5), 2))
            shade = self.noise.uniform(0, 255, 3).tolist()
            layer = image.copy()
            cv2.fillPoly(layer, [points.astype(np.int32)], shade, cv2.LINE_AA)
            image = cv2.addWeighted(layer, 0.6, image, 0.4, 0)
        rough = self.noise.normal(0, 1, (height // 3 + 1, width // 3 + 1, 1)).astype(np.float32)
        rough = cv2.resize(rough, (width, height))[..., None] * self.random.uniform(0, 22)
        image = image + rough + self.noise.normal(0, self.random.uniform(0, 7), image.shape)
        return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))

    def words(self, least: int, most: int) -> str:
        """An English text of so many words, in some case; now and then with a number."""
        chosen = [self.random.choice(WORDS) for _ in range(self.random.randint(least, most))]
        if self.random.random() < 0.2:
            chosen[self.random.randrange(len(chosen))] = self.random.choice(NUMBERS)
        text = " ".join(chosen) + self.random.choice(TAILS)
        return self.random.choice((str.upper, str.upper, str.capitalize, str.lower))(text)

    def sentence(self) -> str:
        """A Chinese text of 4 to 9 characters."""
        return self.random.choice(SENTENCES)

    def letters(
        self, text: str, width: float, height: float, names: tuple[str, ...], outlined: bool
    ) -> tuple[Image.Image, list[str]]:
        """The text as a transparent picture that fits the box, and its lines as wrapped."""
        path = self.random.choice(fonts(names))
        squeeze = self.random.choice((1.0, 1.0, 0.85, 0.7)) if outlined and text.isascii() else 1.0
        index = SIMPLIFIED if path.suffix == ".ttc" and "CJK" in path.stem else 0
        for size in range(self.random.randint(40, 72), 13, -1):
            font = ImageFont.truetype(str(path), size, index)
            stroke = max(1, size // self.random.choice((12, 16, 20))) if outlined else 0
            lines = self._wrapped(text, font, width / squeeze)
            step = round(1.15 * size) + stroke
            wide = max(font.getlength(line) for line in lines) + 2 * stroke
            if wide * squeeze <= width and step * len(lines) <= height:
                break
        layer = Image.new("RGBA", (round(wide) + 8, step * len(lines) + 8), (0, 0, 0, 0))
        draw = ImageDraw.Draw(layer)
        fill = self.random.choice(("white", "white", "white", "yellow")) if outlined else "black"
        for i, line in enumerate(lines):
            draw.text(
                (layer.width / 2, 4 + step * (i + 0.5)),
                line,
                fill,
                font=font,
                anchor="mm",
                stroke_width=stroke,
                stroke_fill="black" if outlined else None,
            )
        if squeeze < 1:
            layer = layer.resize(
                (round(layer.width * squeeze), layer.height), Image.Resampling.LANCZOS
            )
        return layer, lines

    def _wrapped(self, text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
        if not text.isascii():
            return [text]
        count = max(1, int(len(text) * width / max(1.0, font.getlength(text))))
        return textwrap.wrap(text, count, break_long_words=False) or [text]

    def put(
        self, image: Image.Image, layer: Image.Image, x: float, y: float, tilt: float = 0
    ) -> None:
        """Paste a layer with its middle at (x, y), turned by so many degrees."""
        if tilt:
            layer = layer.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
        image.paste(layer, (round(x - layer.width / 2), round(y - layer.height / 2)), layer)

    def as_sent(self, image: Image.Image) -> Image.Image:
        """The picture as it comes from the web: compressed, made smaller, or neither."""
        if self.random.random() < 0.5:
            scale = self.random.uniform(0.6, 1.0)
            image = image.resize((round(image.width * scale), round(image.height * scale)))
        if self.random.random() < 0.7:
            file = io.BytesIO()
            image.save(file, "JPEG", quality=self.random.randint(45, 92))
            image = Image.open(file).convert("RGB")
        return image

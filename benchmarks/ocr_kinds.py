"""Still memes of the rare kinds drawn by seed: what OCR engines pass over, mix up or make up.

Marks alone, one-word bubbles in rows and columns, pictures that were turned or mirrored, and text
in scripts that the weights do not know. Fonts are those of the system (fonts-noto-core for the
scripts, see ``ocr_scene.FONTS``); a script without a font is not drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.ocr_kinds_texts import BUBBLES, BUBBLES_ZH, MARKS, SCRIPTS
from benchmarks.ocr_scene import CHINESE, HEAVY, PLAIN, SIMPLIFIED, Scene, fonts
from ocr.accuracy import exact
from ocr.caption import Caption

WEIGHTS = ("Regular", "Bold", "Black")


@dataclass(frozen=True)
class Drawn:
    """A picture and what a person makes of it."""

    image: Image.Image
    texts: Sequence[str]
    """The caption's texts in reading order."""
    unread: bool = False
    """Whether there is text besides that the weights cannot read."""
    turns: frozenset[str] = field(default_factory=frozenset)
    """How the letters stand: one of these orientations is to be told; none = as usual."""


def marks(scene: Scene) -> Drawn:
    """Marks and nothing else: outlined over a picture, on a white strip, or in a bubble."""
    said = scene.random.choice(MARKS)
    way = scene.random.choice(("outlined", "strip", "bubble"))
    width, height = scene.random.randint(320, 760), scene.random.randint(300, 640)
    image = scene.ground(width, height)
    names = CHINESE if not said.isascii() else HEAVY if way == "outlined" else PLAIN
    if way == "strip":
        strip = scene.random.randint(50, 110)
        taller = Image.new("RGB", (width, height + strip), "white")
        taller.paste(image, (0, strip))
        _put(scene, taller, said, names, (width / 2, strip / 2), 0.8 * strip, False)
        return Drawn(taller, [said])
    place = scene.random.uniform(0.3, 0.7) * width, scene.random.uniform(0.15, 0.85) * height
    if way == "bubble":
        _bubble(scene, image, said, names, place, scene.random.randint(28, 60))
    else:
        _put(scene, image, said, names, place, scene.random.uniform(0.1, 0.3) * height, True)
    return Drawn(image, [said])


def marks_beside(scene: Scene) -> Drawn:
    """A caption at the top, and marks in the picture or at its foot."""
    image = scene.ground(scene.random.randint(420, 760), scene.random.randint(400, 680))
    english = scene.random.random() < 0.5
    text = scene.words(3, 8) if english else scene.sentence()
    names = HEAVY if english else CHINESE
    layer, _ = scene.letters(text, 0.9 * image.width, 0.2 * image.height, names, True)
    scene.put(image, layer, image.width / 2, layer.height / 2 + 8)
    said = scene.random.choice([m for m in MARKS if m.isascii() == english])
    place = (
        image.width * scene.random.uniform(0.3, 0.7),
        image.height * scene.random.uniform(0.6, 0.88),
    )
    _put(scene, image, said, names, place, scene.random.uniform(48, 90), True)
    return Drawn(image, [text, said])


def bubbles(scene: Scene) -> Drawn:
    """One word in each bubble, in two or three rows: row by row, left to right."""
    rows, columns = scene.random.randint(1, 3), scene.random.randint(2, 4)
    cell = scene.random.randint(150, 220), scene.random.randint(90, 170)
    image = _page(scene, cell[0] * columns + 40, cell[1] * rows + 60)
    size, (words, names) = scene.random.randint(22, 36), _said(scene)
    texts = scene.random.sample(words, rows * columns)
    for i, text in enumerate(texts):
        x = 20 + (i % columns + 0.5) * cell[0] + scene.random.uniform(-8, 8)
        y = 30 + (i // columns + 0.5) * cell[1] + scene.random.uniform(-0.1, 0.1) * cell[1]
        _bubble(scene, image, text, names, (x, y), size)
    return Drawn(image, texts)


def bubble_column(scene: Scene) -> Drawn:
    """One word in each bubble, one under the other, now at the left, now at the right."""
    count, step = scene.random.randint(3, 6), scene.random.randint(70, 120)
    image = _page(scene, scene.random.randint(300, 520), step * count + 60)
    size, (words, names) = scene.random.randint(22, 36), _said(scene)
    texts = scene.random.sample(words, count)
    sides = scene.random.choice(((0.5,), (0.3, 0.7), (0.7, 0.3)))
    for i, text in enumerate(texts):
        place = sides[i % len(sides)] * image.width, 30 + (i + 0.5) * step
        _bubble(scene, image, text, names, place, size)
    return Drawn(image, texts)


def turned(scene: Scene) -> Drawn:
    """A picture that was mirrored or stands on its head: the text with a note, or none."""
    image, text = _captioned(scene)
    way = scene.random.choice(list(TURNED))
    return Drawn(image.transpose(TURNED[way]), [text], turns=frozenset({way}))


TURNED = {
    "upside down": Image.Transpose.ROTATE_180,
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "mirrored and upside down": Image.Transpose.FLIP_TOP_BOTTOM,
}


def on_its_side(scene: Scene) -> Drawn:
    """A picture turned by a quarter, to the left or to the right."""
    image, text = _captioned(scene)
    way = scene.random.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270))
    return Drawn(image.transpose(way), [text], turns=frozenset({"turned left", "turned right"}))


def foreign(scene: Scene) -> Drawn:
    """Text in a script that the weights do not know, on white or outlined over a picture."""
    image, text, names = _foreign(scene)
    way = scene.random.random() < 0.5
    height = scene.random.uniform(0.1, 0.2) * image.height
    _put(scene, image, text, names, (image.width / 2, 0.5 * image.height), height, way)
    return Drawn(image, [], unread=True)


def foreign_beside(scene: Scene) -> Drawn:
    """The same under a caption in English or Chinese."""
    image, text, names = _foreign(scene)
    english = scene.random.random() < 0.5
    said = scene.words(3, 7) if english else scene.sentence()
    way = HEAVY if english else CHINESE
    layer, _ = scene.letters(said, 0.9 * image.width, 0.2 * image.height, way, True)
    scene.put(image, layer, image.width / 2, layer.height / 2 + 8)
    height = scene.random.uniform(36, 60)
    _put(scene, image, text, names, (image.width / 2, 0.8 * image.height), height, True)
    return Drawn(image, [said], unread=True)


def _foreign(scene: Scene) -> tuple[Image.Image, str, tuple[str, ...]]:
    """(ground, sentence, names of its fonts)."""
    found = []
    for begins, *sentences in SCRIPTS.values():
        names = tuple(f"{begins}-{weight}" for weight in WEIGHTS)
        try:
            fonts(names)
        except FileNotFoundError:
            continue
        found.append((names, sentences))
    names, sentences = scene.random.choice(found)
    width, height = scene.random.randint(480, 800), scene.random.randint(300, 520)
    image = scene.ground(width, height)
    if scene.random.random() < 0.4:
        image = Image.new("RGB", (width, height), "#9a9a9a")
    return image, scene.random.choice(sentences), names


def _captioned(scene: Scene) -> tuple[Image.Image, str]:
    """A caption of some words on white over a picture, or outlined at its top."""
    width, height = scene.random.randint(360, 720), scene.random.randint(320, 560)
    english = scene.random.random() < 0.5
    text = scene.words(4, 10) if english else scene.sentence()
    strip = scene.random.random() < 0.5
    names = (PLAIN if strip else HEAVY) if english else CHINESE
    layer, _ = scene.letters(text, 0.9 * width, 0.3 * height, names, not strip)
    top = layer.height + 16 if strip else 0
    image = Image.new("RGB", (width, height + top), "white")
    image.paste(scene.ground(width, height), (0, top))
    scene.put(image, layer, width / 2, layer.height / 2 + 8)
    return image, text


def _page(scene: Scene, width: int, height: int) -> Image.Image:
    if scene.random.random() < 0.5:
        return Image.new(
            "RGB", (width, height), scene.random.choice(("white", "#ededed", "#dfe8f4"))
        )
    return scene.ground(width, height)


def _said(scene: Scene) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(words, fonts) of bubbles in one language."""
    return scene.random.choice(((BUBBLES, PLAIN), (BUBBLES, HEAVY), (BUBBLES_ZH, CHINESE)))


def _bubble(
    scene: Scene,
    image: Image.Image,
    text: str,
    names: tuple[str, ...],
    place: tuple[float, float],
    size: int,
) -> None:
    """A word in black in a white bubble."""
    font, (x, y) = _font(scene, names, size), place
    half = max(font.getlength(text) / 2 + 0.8 * size, 1.2 * size), 1.0 * size
    box = (x - half[0], y - half[1], x + half[0], y + half[1])
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(box, half[1] * scene.random.choice((0.4, 1.0)), "white", "black", 2)
    draw.text(place, text, "black", font, "mm")


def _put(
    scene: Scene,
    image: Image.Image,
    text: str,
    names: tuple[str, ...],
    middle: tuple[float, float],
    height: float,
    outlined: bool,
) -> None:
    """A text in one line, no wider than the picture."""
    font = _font(scene, names, size := round(height))
    while font.getlength(text) > 0.92 * image.width and size > 14:
        font = font.font_variant(size=(size := size - 1))
    fill = scene.random.choice(("white", "white", "yellow")) if outlined else "black"
    stroke = max(1, size // 14) if outlined else 0
    ImageDraw.Draw(image).text(
        middle, text, fill, font, "mm", stroke_width=stroke, stroke_fill="black"
    )


def _font(scene: Scene, names: tuple[str, ...], size: int) -> ImageFont.FreeTypeFont:
    path = scene.random.choice(fonts(names))
    korean = names[0].startswith("NotoSansCJK") and names is not CHINESE
    index = 1 if korean else SIMPLIFIED
    return ImageFont.truetype(str(path), size, index if "CJK" in path.stem else 0)


KINDS: dict[str, Callable[[Scene], Drawn]] = {
    kind.__name__: kind
    for kind in (
        marks,
        marks_beside,
        bubbles,
        bubble_column,
        turned,
        on_its_side,
        foreign,
        foreign_beside,
    )
}


def drawn(kind: str, seed: int) -> tuple[np.ndarray, Drawn]:
    """A picture as it is sent, uint8 (height, width, 3) RGB, and what it was drawn from."""
    scene = Scene(f"{kind} {seed}")
    made = KINDS[kind](scene)
    return np.asarray(scene.as_sent(made.image)), made


def right(made: Drawn, found: Caption) -> bool:
    """Whether a picture was read as a person reads it: each text, marks too, and no other; what is
    turned or not to be read is told as that."""
    if made.unread and not any(line.rule == "unread" for line in found.other):
        return False
    if made.turns:
        told = all(line.orientation in made.turns for line in found.caption_lines)
        return told and (not found.text or exact(" ".join(made.texts), found.text))
    said = [line.text for line in found.caption_lines]
    return _marked(" ".join(made.texts)) == _marked(" ".join(said))


def _marked(text: str) -> str:
    """Folded as ``ocr.accuracy.normalise`` does, but with the marks that captions are made of."""
    text = normalize("NFKC", text).casefold().replace("。", ".")
    kept = [c for c in text if c.isalnum() or not c.isascii() or c in "!?"]
    dots = "." * ("." in text and not any(c.isalnum() for c in text))
    return "".join(kept) + dots

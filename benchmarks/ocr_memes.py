"""Still memes of the common kinds drawn by seed, with what a person reads in them.

Letters are outlined, squeezed like Impact, tilted, of unlike sizes, over two tiers, in labels, on
white strips, beside a site's address; pictures come compressed and made smaller. What they are
made of stands in ``ocr_scene``.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.ocr_scene import CHINESE, HEAVY, NUMBERS, PLAIN, Scene, fonts

Drawn = tuple[Image.Image, list[str]]
"""A picture, and its texts in reading order."""


def two_tier(scene: Scene) -> Drawn:
    """Outlined English at the top and the bottom, one to three lines each, often squeezed."""
    image = scene.ground(scene.random.randint(400, 900), scene.random.randint(400, 800))
    texts = []
    for y in (0.0, 1.0):
        text = scene.words(3, 10)
        layer, _ = scene.letters(text, 0.92 * image.width, 0.26 * image.height, HEAVY, True)
        half = layer.height / 2 + 0.015 * image.height
        scene.put(image, layer, image.width / 2, half if y == 0 else image.height - half)
        texts.append(text)
    return image, texts


def things(scene: Scene) -> Drawn:
    """Two to four labels of unlike sizes on things, each wrapped in its own part of the width."""
    count = scene.random.randint(2, 4)
    image = scene.ground(scene.random.randint(260, 300) * count, scene.random.randint(480, 680))
    part = image.width / count
    level = scene.random.uniform(0.3, 0.7)
    texts = []
    for i in range(count):
        text = scene.words(1, 5)
        layer, _ = scene.letters(text, 0.85 * part, scene.random.uniform(60, 190), HEAVY, True)
        # Two at unlike heights may be read in either order.
        y = level if count == 2 else scene.random.uniform(0.3, 0.7)
        scene.put(image, layer, (i + 0.5) * part, y * image.height)
        texts.append(text)
    return image, texts


def leaning(scene: Scene) -> Drawn:
    """One label of one to three lines, turned by up to 25 degrees."""
    image = scene.ground(scene.random.randint(480, 760), scene.random.randint(420, 620))
    text = scene.words(2, 7)
    layer, _ = scene.letters(text, 0.6 * image.width, 0.35 * image.height, HEAVY, True)
    tilt = scene.random.choice((-1, 1)) * scene.random.uniform(4, 25)
    scene.put(image, layer, image.width / 2, scene.random.uniform(0.4, 0.6) * image.height, tilt)
    return image, [text]


def white_strip(scene: Scene) -> Drawn:
    """A sentence in black on a white strip over the picture."""
    width, height = scene.random.randint(400, 800), scene.random.randint(300, 600)
    text = scene.words(5, 16)
    layer, _ = scene.letters(text, 0.94 * width, 170, PLAIN, False)
    image = Image.new("RGB", (width, height + layer.height + 20), "white")
    image.paste(scene.ground(width, height), (0, layer.height + 20))
    x = layer.width / 2 + 12 if scene.random.random() < 0.5 else width / 2
    scene.put(image, layer, x, layer.height / 2 + 8)
    return image, [text]


def short(scene: Scene) -> Drawn:
    """One word, a number or a mark inside the picture, and a caption at the top."""
    image = scene.ground(scene.random.randint(420, 700), scene.random.randint(420, 700))
    top = scene.words(3, 8)
    layer, _ = scene.letters(top, 0.92 * image.width, 0.2 * image.height, HEAVY, True)
    scene.put(image, layer, image.width / 2, layer.height / 2 + 8)
    said = scene.random.choice(
        (*NUMBERS, "NO", "Me", "ME AGAIN", "YES!", "OK", "why?", "C++", "LOL")
    )
    other, _ = scene.letters(said, 0.4 * image.width, layer.height * 1.5 + 20, HEAVY, True)
    scene.put(image, other, image.width * scene.random.uniform(0.3, 0.7), 0.7 * image.height)
    return image, [top, said]


def marked(scene: Scene) -> Drawn:
    """A two-tier meme with the address of a site, small in a corner: no part of the caption."""
    image, texts = two_tier(scene)
    font = ImageFont.truetype(str(fonts(("DejaVuSans", "LiberationSans-Regular"))[0]), 13)
    site = scene.random.choice(
        ("imgflip.com", "memegen.link", "9GAG.COM", "quickmeme.com", "@memelord")
    )
    place = (
        (3, image.height - 17)
        if scene.random.random() < 0.5
        else (image.width - 95, image.height - 17)
    )
    ImageDraw.Draw(image).text(place, site, "white", font=font, stroke_width=1, stroke_fill="black")
    return image, texts


def sticker(scene: Scene) -> Drawn:
    """A Chinese sticker: a drawn figure on white, a line under or over it, outlined or plain."""
    side = scene.random.randint(200, 500)
    image = Image.new("RGB", (side, side), scene.random.choice(("white", "white", "#f4f4f0")))
    draw = ImageDraw.Draw(image)
    ring = [0.3 * side, 0.25 * side, 0.7 * side, 0.65 * side]
    draw.ellipse(ring, outline="black", width=max(2, side // 70))
    for x in (0.42, 0.58):
        draw.ellipse([x * side - 4, 0.4 * side, x * side + 4, 0.4 * side + 8], fill="black")
    draw.arc([0.42 * side, 0.45 * side, 0.58 * side, 0.58 * side], 20, 160, "black", 3)
    text = scene.sentence()
    layer, _ = scene.letters(text, 0.9 * side, 0.2 * side, CHINESE, scene.random.random() < 0.4)
    half = layer.height / 2 + 0.01 * side
    scene.put(image, layer, side / 2, half if scene.random.random() < 0.3 else side - half)
    return image, [text]


def chinese(scene: Scene) -> Drawn:
    """Two outlined Chinese lines over a photograph: two tiers, or one under the other."""
    image = scene.ground(scene.random.randint(300, 800), scene.random.randint(300, 640))
    places = scene.random.choice(((0.1, 0.9), (0.76, 0.9)))
    texts = []
    for y in places:
        text = scene.sentence()
        layer, _ = scene.letters(text, 0.9 * image.width, 0.13 * image.height, CHINESE, True)
        scene.put(image, layer, image.width / 2, y * image.height)
        texts.append(text)
    return image, texts


KINDS: dict[str, Callable[[Scene], Drawn]] = {
    kind.__name__: kind
    for kind in (two_tier, things, leaning, white_strip, short, marked, sticker, chinese)
}


def drawn(kind: str, seed: int) -> tuple[np.ndarray, list[str]]:
    """A picture, uint8 (height, width, 3) RGB, and its texts in reading order."""
    scene = Scene(f"{kind} {seed}")
    image, texts = KINDS[kind](scene)
    return np.asarray(scene.as_sent(image)), texts

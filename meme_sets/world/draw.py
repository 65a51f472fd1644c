"""Paints one ``Scene`` as a picture, and says where in it everything stands.

The places of things (``PlacedDrawing``) are what a vision tower is first taught: the renderer knows
what every patch of the picture shows.
"""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from meme_sets.world import character, things
from meme_sets.world.scene import Scene
from memeprobe.fonts import font

SIZE = 192
"""Width and height of a frame in pixels."""
STRIP = 50
"""Height of the white caption strip in pixels."""
GROUND = {"below": 134, "bottom": 138, "top": 178}
"""The y at which characters stand, in pixels, by caption style: captions hide nobody's face."""

Box = tuple[float, float, float, float]


@dataclass
class PlacedDrawing:
    """Where things stand: (kind, name, box (left, top, right, bottom) in pixels)."""

    boxes: list[tuple[str, str, Box]] = field(default_factory=list)

    def add(self, kind: str, name: str, box: Box) -> None:
        """Note one thing."""
        self.boxes.append((kind, name, box))


def paint(scene: Scene) -> tuple[np.ndarray, PlacedDrawing]:
    """The picture of a scene, uint8 (192, 192, 3), and the places of what it shows."""
    placed = PlacedDrawing()
    if scene.blank:
        return np.full((SIZE, SIZE, 3), 255, np.uint8), placed
    image = Image.new("RGB", (SIZE, SIZE), "white")
    draw = ImageDraw.Draw(image)
    ground = GROUND[scene.caption_style]
    things.paint_place(draw, scene.place, SIZE, ground)
    cx = SIZE * scene.x
    body = character.paint(draw, scene, cx, ground - scene.bob)
    for name in ("head", "body"):
        placed.add(name, scene.species, body[name])
    if scene.object is not None:
        x, y = character.object_place(scene, cx, ground - scene.bob)
        things.paint_object(draw, scene.object, x, y)
        r = things.RADIUS
        placed.add("object", scene.object, (x - r, y - r, x + r, y + r))
        character.paint_action_marks(draw, scene, x, y)
    _paint_caption(draw, scene, placed)
    return np.asarray(image), placed


def picture(scene: Scene) -> np.ndarray:
    """The picture of a scene, uint8 (192, 192, 3)."""
    return paint(scene)[0]


def _paint_caption(draw: ImageDraw.ImageDraw, scene: Scene, placed: PlacedDrawing) -> None:
    """The caption in meme style, glyph by glyph so that each one's box is known."""
    strip = scene.caption_style == "below"
    if strip:
        draw.rectangle((0, SIZE - STRIP, SIZE, SIZE), fill="white")
    if not scene.caption:
        return
    largest = 42
    room = (SIZE - 14) / max(1.0, font(largest).getlength(scene.caption))
    size = int(largest * min(1.0, room))
    face = font(size)
    x = (SIZE - face.getlength(scene.caption)) / 2
    middle = STRIP / 2 if scene.caption_style == "top" else SIZE - STRIP / 2
    for glyph in scene.caption:
        if strip:
            draw.text((x, middle), glyph, "black", face, anchor="lm")
        else:
            draw.text(
                (x, middle), glyph, "white", face, anchor="lm", stroke_width=2, stroke_fill="black"
            )
        width = face.getlength(glyph)
        if glyph != " ":
            placed.add("glyph", glyph, (x, middle - size / 2, x + width, middle + size / 2))
        x += width

"""Captions of marks alone: what a recogniser takes for digits is told by its shape."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr import load_engine, read_image
from ocr.accuracy import exact
from ocr.marks import Part, marks_told, said_by
from ocr.recognise import Reading
from tests.test_ocr_memes import Says

SIZE = 320, 120
NARROW = str.maketrans("！？", "!?")


def drawn(text: str) -> np.ndarray:
    """A text in white with a black outline over grey, in the middle."""
    image = Image.new("RGB", SIZE, "#7a8a90")
    ImageDraw.Draw(image).text(
        (160, 60), text, "white", font=font(60), anchor="mm", stroke_width=4, stroke_fill="black"
    )
    return np.asarray(image)


def told(text: str, read: str) -> str:
    """What the shapes of ``text`` make of a reading."""
    image = drawn(text)
    ys, xs = np.nonzero(np.any(image != image[0, 0], axis=2))
    left, right, top, bottom = xs.min() - 3, xs.max() + 4, ys.min() - 3, ys.max() + 4
    box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return marks_told([box], [Reading(read, 0.97)], image, Says("OKAY8"))[0].text


@pytest.mark.parametrize(
    ("text", "read", "said"),
    [
        ("!", "8", "!"),
        ("!!", "88", "!!"),
        ("...", "000", "..."),
        ("88", "88", "88"),
        ("000", "000", "000"),
        ("1", "1", "1"),
        ("il", "il", "il"),
        ("OO", "OO", "OO"),
        ("!!", "NO", "NO"),
    ],
)
def test_marks_are_told_by_shape_and_digits_stay(text: str, read: str, said: str) -> None:
    assert told(text, read) == said


BAR, DOT = (0, 0, 10, 40, 380), (0, 50, 10, 10, 90)
RINGS = [(x, 30, 12, 12, 60) for x in (0, 18, 36)]
FACE = [(0, 10, 12, 12, 110), (40, 10, 12, 12, 110)]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([BAR, DOT], "!"),
        ([BAR], ""),
        ([DOT], ""),
        (FACE, ""),
        ([*FACE, (80, 10, 12, 12, 110)], "..."),
        ([*FACE, (80, 40, 12, 12, 110)], ""),
        ([*FACE, (200, 10, 12, 12, 110)], ""),
        ([*FACE, (80, 10, 12, 12, 50)], ""),
        ([(x, 30, 12, 12, 60) for x in (0, 40, 80)], "..."),  # 。。。
        ([p for x in (0, 40, 80) for p in ((x, 30, 12, 12, 60), (x + 3, 33, 6, 6, 15))], "..."),
        (RINGS, ""),  # ooo
        ([], ""),
    ],
)
def test_what_shapes_say(parts: list[Part], said: str) -> None:
    assert said_by(parts) == said


@pytest.mark.parametrize(("pixels", "said"), [(30, "..."), (15, "")])
def test_outlines_of_dots_are_dots_and_those_of_letters_are_not(pixels: int, said: str) -> None:
    inner = [(x + 3, 33, 6, 6, pixels) for x, *_ in RINGS]
    assert said_by(RINGS, inner) == said
    assert said_by(RINGS, inner[:2]) == ""


@pytest.mark.slow
@pytest.mark.parametrize("said", ["!!!", "?", "？？？", "!?"])
def test_marks_beside_a_caption_are_captions(said: str) -> None:
    image = Image.new("RGB", (560, 420), "#7a8a90")
    draw = ImageDraw.Draw(image)
    for text, y in (("WHEN THE BUILD IS BROKEN", 40), (said, 260)):
        draw.text(
            (280, y),
            text,
            "white",
            font=font(36 if y < 99 else 60),
            anchor="mm",
            stroke_width=4,
            stroke_fill="black",
        )
    found = read_image(np.asarray(image), load_engine(threads=1)).text.split("\n")
    assert exact("WHEN THE BUILD IS BROKEN", found[0])
    assert "".join(found[1:]).translate(NARROW) == said.translate(NARROW)

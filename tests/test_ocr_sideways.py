"""Pictures that do not stand upright, and text that reads as by chance."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr import load_engine, read_image
from ocr.accuracy import exact
from ocr.caption import Line
from ocr.caption_roles import with_roles
from ocr.read import kept
from ocr.sideways import as_it_stands, set_right

TEXTS = ("WHEN THE BUILD IS", "BROKEN AGAIN")


def page(*texts: str) -> Image.Image:
    image = Image.new("RGB", (560, 300), "white")
    for i, text in enumerate(texts):
        ImageDraw.Draw(image).text((280, 60 + 60 * i), text, "black", font=font(40), anchor="mm")
    return image


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turn", "way"),
    [
        (Image.Transpose.ROTATE_270, "turned right"),
        (Image.Transpose.ROTATE_90, "turned left"),
        (Image.Transpose.ROTATE_180, "upside down"),
    ],
)
@pytest.mark.parametrize("texts", [TEXTS, ("今天又要加班了",)])
def test_a_turned_picture_is_read_in_order_with_a_note(
    turn: Image.Transpose, way: str, texts: tuple[str, ...]
) -> None:
    picture = page(*texts).transpose(turn)
    found = read_image(np.asarray(picture), load_engine(threads=1))
    assert exact(" ".join(texts), found.text)
    assert {line.orientation for line in found.lines} == {way}
    for line in found.lines:
        left, top, right, bottom = (round(edge) for edge in line.bounds)
        inside = np.asarray(picture)[max(0, top) : bottom, max(0, left) : right]
        assert inside.min() < 50  # the box lies on the letters


@pytest.mark.slow
def test_a_column_of_upright_characters_is_no_turned_line() -> None:
    image = Image.new("RGB", (300, 560), "white")
    for i, character in enumerate("今天又要加班了"):
        ImageDraw.Draw(image).text((150, 60 + 60 * i), character, "black", font=font(44))
    found = read_image(np.asarray(image), load_engine(threads=1))
    assert found.text == "今天又要加班了"
    assert [line.orientation for line in found.lines] == [""]


@pytest.mark.parametrize("way", ["turned right", "turned left", "upside down"])
def test_a_box_is_brought_back_into_the_picture(way: str) -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[40:60, 100:250] = 255
    ys, xs = np.nonzero(set_right(image, way)[..., 0])
    left, right, top, bottom = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    line = as_it_stands(Line("x", 1.0, box), way, image)
    assert line.bounds == (100, 40, 250, 60)
    assert line.orientation == way


@pytest.mark.parametrize(
    ("text", "confidence", "width", "rule"),
    [
        ("anp D177 ny17 x71x", 0.65, 400, "unread"),
        ("T乐乐 TLI乐C6T", 0.42, 400, "unread"),
        ("NO", 0.65, 80, "doubtful"),
        ("what a day", 0.85, 400, ""),
    ],
)
def test_a_long_line_that_reads_by_chance_is_there_and_unread(
    text: str, confidence: float, width: int, rule: str
) -> None:
    line = Line(text, confidence, ((50, 200), (50 + width, 200), (50 + width, 240), (50, 240)))
    sure = Line("今天又是周一", 0.99, ((50, 10), (400, 10), (400, 60), (50, 60)))
    assert [li.rule for li in with_roles(kept([line, sure]), 600, 500)] == [rule, ""]

"""Captions that web memes have: short ones, leaning ones, mixed-up characters, lone zeros."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr import load_engine, read_image
from ocr.accuracy import exact
from ocr.caption import Line
from ocr.order import in_reading_order
from ocr.recognise import recognised
from ocr.script import in_one_script


def picture() -> Image.Image:
    """A ground of soft colours, like a photograph out of focus."""
    y, x = np.mgrid[0:600, 0:560]
    waves = [np.sin(x / 90 + y / 130), np.cos(x / 150 - y / 80), np.sin(y / 200)]
    return Image.fromarray((130 + 60 * np.stack(waves, axis=2)).astype(np.uint8))


def write(image: Image.Image, text: str, y: int, size: int, outline: str | None) -> None:
    ImageDraw.Draw(image).text(
        (280, y),
        text,
        "white",
        font=font(size),
        anchor="mm",
        stroke_width=4 if outline else 0,
        stroke_fill=outline,
    )


@pytest.mark.slow
@pytest.mark.parametrize("said", ["NO", "99", "24/7", "Me"])
def test_a_short_text_in_outlined_letters_is_a_caption(said: str) -> None:
    image = picture()
    write(image, "WHEN THE BUILD IS BROKEN", 40, 34, "black")
    write(image, said, 420, 60, "black")
    caption = read_image(np.asarray(image), load_engine(threads=1))
    assert exact(f"WHEN THE BUILD IS BROKEN\n{said}", caption.text)


@pytest.mark.slow
def test_a_word_on_a_sign_is_none_however_surely_it_is_read() -> None:
    image = picture()
    write(image, "WHEN THE BUILD IS BROKEN", 40, 34, "black")
    ImageDraw.Draw(image).rectangle((190, 370, 370, 470), fill=(20, 60, 190))
    ImageDraw.Draw(image).text((280, 420), "BANK", "yellow", font=font(38), anchor="mm")
    caption = read_image(np.asarray(image), load_engine(threads=1))
    assert exact("WHEN THE BUILD IS BROKEN", caption.text)
    assert [(line.text, line.rule) for line in caption.other] == [("BANK", "label")]


@pytest.mark.parametrize(
    ("texts", "folded"),
    [
        (["这谁顶得住啊", "再吃一口就減肥"], ["这谁顶得住啊", "再吃一口就减肥"]),
        (["快乐是別人的"], ["快乐是别人的"]),
        (["我就靜静看着你"], ["我就静静看着你"]),
        (["別打我"], ["別打我"]),
        (["這裡沒有別人", "只有我"], ["這裡沒有別人", "只有我"]),
        (["這裡沒有別人", "这里没有别人来过"], ["這裡沒有別人", "这里没有别人来过"]),
        (["皇后在後面"], ["皇后在後面"]),
        (["no text", ""], ["no text", ""]),
    ],
)
def test_stray_traditional_characters_are_told_by_the_others(
    texts: list[str], folded: list[str]
) -> None:
    assert in_one_script(texts) == folded


class Says:
    """An engine that reads every crop as the same text, surely."""

    name = "says"
    alphabets = frozenset[str]()

    def __init__(self, text: str, confidence: float = 0.99) -> None:
        self.text, self.confidence = text, confidence

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        return [[] for _ in images]

    def recognise(self, crops: object) -> list[tuple[str, float]]:
        return [(self.text, self.confidence) for _ in list(crops)]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("read", "means"),
    [
        ("ARRAYS START AT O", "ARRAYS START AT 0"),
        ("I had O!!", "I had 0!!"),
        ("OH NO", "OH NO"),
        ("O'CLOCK", "O'CLOCK"),
        ("O Captain", "O Captain"),
        ("H E L L O", "H E L L O"),
        ("O", "O"),
        ("PEOPLE IN THEIR 3OS", "PEOPLE IN THEIR 30S"),
        ("100O times", "1000 times"),
        ("H2O AND 5OFF", "H2O AND 5OFF"),
        ("a solutlon that works", "a solution that works"),
        ("soclally preclous misslons", "socially precious missions"),
        ("a cyclone, a clone, gently", "a cyclone, a clone, gently"),
    ],
)
def test_characters_that_look_alike_are_told_by_those_beside_them(read: str, means: str) -> None:
    (found,) = recognised([np.zeros((40, 300, 3), np.uint8)], Says(read))
    assert found.text == means


def leaning(text: str, degrees: float, down: float) -> Line:
    """A line of 200 x 30 pixels that falls to the right, ``down`` pixels under the first one."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    corners = [(0, down), (200, down), (200, down + 30), (0, down + 30)]
    one, two, three, four = ((100 + c * x - s * y, 150 + s * x + c * y) for x, y in corners)
    return Line(text, 0.99, (one, two, three, four))


@pytest.mark.parametrize("degrees", [-25, -12, 0, 12, 25])
def test_lines_that_lean_are_read_one_under_the_other(degrees: float) -> None:
    lines = [leaning(text, degrees, 38 * i) for i, text in enumerate("abcd")]
    assert [line.text for line in in_reading_order(lines[::-1])] == ["a", "b", "c", "d"]
    assert all(any(line is one for one in lines) for line in in_reading_order(lines))


def test_a_text_that_leans_beside_two_lines_is_no_piece_of_either() -> None:
    sign = [leaning("WHEN YOU", -12, 0), leaning("CONTEMPLATE", -12, 24)]
    between = leaning("LEAVING", -12, 12)
    along = np.array([210 * np.cos(np.radians(12)), -210 * np.sin(np.radians(12))])
    a, b, c, d = (tuple(np.array(corner) + along) for corner in between.box)
    moved = Line("LEAVING", 0.99, (a, b, c, d))
    read = [line.text for line in in_reading_order([*sign, moved])]
    assert read == ["WHEN YOU", "CONTEMPLATE", "LEAVING"]


class Tops:
    """An engine that reads a text, and another one where the top of the line is cut off."""

    name = "tops"
    alphabets = frozenset[str]()

    def __init__(self, whole: str, cut: str) -> None:
        self.whole, self.cut = whole, cut

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        return [[] for _ in images]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        return [(self.whole if len(crop) == 50 else self.cut, 0.99) for crop in crops]


@pytest.mark.parametrize(
    ("whole", "cut", "said"),
    [
        ("SOMEWHERE ELSÉ", "SOMEWHERE ELSE", "SOMEWHERE ELSE"),
        ("DETÀ-RÉGISTER", "DETA REGISTER", "DETA-REGISTER"),
        ("C'EST DÉJÀ TÔT", "C'EST DÉJÀ TOT", "C'EST DÉJÀ TOT"),
        ("DÉJÀ VU", "DÉJÀ VU", "DÉJÀ VU"),
        ("DÉJÀ VU", "OEJA VU", "DÉJÀ VU"),
        ("ŻÓŁĆ ŚĆ", "ZOLC SC", "ŻÓŁĆ ŚĆ"),
    ],
)
def test_an_accent_that_goes_with_the_ground_above_the_line_is_none(
    whole: str, cut: str, said: str
) -> None:
    (found,) = recognised([np.zeros((50, 400, 3), np.uint8)], Tops(whole, cut))
    assert found.text == said


def word(text: str, x: float, y: float) -> Line:
    corners = ((x, y), (x + 60, y), (x + 60, y + 24), (x, y + 24))
    return Line(text, 0.99, corners)


def test_bubbles_in_rows_and_columns_are_read_row_by_row_though_not_quite_level() -> None:
    rows = [
        [("a", 0, 14), ("b", 150, -12), ("c", 300, 8)],
        [("d", 8, -10), ("e", 155, 13), ("f", 290, -14)],
    ]
    lines = [word(t, x, 100 * i + y) for i, row in enumerate(rows) for t, x, y in row]
    assert "".join(line.text for line in in_reading_order(lines[::-1])) == "abcdef"
    # A staircase is no grid.
    stairs = [word(t, 120 * i, 60 * i) for i, t in enumerate("abcd")]
    assert "".join(line.text for line in in_reading_order(stairs[::-1])) == "abcd"

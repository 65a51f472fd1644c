"""One contract for every OCR engine, and what a caption is made of, on pictures drawn here."""

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr import ENGINES, OcrError, engines, load_engine, read_image
from ocr.accuracy import exact, normalise
from ocr.caption import Line
from ocr.caption_roles import with_roles
from ocr.edit import EditError, erase, replace
from ocr.engines import Engine
from ocr.order import in_reading_order

PACKAGES = {"rapidocr": "rapidocr", "paddleocr": "paddleocr"}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    if importlib.util.find_spec(PACKAGES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed: pip install 'memeprobe[paddle]'")
    return load_engine(request.param, 1)


def meme(
    *lines: tuple[str, int, int, int],
    ground: str = "white",
    ink: str = "black",
    size: tuple[int, int] = (320, 240),
) -> np.ndarray:
    """A picture with lines (text, x of the middle, y of the middle, font size)."""
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    for text, x, y, height in lines:
        draw.text(
            (x, y),
            text,
            ink,
            font(height),
            anchor="mm",
            stroke_width=0 if ink == "black" else 2,
            stroke_fill="black",
        )
    return np.asarray(image)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("picture", "text"),
    [
        (meme(("我错了", 160, 210, 40)), "我错了"),
        (meme(("OH NO", 160, 40, 40), ("MONDAY", 160, 200, 40)), "OH NO\nMONDAY"),
        (meme(("能运行就行了", 160, 200, 36), ground="#406080", ink="white"), "能运行就行了"),
        (meme(("小", 30, 20, 14), ("太棒了", 50, 60, 20), size=(100, 80)), None),
        (meme(), ""),
    ],
)
def test_an_engine_reads_captions(engine: Engine, picture: Any, text: str | None) -> None:
    found = read_image(picture, engine)
    if text is None:
        assert "太棒了" in found.text  # 20 pixels in a picture of 100: enlarged before reading
        return
    assert normalise(found.text) == normalise(text)
    for line in found.lines:
        left, top, right, bottom = line.bounds
        assert 0 <= left < right <= picture.shape[1] + 4
        assert 0 <= top < bottom <= picture.shape[0] + 4
        assert line.confidence > 0.8


@pytest.mark.slow
def test_columns_are_read_from_right_to_left(engine: Engine) -> None:
    columns = [
        ("好", 230, 40, 40),
        ("好", 230, 90, 40),
        ("学", 230, 140, 40),
        ("习", 230, 190, 40),
        ("天", 100, 40, 40),
        ("天", 100, 90, 40),
        ("向", 100, 140, 40),
        ("上", 100, 190, 40),
    ]
    assert normalise(read_image(meme(*columns), engine).text) == "好好学习天天向上"


@pytest.mark.slow
def test_engines_agree_on_boxes_and_text() -> None:
    if importlib.util.find_spec("paddleocr") is None:
        pytest.skip("paddleocr is not installed: pip install 'memeprobe[paddle]'")
    picture = meme(("代码报错怎么了", 160, 60, 34), ("IT WORKS HERE", 160, 200, 30))
    first, second = (read_image(picture, load_engine(name, 1)) for name in ENGINES)
    assert first.text == second.text
    for a, b in zip(first.lines, second.lines, strict=True):
        assert a.bounds == pytest.approx(b.bounds, abs=3)


@pytest.mark.parametrize(
    "array", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))]
)
def test_other_arrays_are_refused(array: Any) -> None:
    with pytest.raises(ValueError, match=r"uint8 \(height, width, 3\)"):
        read_image(array, load_engine("rapidocr", 1))


def test_an_unknown_engine_suggests_the_nearest() -> None:
    with pytest.raises(OcrError, match="did you mean 'rapidocr'"):
        load_engine("rapid-ocr")


def test_a_missing_package_names_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "paddleocr":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    engines._loaded.cache_clear()
    with pytest.raises(OcrError, match=r"pip install 'memeprobe\[paddle\]'"):
        load_engine("paddleocr", 7)
    engines._loaded.cache_clear()


def line(text: str, left: int, top: int, right: int, bottom: int, confidence: float = 0.99) -> Line:
    return Line(text, confidence, ((left, top), (right, top), (right, bottom), (left, bottom)))


@pytest.mark.parametrize(
    ("lines", "order"),
    [
        # 18 pixels apart in a large picture: still one row.
        ([line("right", 700, 10, 900, 80), line("left", 400, 28, 650, 98)], "left right"),
        # Two tiny lines 9 pixels apart: two rows.
        ([line("lower", 5, 19, 60, 27), line("upper", 5, 10, 60, 18)], "upper lower"),
        # Two labels of two lines side by side.
        (
            [
                line("a1", 10, 10, 100, 30),
                line("b1", 200, 12, 300, 32),
                line("a2", 10, 34, 100, 54),
                line("b2", 200, 36, 300, 56),
            ],
            "a1 a2 b1 b2",
        ),
        # Columns from right to left.
        ([line("左边", 10, 10, 40, 200), line("右边", 100, 10, 130, 200)], "右边 左边"),
    ],
)
def test_reading_order(lines: list[Any], order: str) -> None:
    assert " ".join(li.text for li in in_reading_order(lines)) == order


@pytest.mark.parametrize(
    ("other", "name"),
    [
        (line("imgflip.com", 0, 385, 60, 398), "address"),
        (line("@somebody", 300, 200, 380, 230), "address"),
        (line("tiny words", 10, 100, 90, 118), "small"),
        (line("drawn by a friend of mine", 2, 380, 120, 396), "small"),
        (line("25617", 200, 150, 300, 190, 0.62), "doubtful"),
        (line("SIGNED", 340, 372, 399, 396), "mark"),
        (line("kofola", 150, 180, 250, 222), "label"),
        (line("OO", 10, 370, 60, 399), "shapes"),
    ],
)
def test_the_rule_sorts_out_other_text(other: Any, name: str) -> None:
    caption = line("WHEN THE CODE WORKS", 20, 10, 380, 52)
    roles = {li.text: li.role for li in with_roles([caption, other], 400, 400)}
    assert roles == {caption.text: "caption", other.text: "other"}, name


def test_a_loose_box_around_tilted_text_does_not_make_upright_text_small() -> None:
    tilted = Line("THIS IS", 0.94, ((120, 203), (277, 55), (327, 108), (170, 255)))
    upright = line("ANIMATED", 307, 295, 508, 329)
    assert 0.55 * tilted.height > upright.height  # the case that rule 2 would sort out
    assert [li.role for li in with_roles([tilted, upright], 600, 369)] == ["caption", "caption"]


@pytest.mark.parametrize(
    "lines",
    [
        [line("chair.exe has stopped", 10, 10, 300, 50)],
        [line("OH NO", 10, 10, 300, 60), line("ANYWAY", 10, 340, 300, 390)],
        [line("哈哈", 100, 350, 200, 390)],
        [line("Me", 50, 180, 120, 240), line("My code", 200, 150, 380, 190)],
    ],
)
def test_the_rule_keeps_captions(lines: list[Any]) -> None:
    assert all(li.role == "caption" for li in with_roles(lines, 400, 400))


def _ground(kind: str) -> np.ndarray:
    if kind == "strip":
        return meme()
    x, y = np.meshgrid(np.arange(320), np.arange(240))
    return np.stack([90 + x // 4, 120 + y // 4, 140 - x // 8], -1).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["strip", "picture"])
@pytest.mark.parametrize(("old", "new"), [("我错了", "太棒了"), ("SO HAPPY", "BAD DAY")])
def test_a_caption_is_erased_and_replaced_as_ocr_confirms(kind: str, old: str, new: str) -> None:
    engine = load_engine("rapidocr", 1)
    image = Image.fromarray(_ground(kind))
    style = (
        {"fill": "black"}
        if kind == "strip"
        else {"fill": "white", "stroke_width": 2, "stroke_fill": "black"}
    )
    ImageDraw.Draw(image).text((160, 205), old, font=font(40), anchor="mm", **style)
    picture = np.asarray(image)
    caption = read_image(picture, engine)
    assert exact(old, caption.text)
    gone = erase(picture, caption)
    assert read_image(gone, engine).text == ""
    assert np.abs(gone.astype(int) - _ground(kind)).mean() < 3  # as if it had never been there
    assert exact(new, read_image(replace(picture, caption, new), engine).text)


@pytest.mark.slow
def test_edits_that_cannot_be_are_refused() -> None:
    engine = load_engine("rapidocr", 1)
    with pytest.raises(EditError, match="no caption to replace"):
        replace(meme(), read_image(meme(), engine), "x")
    picture = meme(("我错了", 160, 210, 40))
    caption = read_image(picture, engine)
    with pytest.raises(EditError, match="no glyph"):
        replace(picture, caption, "\u0e01")
    with pytest.raises(EditError, match="empty"):
        replace(picture, caption, " ")


class Counting:
    """An engine that counts what it is asked."""

    name = "counting"
    alphabets = frozenset[str]()

    def __init__(self) -> None:
        self.inner, self.detected, self.recognised = load_engine("rapidocr", 1), 0, 0
        self.asked: list[str] = []

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        self.detected += len(images)
        return self.inner.detect(images)

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        self.recognised += len(crops)
        found = self.inner.recognise(crops)
        self.asked += [text for text, _ in found]
        return found

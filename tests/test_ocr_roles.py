"""What belongs to the picture, and what was put over it: roles of lines that were read surely."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr.caption import Line, Quad
from ocr.caption_roles import with_roles
from ocr.deskew import frame_of
from ocr.letter_mask import find
from ocr.style import Styles

SIZE = 700, 500


def box(left: float, top: float, right: float, bottom: float) -> Quad:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def photograph(plate: str) -> Image.Image:
    """Soft colours with a plate in the middle, noisy and compressed as a camera's file is."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    waves = np.stack([np.sin(x / 90 + y / 130), np.cos(x / 150), np.sin(y / 200)], axis=2)
    image = Image.fromarray((130 + 60 * waves).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.text((350, 260), plate, (70, 40, 50), font=font(60), anchor="mm")
    noise = np.random.default_rng(5).normal(0, 6, (SIZE[1], SIZE[0], 3))
    return compressed(Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)))


def compressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return Image.open(file).convert("RGB")


def judged(image: Image.Image, lines: list[Line]) -> dict[str, str]:
    """Text of each line -> the rule that took it for other text."""
    found = with_roles(lines, *SIZE, Styles(np.asarray(image)))
    return {line.text: line.rule for line in found}


def captioned(image: Image.Image, text: str, size: int = 60) -> Image.Image:
    ImageDraw.Draw(image).text(
        (350, 50), text, "white", font=font(size), anchor="mm", stroke_width=4, stroke_fill="black"
    )
    return image


LINES = [
    Line("WHEN IT RAINS", 0.98, box(100, 20, 600, 82)),
    Line("4711 AB CD", 1.0, box(150, 228, 550, 292)),
]


def test_photographed_letters_are_a_part_of_the_picture_where_the_caption_is_drawn() -> None:
    image = captioned(photograph("4711 AB CD"), "WHEN IT RAINS")
    assert judged(image, LINES) == {"WHEN IT RAINS": "", "4711 AB CD": "photographed"}


def test_where_all_letters_were_compressed_nothing_is_told_by_their_noise() -> None:
    image = compressed(captioned(photograph("4711 AB CD"), "WHEN IT RAINS"))
    assert judged(image, LINES) == {"WHEN IT RAINS": "", "4711 AB CD": ""}


def test_a_second_drawn_text_stays_a_caption() -> None:
    image = captioned(photograph(""), "WHEN IT RAINS")
    ImageDraw.Draw(image).text((350, 260), "4711 AB CD", "yellow", font=font(60), anchor="mm")
    assert judged(image, LINES) == {"WHEN IT RAINS": "", "4711 AB CD": ""}


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        # A tier of long text is lower than the other tier, and stands at the rim.
        (
            [
                Line("I READ ALL OF THE SMALL PRINT", 0.97, box(5, 3, 695, 33)),
                Line("IN IT", 1.0, box(300, 36, 400, 66)),
                Line("TWICE A DAY", 0.98, box(20, 410, 680, 495)),
            ],
            ["", "", ""],
        ),
        # The last word of a paragraph is one of its lines, a word far lower is none.
        (
            [
                Line("YOU SHOULD VOTE FOR", 0.98, box(20, 400, 680, 445)),
                Line("ME?", 1.0, box(310, 448, 390, 496)),
                Line("NO SUCH THING AS THAT", 0.98, box(20, 5, 680, 95)),
                Line("studio", 0.98, box(630, 480, 698, 498)),
            ],
            ["", "", "", "small"],
        ),
    ],
)
def test_lines_of_a_block_are_of_one_role(lines: list[Line], rules: list[str]) -> None:
    found = {line.text: line.rule for line in with_roles(lines, *SIZE)}
    assert [found[line.text] for line in lines] == rules


def small_label(outline: str | None) -> Image.Image:
    """A caption, and a word of 14 pixels on a thing of middling brightness."""
    image = captioned(photograph(""), "WHEN IT RAINS", 76)
    ImageDraw.Draw(image).text(
        (350, 300),
        "umbrella",
        "white",
        font=font(18),
        anchor="mm",
        stroke_width=1 if outline else 0,
        stroke_fill=outline,
    )
    return compressed(image)


@pytest.mark.parametrize(("outline", "rule"), [("black", ""), (None, "small")])
def test_small_letters_with_an_outline_of_a_pixel_are_a_caption(
    outline: str | None, rule: str
) -> None:
    lines = [
        Line("WHEN IT RAINS", 0.98, box(40, 10, 660, 92)),
        Line("umbrella", 1.0, box(300, 286, 400, 314)),
    ]
    found = judged(small_label(outline), lines)
    assert found == {"WHEN IT RAINS": "", "umbrella": rule}


SIGNS = [
    ("NORTH", (100, 200)),
    ("SIDE", (100, 226)),
    ("THE", (500, 200)),
    ("OTHER", (500, 226)),
]


@pytest.mark.parametrize(("ink", "rule"), [("black", ""), ("#c02020", "small")])
def test_what_two_signs_say_in_one_style_is_a_text_of_several_words(ink: str, rule: str) -> None:
    image = captioned(Image.new("RGB", SIZE, "#d8d8d8"), "WHEN IT RAINS", 76)
    lines = [Line("WHEN IT RAINS", 0.98, box(40, 10, 660, 92))]
    for text, (x, y) in SIGNS:
        colour = ink if x == 500 else "black"
        ImageDraw.Draw(image).text((x, y), text, colour, font=font(22), anchor="mm")
        lines.append(Line(text, 1.0, box(x - 40, y - 13, x + 40, y + 13)))
    assert set(judged(image, lines).values()) == {"", rule}


@pytest.mark.parametrize(
    ("ink", "edge", "rule"), [("#282030", None, "label"), ("white", "black", "")]
)
def test_a_number_on_a_thing_under_the_caption_is_none_of_its_lines(
    ink: str, edge: str | None, rule: str
) -> None:
    image = captioned(photograph(""), "WHEN IT RAINS")
    ImageDraw.Draw(image).text(
        (450, 115),
        "38",
        ink,
        font=font(50),
        anchor="mm",
        stroke_width=3 * bool(edge),
        stroke_fill=edge,
    )
    lines = [LINES[0], Line("38", 1.0, box(410, 88, 490, 140))]
    assert judged(image, lines) == {"WHEN IT RAINS": "", "38": rule}


@pytest.mark.parametrize("heavy", [4, 9])
def test_letters_are_told_from_their_outline_however_heavy_it_is(heavy: int) -> None:
    image = photograph("")
    ImageDraw.Draw(image).text(
        (350, 50),
        "WHEN IT RAINS",
        "white",
        font=font(60),
        anchor="mm",
        stroke_width=heavy,
        stroke_fill="black",
    )
    line = LINES[0]
    found = find(np.asarray(compressed(image)), line, frame_of(line))
    assert min(found.fill) > 200 and found.outline is not None and max(found.outline) < 60


@pytest.mark.parametrize(
    ("said", "sure", "rule"),
    [
        ("lol", 0.95, ""),
        ("lol", 0.7, "doubtful"),
        ("Lol", 0.95, ""),
        ("loo", 0.95, ""),
        ("0l0", 0.95, "shapes"),
        ("ooo", 0.95, "shapes"),
        ("lll", 0.95, "shapes"),
    ],
)
def test_a_bubble_that_says_lol_is_a_caption(said: str, sure: float, rule: str) -> None:
    lines = [
        Line("Never", 1.0, box(100, 100, 200, 140)),
        Line(said, sure, box(400, 100, 450, 140)),
        Line("Fine", 1.0, box(100, 300, 200, 340)),
    ]
    assert with_roles(lines, *SIZE)[1].rule == rule


def test_what_reads_doubtfully_beside_mirrored_lines_is_mirrored_too() -> None:
    lines = [
        Line("TOO CODE TOLD", 0.97, box(100, 100, 500, 140), orientation="mirrored"),
        Line("YA YJJAUTA", 0.9, box(150, 145, 450, 185)),
    ]
    assert [line.rule for line in with_roles(lines, *SIZE)] == ["mirrored", "mirrored"]
    assert with_roles(lines[1:], *SIZE)[0].rule == ""


class OutlineAlone(Styles):
    """Finds of one word only the outline, as where its letters are as bright as the ground."""

    def outlined(self, line: Line) -> bool:
        return line.text != "EPIC"

    def alike(self, line: Line, caption: Line) -> bool:
        return line.text != "EPIC"


@pytest.mark.parametrize(("ink", "rule"), [("white", ""), ("#203040", "label")])
def test_a_word_with_the_captions_fill_in_it_stays_in_its_block(ink: str, rule: str) -> None:
    image = captioned(photograph(""), "WHEN IT RAINS")
    ImageDraw.Draw(image).text((450, 115), "EPIC", ink, font(50), "mm")
    lines = [LINES[0], Line("EPIC", 1.0, box(395, 90, 505, 140))]
    found = with_roles(lines, *SIZE, OutlineAlone(np.asarray(image)))
    assert [line.rule for line in found] == ["", rule]


@pytest.mark.parametrize(
    ("text", "at", "rule"),
    [
        ("9", box(320, 380, 360, 430), "stray mark"),  # the tail of an animal over the caption
        ("P", box(20, 200, 60, 260), "stray mark"),
        ("6", box(430, 436, 475, 496), ""),  # in the caption's own row
        ("滚", box(320, 300, 400, 380), ""),
    ],
)
def test_a_stroke_beside_a_chinese_caption_is_no_letter(text: str, at: Quad, rule: str) -> None:
    caption = Line("你们城里人抢红包", 1.0, box(100, 436, 420, 496))
    roles = {li.text: li.rule for li in with_roles([caption, Line(text, 0.99, at)], *SIZE)}
    assert roles == {caption.text: "", text: rule}


@pytest.mark.parametrize(
    ("text", "left", "rule"),
    [
        ("2", 300, "stray mark"),  # a star over a head
        ("X", 200, "stray mark"),  # outside of the row's reach
        ("u", 148, ""),  # of the small line: a word apart
        ("no", 300, ""),
    ],
)
def test_a_tiny_letter_in_no_row_is_no_caption(text: str, left: int, rule: str) -> None:
    said = Line("think it is fine", 1.0, box(20, 440, 140, 462))
    top = 200 if text == "2" else 440
    at = box(left, top, left + 22, top + 22)
    found = with_roles([said, Line(text, 0.97, at)], *SIZE)
    assert [line.rule for line in found] == ["", rule]
    (alone,) = with_roles([Line(text, 0.97, at)], *SIZE)
    assert alone.rule == ("" if text == "no" else "stray mark")


@pytest.mark.parametrize(
    ("text", "height", "rule"),
    [
        ("6", 400, "whole picture"),  # a figure that curls up
        ("一", 460, "whole picture"),
        ("6", 100, ""),
        ("滚", 400, ""),
        ("NO", 400, ""),
        ("00", 60, "shapes"),  # eyes
        ("10", 60, ""),
    ],
)
def test_a_figure_as_high_as_the_picture_is_no_letter(text: str, height: int, rule: str) -> None:
    (line,) = with_roles([Line(text, 0.99, box(150, 20, 150 + height * 0.7, 20 + height))], *SIZE)
    assert line.rule == rule

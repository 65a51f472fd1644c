"""What belongs to the picture, and what was put over it: roles of lines that were read surely."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr.caption import Line, Quad
from ocr.caption_roles import with_roles
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


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("@所有人明天放假", ""),
        ("@全体成员 开会", ""),
        ("@everyone wake up", ""),
        ("@小王今晚八点来开会", ""),
        ("@memelord", "address"),
        ("@表情姐姐", "address"),
        ("imgflip.com", "address"),
    ],
)
def test_what_is_said_to_all_is_no_account(text: str, rule: str) -> None:
    lines = [
        Line("群公告", 0.99, box(250, 20, 450, 80)),
        Line(text, 0.99, box(200, 400, 500, 450)),
    ]
    assert with_roles(lines, *SIZE)[1].rule == rule

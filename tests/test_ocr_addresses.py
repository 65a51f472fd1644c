"""Addresses, names of accounts and notices of rights: no captions, unless they are said."""

import pytest

from ocr.caption import Line
from ocr.caption_roles import with_roles
from tests.test_ocr_roles import SIZE, box


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
        ("©2016 Scott Heturn/Distributed by Universal Uclick", "address"),
        ("(c) 2021 the artist. All rights reserved", "address"),
        ("COPYRIGHT STRIKE", ""),
        ("(c) none of the above", ""),
        ("@ No Life", "address"),
        ("@shanselman·14h", "address"),
        ("@ no life at all", ""),
    ],
)
def test_what_is_said_to_all_is_no_account(text: str, rule: str) -> None:
    lines = [
        Line("群公告", 0.99, box(250, 20, 450, 80)),
        Line(text, 0.99, box(200, 400, 500, 450)),
    ]
    assert with_roles(lines, *SIZE)[1].rule == rule


@pytest.mark.parametrize(
    ("text", "top", "rule"),
    [
        ("https://localhost:3000", 160, ""),  # said in the block
        ("https://localhost:3000", 420, "link"),  # below the picture
        ("@somebody", 160, "address"),
        ("memes.example.com", 160, "address"),
    ],
)
def test_a_link_within_a_text_belongs_to_it(text: str, top: int, rule: str) -> None:
    said = ["Hey can you check out", "my new project now?"]
    lines = [Line(t, 0.99, box(60, 60 + 50 * n, 400, 98 + 50 * n)) for n, t in enumerate(said)]
    lines.append(Line(text, 0.99, box(60, top, 400, top + 38)))
    assert [line.rule for line in with_roles(lines, *SIZE)] == ["", "", rule]


@pytest.mark.parametrize(("left", "rule"), [(10, "address"), (560, "address"), (290, "")])
def test_an_address_alone_is_a_watermark_unless_it_stands_in_the_middle(
    left: int, rule: str
) -> None:
    (line,) = with_roles([Line("4GIFs.com", 1.0, box(left, 440, left + 120, 480))], *SIZE)
    assert line.rule == rule

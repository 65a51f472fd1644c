"""Readings of single moments, put together to texts: by hand, without an engine."""

import pytest

from ocr.caption import Line
from ocr.chains import phases_of
from ocr.phase import Seen

WIDTH, HEIGHT, LETTER = 320, 240, 20
Reading = tuple[str, float]
"""(text, confidence)"""


def line(text: str, confidence: float, left: int, height: int = LETTER) -> Line:
    right, top, foot = min(left + LETTER * len(text), WIDTH), 200, 200 + height
    box = ((left, top), (right, top), (right, foot), (left, foot))
    return Line(text, confidence, box)


def seen(moments: list[list[Line]], ms: list[int]) -> list[Seen]:
    """One stretch a moment, one frame each."""
    starts = [sum(ms[:i]) for i in range(len(ms))]
    return [
        Seen(i, i, start, start + long, i, tuple(lines), WIDTH, HEIGHT)
        for i, (lines, start, long) in enumerate(zip(moments, starts, ms, strict=True))
    ]


def texts(readings: list[Reading], ms: list[int], left: int = 60) -> list[str]:
    moments = [[line(text, sure, left)] if text else [] for text, sure in readings]
    return [phase.text for phase in phases_of(seen(moments, ms))]


def test_a_letter_that_flickers_between_two_readings_is_one_text() -> None:
    flicker = [("周自功码", 0.95), ("周白功码", 0.96), ("周自功码", 0.95)]
    assert texts(flicker, [300, 200, 300]) == ["周自功码"]


def test_a_letter_that_surely_changes_and_comes_back_is_three_texts() -> None:
    sure = [("第一次来", 1.0), ("第二次来", 1.0), ("第一次来", 1.0)]
    assert texts(sure, [300, 200, 300]) == ["第一次来", "第二次来", "第一次来"]


@pytest.mark.parametrize(
    ("written", "ms", "expected"),
    [
        (["见", "见他", "见他没"], [400, 400, 1300], ["见他没"]),  # slowly, and then it stands
        (["棒", "棒棒", "棒棒棒"], [400, 400, 400], ["棒", "棒棒", "棒棒棒"]),  # each stands alike
        (["別", "別下", "别下是", "别下是见"], [160, 80, 160, 700], ["别下是见"]),  # 別 is 别
        (["B", "BU", "BUG", "BUGW", "BUGWE"], [300, 300, 500, 200, 1400], ["BUGWE"]),
        (["SO", "SO 0", "SO ON", "SO ON T"], [100, 100, 100, 900], ["SO ON T"]),
        (["ON", "ONI", "ONIS"], [400, 200, 900], ["ONIS"]),
        (["WAIT", "WAIT WHAT"], [700, 900], ["WAIT", "WAIT WHAT"]),
    ],
)
def test_what_is_typed_is_one_text(written: list[str], ms: list[int], expected: list[str]) -> None:
    assert texts([(text, 0.99) for text in written], ms) == expected


def test_a_text_found_in_two_boxes_for_a_moment_is_one_text() -> None:
    whole = [line("开么人等话", 1.0, 60)]
    split = [line("开么", 1.0, 60), line("人等话", 1.0, 100)]
    found = phases_of(seen([whole, split, whole], [300, 50, 600]))
    assert [phase.text for phase in found] == ["开么人等话"]


def test_a_text_a_little_wider_than_the_picture_is_put_together() -> None:
    moments = [
        [line("NOT MEANWHILE MI", 0.98, 40)],
        [line("OT MEANWHILE MIN", 0.98, 0)],
        [line("MEANWHILE MIN", 0.98, 0)],
    ]
    (found,) = phases_of(seen(moments, [50, 50, 50]))
    assert found.text == "NOT MEANWHILE MIN"


def test_a_mark_misread_for_a_moment_is_no_other_caption() -> None:
    comes = [(text, 0.97) for text in ("BU", "BUG", "BUGI", "BUGIT", "BUGIT-J", "BUGIT-JO")]
    runs = [*comes, ("BUGIT-JOB", 0.96), *[("BUGITJOB", 1.0)] * 6]
    assert texts(runs, [50] * len(runs)) == ["BUGITJOB"]


def test_a_stroke_misread_beside_a_text_is_no_moment_of_it() -> None:
    stands = [[line("棒！", 0.99, 60)]] * 4
    stroke = [line("棒", 0.98, 60), line("一", 0.85, 100, height=8)]
    found = phases_of(
        seen([*stands, stroke, [line("棒", 0.98, 60)]], [100, 300, 300, 100, 100, 200])
    )
    assert ("棒！", 0, 3) in [(phase.text, phase.first, phase.last) for phase in found]


def test_a_piece_that_fades_in_where_it_stands_in_the_whole_is_a_stage() -> None:
    whole, part = "说好的减肥呢", "好的减肥呢"

    def said(left: int, ms: int) -> list[str]:
        moments = [[line(part, 0.99, left)], [line(whole, 0.99, 60)]]
        return [phase.text for phase in phases_of(seen(moments, [ms, 900]))]

    assert said(60 + LETTER, 240) == [whole]
    assert said(60 + LETTER, 600) == [part, whole]  # so long it stands for itself
    assert said(60 + LETTER // 2, 240) == [part, whole]  # set anew, in the middle


def test_words_that_come_one_by_one_are_captions_that_were_there_to_be_read() -> None:
    moments = [[line("HELP ME", 0.99, 60)], [line("HELP ME NOW", 0.99, 60)]]
    found = [phase.text for phase in phases_of(seen(moments, [200, 900]))]
    assert found == ["HELP ME", "HELP ME NOW"]
    moments = [[line("GO NOW", 0.99, 60)], [line("GO NOW GO", 0.99, 60)]]
    assert [phase.text for phase in phases_of(seen(moments, [200, 900]))] == ["GO NOW", "GO NOW GO"]
    moments = [[line("HELP M", 0.99, 60)], [line("HELP ME NOW", 0.99, 60)]]
    assert [phase.text for phase in phases_of(seen(moments, [200, 900]))] == ["HELP ME NOW"]


SLOW = """
没末弃可末以什列 末弃可末以什死 末弃可末以什死为 弃可末以什死为 弃可末以什死为香
可末以什死为香 可末以什死为香业 末以什死为香业 末以什死为香业天 以什死为香业天
以什死为香业天来 什死为香业天来 什死为香业天来么 死为香业天来么
"""
"""What glances saw of a text that moves by less than a letter."""


def test_a_text_that_runs_through_slowly_is_one() -> None:
    """From view to view it loses a letter or gains one, hardly ever both."""
    views = [(text, 0.99) for text in SLOW.split()]
    assert texts(views, [80] * len(views)) == ["没末弃可末以什死为香业天来么"]


def test_a_text_whose_ends_flicker_does_not_run() -> None:
    views = [("I今天不想上班", 0.99), ("今天不想上班", 0.99), ("今天不想上班I", 0.99)] * 4
    assert not any("I今天不想上班I" in text for text in texts(views, [80] * len(views)))

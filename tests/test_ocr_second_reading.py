"""What is asked again of a clip, and what is not: by drawn letters, without an engine."""

import subprocess
import sys
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from frames import Clip
from ocr.caption import Caption, Line
from ocr.chains import phases_of
from ocr.clip_reader import ClipReader
from ocr.debris import without_flicker
from ocr.looks import looks_of
from ocr.one_line import pieces_joined
from ocr.phase import Seen
from ocr.same_crop import same_letters
from ocr.second_reading import read_again
from ocr.timeline import NEW_TEXT, timeline_from
from tests.test_ocr_chains import line, seen
from tests.test_ocr_tracks import clip

WIDTH, HEIGHT = 240, 180


def written(text: str, x: int = 0, ink: int = 255, ground: int = 40) -> np.ndarray:
    """A crop of a line, with letters of 30 pixels."""
    crop = np.full((60, 300, 3), ground, np.uint8)
    cv2.putText(crop, text, (30 + x, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (ink,) * 3, 4)
    return crop


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (written("10 MORE"), written("10 MORE", 4), True),
        (written("10 MORE"), written("10 MORE", ink=235), True),
        (written("10 MORE"), written("100MORE"), False),
        (written("10 MORE"), written("10 M0RE."), False),
        (written("MINE", ink=70), written("NINE", ink=70), False),  # faint letters as well
        (written("HILL"), written("HI LL"), False),
        (written("GO", ink=60), written("GO"), False),  # fades in: better read again
        (written(""), written("l"), False),
    ],
)
def test_letters_that_moved_a_little_are_the_same(
    old: np.ndarray, new: np.ndarray, same: bool
) -> None:
    assert same_letters(old, new) is same


def picture(text: str = "", disc: int = 0) -> np.ndarray:
    """A disc that stands ``disc`` pixels along, and a caption."""
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    cv2.circle(image, (70 + disc, 70), 30, (250, 220, 30), -1)
    cv2.putText(image, text, (60, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255,) * 3, 2)
    return image


@pytest.mark.parametrize(
    ("texts", "apart"),
    [
        (["WAIT", "WAIT", "WAIT"], False),
        (["", "", ""], False),
        (["", "WAIT", ""], True),
        (["WAIT", "", "WAIT"], True),
        (["WAIT", "WHAT", "WAIT"], True),  # one stands where the other stood
    ],
)
def test_a_stretch_is_apart_by_its_text_not_by_what_moves(texts: list[str], apart: bool) -> None:
    found = looks_of(clip([picture(t, 2 * i) for i, t in enumerate(texts)], [40] * 3))
    assert len(found.stretches) == 3
    assert min(found.changes[1:]) >= NEW_TEXT  # the disc alone changes as much as a text
    assert (found.apart[1] >= NEW_TEXT) is apart
    assert found.apart[0] == found.apart[2] == 255


class Full(ClipReader):
    """Gives one full reading, of any picture."""

    def __init__(self, *lines: Line) -> None:
        self.lines_there, self.full = lines, 0

    def is_late(self) -> bool:
        return False

    def read(self, image: np.ndarray) -> Caption:
        self.full += 1
        return Caption(self.lines_there)


def opened(count: int) -> Clip:
    return clip([picture(disc=i) for i in range(count)], [100] * count)


GLANCES: dict[str, tuple[list[list[Line]], tuple[Line, ...], list[list[str]], int]] = {
    "a stroke taken for a letter": (
        [[line("HELLO", 1.0, 60)]] * 2
        + [[line("HELLO", 1.0, 60), line("8", 0.9, 260)]]
        + [[line("HELLO", 1.0, 60)]] * 2,
        (line("HELLO", 1.0, 60),),
        [["HELLO"]] * 5,
        1,
    ),
    "a mark that was cut off": (
        [[]] * 3 + [[line("棒", 1.0, 60)]],
        (line("棒！", 0.99, 60),),
        [[], [], [], ["棒！"]],
        1,
    ),
    "a letter that the full reading cut off": (
        [[]] * 3 + [[line("口令蓝包", 0.9, 60)]],
        (line("令蓝包", 0.99, 80),),
        [[], [], [], ["口令蓝包"]],
        1,
    ),
    "a letter that changes and changes back": (
        [[line("周白功码", 0.99, 60)]] * 3
        + [[line("周自功码", 0.94, 60)]] * 4
        + [[line("周白功码", 1.0, 60)]] * 3,
        (line("周白功码", 0.97, 60),),
        [["周白功码"]] * 10,
        1,
    ),
    "a letter that changes, and another then": (
        [[line("第一次来", 1.0, 60)]] * 3
        + [[line("第二次来", 0.94, 60)]] * 4
        + [[line("第三次来", 1.0, 60)]] * 3,
        (),
        [["第一次来"]] * 3 + [["第二次来"]] * 4 + [["第三次来"]] * 3,
        0,
    ),
    "what many glances saw": (
        [[line("HELLO", 0.9, 60)]] * 5,
        (),
        [["HELLO"]] * 5,
        0,
    ),
}


@pytest.mark.parametrize("glances", GLANCES.values(), ids=GLANCES)
def test_lines_that_few_glances_saw_are_read_in_full(
    glances: tuple[list[list[Line]], tuple[Line, ...], list[list[str]], int],
) -> None:
    moments, full, expected, times = glances
    before = seen(moments, [100] * len(moments))
    reader = Full(*full)
    after = read_again(opened(len(moments)), before, phases_of(before), reader)
    assert [[li.text for li in one.lines] for one in after] == expected
    assert reader.full == times


def side_by_side(*texts: str, gap: int = 20) -> list[Line]:
    lines, left = [], 40
    for text in texts:
        lines.append(line(text, 0.9, left))
        left += 20 * len(text) + gap
    return lines


def test_pieces_are_one_line_where_the_whole_was_read_too() -> None:
    whole = [line("666 没毛病", 0.98, 40)]

    def texts(moments: Sequence[list[Line]]) -> list[list[str]]:
        joined: list[Seen] = pieces_joined(seen(list(moments), [100] * len(moments)))
        return [[li.text for li in one.lines] for one in joined]

    assert texts([side_by_side("666", "没毛病"), whole]) == [["666 没毛病"]] * 2
    assert texts([side_by_side("没毛病", "666"), whole]) == [["没毛病", "666"], ["666 没毛病"]]
    assert texts([side_by_side("666", "没毛病", gap=80), whole])[0] == ["666", "没毛病"]
    assert texts([side_by_side("666", "没毛病")] * 2) == [["666", "没毛病"]] * 2


def test_one_reading_surer_than_the_others_does_not_make_a_doubtful_text_sure() -> None:
    wrong, right = ("矣有点意思", 0.87), ("有点意思", 1.0)
    readings = [wrong, ("矣有点意思", 0.92), wrong, wrong, wrong, *[right] * 12]
    moments = [[line(text, sure, 60)] for text, sure in readings]
    times = [100] * len(moments)
    assert [p.text for p in phases_of(seen(moments, times))] == ["有点意思"]


def test_a_text_that_was_gone_does_not_last_until_a_scrap_in_its_place() -> None:
    here, scrap = line("么么哒", 1.0, 60), line("O", 0.57, 80)
    moments = [[here], [here], [here], [], [scrap], []]
    found = timeline_from(looks_of(opened(6)), seen(moments, [200, 200, 200, 100, 100, 100]))
    assert [(p.text, p.first, p.last) for p in found.phases] == [("么么哒", 0, 2)]


@pytest.mark.parametrize(
    ("text", "sure", "ms", "kept"),
    [
        ("3", 0.94, 60, False),
        ("3", 0.99, 60, True),
        ("3", 0.94, 900, True),  # as in a countdown
        ("哈", 0.94, 60, True),
        ("no", 0.94, 60, True),
    ],
)
def test_a_lone_digit_that_flickers_is_no_caption(
    text: str, sure: float, ms: int, kept: bool
) -> None:
    moments = [[line("HELP ME", 0.99, 20)], [], [line(text, sure, 250)], []]
    phases = without_flicker(phases_of(seen(moments, [800, 400, ms, 400])))
    assert [p.text for p in phases] == ["HELP ME", *[text] * kept]


LOADED = """
import sys
import frames.decoder, frames
frames.open_clip(bytes.fromhex(sys.argv[1]))
print([name for name in ("av", "cv2") if name in sys.modules])
"""


@pytest.mark.slow
def test_decoding_a_gif_loads_no_decoder_of_videos() -> None:
    data = "47494638396101000100800100000000ffffff2c00000000010001000002024401003b"
    done = subprocess.run([sys.executable, "-c", LOADED, data], capture_output=True, text=True)
    assert done.stdout.split() == ["[]"], done.stderr

"""The policy that reads: what its keyframes show of clips drawn here."""

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from ocr import keyframes, load_engine, read_clip
from ocr.accuracy import normalise
from ocr.same_text import joined, stage, strict
from tests.test_frames_policies import clip_of

SIZE = (320, 240)


def written(text: str, points: int, x: float = 160, y: float = 195, level: int = 90) -> np.ndarray:
    image = Image.new("RGB", SIZE, (level, level, level))
    pen = ImageDraw.Draw(image)
    pen.text((x, y), text, "white", font(points), "mm", stroke_width=2, stroke_fill="black")
    return np.asarray(image)


def plain(level: int) -> np.ndarray:
    return np.full((SIZE[1], SIZE[0], 3), level, np.uint8)


ZOOMING = [written("别打扰我", 6 + 3 * i) for i in range(14)] + [written("别打扰我", 45)] * 4
TYPED = [written("今天不想上班"[: i + 1], 40) for i in range(6)] + [written("今天不想上班", 40)] * 6
SLIDING = [written("求求你了", 40, 420 - 26 * i) for i in range(11)] + [written("求求你了", 40)] * 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pictures", "text"),
    [(ZOOMING, "别打扰我"), (TYPED, "今天不想上班"), (SLIDING, "求求你了")],
    ids=["zooming", "typed", "sliding"],
)
def test_the_stages_of_a_text_are_one_caption(pictures: Any, text: str) -> None:
    found = read_clip(clip_of(pictures), load_engine("rapidocr", 1))
    assert [normalise(track.text, variants=True) for track in found] == [text]


@pytest.mark.slow
def test_a_zooming_title_takes_one_keyframe_and_leaves_the_others_to_the_pictures() -> None:
    scenes = [plain(level) for level in (20, 140, 200, 250) for _ in range(3)]
    shown = [f.index for f in keyframes(clip_of(ZOOMING + scenes), 5)]
    title = [i for i in shown if i < len(ZOOMING)]
    assert len(title) == 1 and title[0] >= 12  # where it is large
    assert {(i - len(ZOOMING)) // 3 for i in shown if i not in title} == {0, 1, 2, 3}


@pytest.mark.slow
def test_frame_0_comes_first_only_where_it_is_asked_for() -> None:
    clip = clip_of([plain(0)] + [plain(200)] * 6 + [written("快跑", 40, level=200)] * 3)
    assert [f.index for f in keyframes(clip, 1)] != [0]
    for policy in ("captions", "uniform_time", "distinct", "first"):
        for k in (1, 2, 3):
            shown = [f.index for f in keyframes(clip, k, policy, frame_0=True)]
            assert shown[0] == 0 and len(shown) <= k
    assert keyframes(clip, 2, frame_0=True)[1].index >= 7


@pytest.mark.slow
def test_a_line_that_runs_through_the_picture_is_one_text() -> None:
    text = "床前明月光疑是地上霜举头望明月低头思故乡"
    pictures = [written(text, 36, 650 - 14 * i) for i in range(70)]
    (track,) = read_clip(clip_of(pictures), load_engine("rapidocr", 1))
    assert normalise(track.text) == text


def test_a_picture_that_turns_into_another_little_by_little_takes_all_keyframes() -> None:
    """No step is large enough for a stretch of its own; every keyframe adds a picture."""
    levels = range(30, 230, 8)
    shown = [f.index for f in keyframes(clip_of([plain(level) for level in levels]), 8)]
    assert len(shown) == 8
    near = [any(abs(levels[i] - levels[at]) < 12 for i in shown) for at in range(len(levels))]
    assert sum(near) >= 3 * 8 - 2  # each shows itself and its two neighbours


LINES = ["今天不想上班", "明天再说吧", "你品你细品", "这谁顶得住", "我裂开了呀", "求求你放过我"]


@pytest.mark.slow
def test_a_picture_that_stands_for_most_of_the_clip_is_shown_beside_more_texts_than_frames() -> (
    None
):
    told = [written(text, 40) for text in LINES for _ in range(2)]
    shown = [f.index for f in keyframes(clip_of(told + [plain(230)] * 20), 4)]
    assert max(shown) >= len(told)  # the one picture without a text
    assert len({i // 2 for i in shown if i < len(told)}) == 3
    few = [f.index for f in keyframes(clip_of(told[:8] + [plain(230)] * 20), 4)]
    assert [i // 2 for i in few] == [0, 1, 2, 3]  # all texts find room


@pytest.mark.slow
def test_a_lone_digit_gives_way_to_a_text() -> None:
    """A figure in the picture reads as one."""
    pictures = [written("8", 60)] * 6 + [plain(230)] * 2 + [written("我裂开了", 40)] * 2
    (shown,) = keyframes(clip_of(pictures), 1)
    assert shown.index >= 8


def test_what_counts_as_the_same_text() -> None:
    assert strict("ＮＯ ！") == strict("NO!") != strict("no!")
    assert stage("怂三", "认怂三连") and not stage("认怂三连", "怂三")
    assert joined("今天不想", "不想上班") == "今天不想上班"
    assert joined("今天不想", "明天再说") is None

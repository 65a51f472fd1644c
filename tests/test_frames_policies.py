"""One contract for every keyframe policy, and what each of them must find."""

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from frames import Clip
from frames.source import FrameSource
from memeprobe.fonts import font
from ocr import DEFAULT_POLICY, KEYFRAME_POLICIES, keyframes

SIZE = (96, 128)


def clip_of(pictures: list[np.ndarray], delays: list[int] | None = None) -> Clip:
    """A clip in memory."""
    delays = delays or [100] * len(pictures)
    height, width = pictures[0].shape[:2]
    source = FrameSource(width, height, tuple(delays), lambda: (p.copy() for p in pictures))
    return Clip("made.gif", "0" * 64, "gif", source)


def flat(level: int) -> np.ndarray:
    return np.full((*SIZE, 3), level, np.uint8)


def written(text: str, ground: np.ndarray | None = None) -> np.ndarray:
    """White letters with a black outline at the foot of a picture."""
    image = Image.fromarray(flat(120) if ground is None else ground)
    pen = ImageDraw.Draw(image)
    pen.text((6, SIZE[0] - 30), text, "white", font(20), stroke_width=2, stroke_fill="black")
    return np.asarray(image)


def noise(count: int, seed: int = 0) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    return [generator.integers(0, 256, (*SIZE, 3), np.uint8) for _ in range(count)]


CLIPS = {
    "one frame": clip_of([flat(9)], [0]),
    "two frames, 100 ms and 99 s": clip_of([flat(9), flat(90)], [100, 99_000]),
    "all equal": clip_of([flat(50)] * 12),
    "noise": clip_of(noise(30)),
    "no time at all": clip_of(noise(6), [0] * 6),
    "captions": clip_of([written(t) if t else flat(120) for t in ("", "", "一", "", "二二", "")]),
}


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 2, 4, 8, 40])
@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("policy", KEYFRAME_POLICIES)
def test_every_policy_gives_at_most_k_ascending_frames_and_always_the_same(
    policy: Any, name: Any, k: int
) -> None:
    clip = CLIPS[name]
    chosen = keyframes(clip, k, policy)
    indices = [frame.index for frame in chosen]
    assert 1 <= len(indices) <= k
    assert indices == sorted(set(indices))
    assert set(indices) <= set(range(len(clip)))
    assert [(f.start_ms, f.duration_ms) for f in chosen] == [clip.timings[i] for i in indices]
    assert indices == [frame.index for frame in keyframes(clip, k, policy)]


@pytest.mark.parametrize("name", CLIPS)
def test_with_room_for_all_frames_all_that_differ_are_given(name: Any) -> None:
    clip = CLIPS[name]
    different = len({frame.sha256 for frame in clip})
    for k in (len(clip), len(clip) + 5):
        assert len(keyframes(clip, k, "uniform_index")) == len(clip)
        assert len(keyframes(clip, k, "captions")) == different


def test_captions_shows_no_picture_twice() -> None:
    flash = clip_of([flat(50)] * 4 + [flat(255)] + [flat(50)] * 4 + [flat(255)] + [flat(120)])
    assert [f.index for f in keyframes(flash, 8)] == [2, 4, 10]
    assert [f.index for f in keyframes(flash, 8, frame_0=True)] == [0, 4, 10]


def test_of_pictures_that_look_the_same_captions_shows_the_one_that_stands_longest() -> None:
    """What fades in is shown once it is there."""
    fades_in = clip_of([flat(0), flat(200), flat(230), flat(238), *[flat(245)] * 9])
    assert [f.index for f in keyframes(fades_in, 8)] == [0, 8]
    assert [f.index for f in keyframes(fades_in, 8, frame_0=True)] == [0, 8]


@pytest.mark.parametrize(
    ("policy", "delays", "k", "expected"),
    [
        # Ten frames, the last of 900 ms: half of all the time.
        pytest.param("uniform_time", [100] * 9 + [900], 2, [4, 9], id="time follows the clock"),
        pytest.param("uniform_time", [100] * 4, 4, [0, 1, 2, 3], id="time, each frame once"),
        pytest.param("uniform_time", [100, 99_000], 2, [1], id="time, one frame takes all"),
        pytest.param("uniform_index", [100] * 9 + [900], 2, [0, 9], id="index, first and last"),
        pytest.param("uniform_index", [100] * 10, 4, [0, 3, 6, 9], id="index, even steps"),
        pytest.param("uniform_index", [100] * 10, 1, [0], id="index, one"),
        pytest.param("first", [100] * 10, 4, [0], id="first"),
        pytest.param("captions", [100, 99_000], 2, [1], id="captions, one of two that look alike"),
    ],
)
def test_policy_on_a_timeline_worked_out_by_hand(
    policy: str, delays: Any, k: int, expected: list[int]
) -> None:
    clip = clip_of([flat(120 + i) for i in range(len(delays))], delays)
    assert [f.index for f in keyframes(clip, k, policy)] == expected


def test_distinct_takes_each_different_picture_once() -> None:
    pictures = [flat(0)] * 5 + [flat(255)] + [flat(0)] * 5 + [flat(120)] * 3
    chosen = [f.index for f in keyframes(clip_of(pictures), 8, "distinct")]
    assert chosen == [0, 5, 11]


@pytest.mark.slow
def test_captions_finds_single_frames_with_text_among_a_hundred() -> None:
    pictures = [flat(120)] * 100
    for at, text in ((7, "等一下"), (8, "不要走"), (50, "WHY"), (93, "完蛋")):
        pictures[at] = written(text)
    chosen = {f.index for f in keyframes(clip_of(pictures), 5)}
    assert {7, 8, 50, 93} <= chosen


def test_captions_counts_a_growing_caption_as_several() -> None:
    pictures = [flat(120)] * 5
    pictures += [written("棒！")] * 5 + [written("棒！棒！")] * 5 + [written("棒！棒！棒！")] * 5
    stages = {f.index // 5 for f in keyframes(clip_of(pictures), 4)}
    assert {1, 2, 3} <= stages


@pytest.mark.slow
def test_captions_prefers_text_to_a_moving_picture_without() -> None:
    generator = np.random.default_rng(3)
    blobs = [
        np.asarray(
            Image.fromarray(generator.integers(60, 200, (6, 8, 3), np.uint8)).resize(SIZE[::-1])
        )
        for _ in range(60)
    ]
    for at, text in ((20, "看这里"), (41, "没了")):
        blobs[at] = written(text, blobs[at])
    chosen = {f.index for f in keyframes(clip_of(blobs), 3)}
    assert {20, 41} <= chosen


@pytest.mark.slow
def test_default_policy_is_captions() -> None:
    assert DEFAULT_POLICY == "captions"
    clip = CLIPS["captions"]
    assert [f.index for f in keyframes(clip, 3)] == [
        f.index for f in keyframes(clip, 3, "captions")
    ]


@pytest.mark.parametrize(
    ("typo", "hint"),
    [("caption", "'captions'"), ("uniform-time", "'uniform_time'"), ("distict", "'distinct'")],
)
def test_an_unknown_policy_names_the_nearest(typo: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"unknown keyframe policy '{typo}'; did you mean {hint}"):
        keyframes(CLIPS["noise"], 4, typo)


def test_k_under_one_is_refused() -> None:
    with pytest.raises(ValueError, match="got -1"):
        keyframes(CLIPS["noise"], -1)


@pytest.mark.parametrize("policy", KEYFRAME_POLICIES.values(), ids=KEYFRAME_POLICIES.keys())
def test_every_policy_says_what_it_does(policy: Any) -> None:
    assert policy.__doc__ and len(policy.__doc__) > 40

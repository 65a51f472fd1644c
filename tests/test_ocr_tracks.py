"""Captions over time, on clips drawn here and on a real one."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from frames import Clip, Limits, open_clip, open_isolated
from frames.errors import READING
from ocr import load_engine, read_clip, timeline
from ocr.accuracy import normalise
from ocr.engines import Engine
from ocr.reading_policy import captions
from ocr.timeline import timeline_of
from ocr.tracks import captions_of
from tests.test_ocr_engines import Counting, meme


def clip(pictures: list[np.ndarray], durations: list[int]) -> Clip:
    buffer = io.BytesIO()
    first, *rest = (Image.fromarray(p) for p in pictures)
    # WebP keeps the pixels; GIF would merge equal frames into one.
    first.save(buffer, "WEBP", save_all=True, append_images=rest, duration=durations, lossless=True)
    return open_clip(buffer.getvalue(), name="drawn.webp")


def captioned(text: str, dot: int = 0) -> np.ndarray:
    picture = (meme((text, 160, 205, 40)) if text else meme()).copy()
    picture[20:40, 20 + dot : 40 + dot] = (200, 30, 30)
    return picture


def tracks(
    pictures: list[np.ndarray], durations: list[int], engine: Engine | None = None
) -> list[Any]:
    found = read_clip(clip(pictures, durations), engine or load_engine("rapidocr", 1))
    return [(normalise(t.text), t.start_ms, t.end_ms, t.first_index, t.last_index) for t in found]


@pytest.mark.slow
def test_a_late_caption_has_its_span() -> None:
    pictures = [captioned("", i) for i in range(3)] + [captioned("我错了", i) for i in range(3)]
    assert tracks(pictures, [100, 50, 150, 200, 100, 300]) == [("我错了", 300, 900, 3, 5)]


@pytest.mark.slow
def test_a_caption_repeated_over_frames_is_one_track() -> None:
    assert tracks([captioned("没问题", 3 * i) for i in range(6)], [100] * 6) == [
        ("没问题", 0, 600, 0, 5)
    ]


@pytest.mark.slow
def test_a_growing_caption_and_one_changed_character_are_tracks_of_their_own() -> None:
    texts = ["棒", "棒棒", "棒棒棒", "几十行代码", "几百行代码", "几千行代码"]
    found = tracks([captioned(t) for t in texts], [100] * 6)
    assert [text for text, *_ in found] == texts


@pytest.mark.slow
def test_a_caption_that_comes_back_is_two_tracks() -> None:
    pictures = [captioned("快跑", 1), captioned("", 2), captioned("", 3), captioned("快跑", 4)]
    assert [t[0] for t in tracks(pictures, [100] * 4)] == ["快跑", "快跑"]


@pytest.mark.slow
def test_what_did_not_change_is_not_read_again() -> None:
    once, engine = Counting(), Counting()
    assert len(tracks([captioned("没问题")] * 2, [100] * 2, once)) == 1
    assert len(tracks([captioned("没问题")] * 4, [100] * 4, engine)) == 1
    assert (engine.detected, engine.recognised) == (once.detected, once.recognised)
    assert engine.detected == 2  # at its size, and smaller
    engine = Counting()
    moving = [captioned("没问题", 5 * i) for i in range(5)]
    assert len(tracks(moving, [100] * 5, engine)) == 1
    assert engine.detected == 5
    # The caption's box does not change; the dot may be taken for a letter now and then.
    assert engine.asked.count("没问题") == 1


@pytest.mark.slow
def test_a_long_clip_is_read_within_its_budget_says_so_and_misses_no_brief_caption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timeline, "MOST_READ", 32)
    pictures = [captioned("", i % 40) for i in range(90)]
    pictures[51:54] = [captioned("救命", i) for i in range(3)]
    engine = Counting()
    found = tracks(pictures, [50] * 90, engine)
    assert [(text, first, last) for text, _, _, first, last in found] == [("救命", 51, 53)]
    assert engine.detected <= 32
    assert timeline_of(clip(pictures, [50] * 90), engine).note == (
        "read at 32 of 90 different pictures"
    )


@pytest.mark.slow
def test_captions_that_stand_long_are_read_beside_a_scene_that_moves_in_every_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timeline, "MOST_READ", 32)
    texts = ["没问题", "快跑吧", "我错了", "求求你", "别说了"]
    noise = np.random.default_rng(3).integers(0, 2, (60, 48, 64, 1), np.uint8)
    height, width, _ = captioned("").shape
    moving = [
        np.asarray(Image.fromarray(n.repeat(3, axis=2) * 255).resize((width, height), 0))
        for n in noise
    ]
    found = tracks([*map(captioned, texts), *moving], [1000] * 5 + [50] * 60)
    assert [t[0] for t in found if t[0] in texts] == texts


@pytest.mark.slow
def test_a_sign_in_the_background_is_no_part_of_the_captions() -> None:
    def scene(text: str) -> np.ndarray:
        return meme(("司法考试", 160, 40, 30), *([(text, 160, 205, 40)] if text else []))

    pictures = [scene(""), scene("很可怕"), scene(""), scene("快跑"), scene("")]
    found = tracks(pictures, [100] * 5)
    assert [(t[0], t[3], t[4]) for t in found] == [
        ("司法考试", 0, 4),
        ("很可怕", 1, 1),
        ("快跑", 3, 3),
    ]


@pytest.mark.slow
def test_a_title_stays_with_the_captions_that_change_under_it() -> None:
    pictures = [meme(("大家好", 160, 40, 40), (t, 160, 205, 40)) for t in ("红包", "橙包", "黄包")]
    assert [t[0] for t in tracks(pictures, [100] * 3)] == ["大家好红包", "大家好橙包", "大家好黄包"]


@pytest.mark.slow
def test_no_text_is_no_track() -> None:
    assert tracks([captioned("")] * 3, [100] * 3) == []


@pytest.mark.slow
def test_a_real_gif_of_four_captions(memes_dir: Path) -> None:
    found = read_clip(open_clip(memes_dir / "gif" / "ep_005.gif"), load_engine("rapidocr", 1))
    wanted = ["代码报错怎么了", "trycatch盖住不就好了", "能运行就行了", "公司倒闭啦"]
    texts = [normalise(t.text) for t in found]
    places = [texts.index(w) for w in wanted]
    assert places == sorted(places)
    for place, (seen_first, seen_last) in zip(
        places, [(0, 8), (13, 21), (27, 32), (38, 46)], strict=True
    ):
        assert found[place].first_index <= seen_first
        assert found[place].last_index >= seen_last


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 9])
def test_what_there_is_no_time_for_is_left_unread_and_said(count: int) -> None:
    pictures = [captioned(f"第{n}句话") for n in "一二三四五六七八九"[:count]]
    hasty, whole = (clip(pictures, [300] * count) for _ in range(2))
    hasty.reading_seconds = 0.0
    read = timeline_of(hasty, load_engine(threads=1))
    assert [track.text for track in captions_of(read)] == ["第一句话"]
    assert [(track.start_ms, track.end_ms) for track in captions_of(read)] == [(0, 300)]
    assert read.note == (
        "the reading was ended after 0 s of processor time: read at 1 of "
        f"{count} different pictures; more time: --max-seconds"
    )
    assert read.seen[-1].last == count - 1
    assert len(captions(hasty, 2, engine=load_engine(threads=1))) == 2
    full = timeline_of(whole, load_engine(threads=1))
    assert len(captions_of(full)) == count and not full.note


def test_the_time_to_read_follows_the_limit() -> None:
    buffer = io.BytesIO()
    Image.fromarray(captioned("快跑")).save(buffer, "PNG")
    data = buffer.getvalue()
    assert open_clip(data).reading_seconds == READING * Limits().seconds
    assert open_clip(data, limits=Limits(seconds=2)).reading_seconds == 2 * READING
    assert open_isolated(data, limits=Limits(seconds=2)).reading_seconds == 2 * READING

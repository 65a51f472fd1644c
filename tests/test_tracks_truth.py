"""Captions held against what a person saw, by hand."""

import numpy as np
import pytest

from benchmarks.keyframes_families import FamilyClip
from benchmarks.tracks_truth import Moment, of_family, of_manifest, score, verdict
from ocr import Track
from tests.test_ocr_tracks import clip


def track(text: str, start: int, end: int, top: int = 0) -> Track:
    return Track(text, start, end, start // 100, end // 100, 1.0, (0, top, 50, top + 20), ())


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([track("我错了", 0, 200)], 1.0),
        ([track("我错 了！", 0, 200)], 1.0),  # spaces and marks do not count
        ([track("我错", 0, 200)], (2 / 3 + 2 / 3 + 1) / 3),
        ([track("我错了", 0, 100)], (1 + 0 + 1) / 3),
        ([track("我错了", 0, 300)], 2 / 3),  # nobody wrote it in the third
        ([track("错了", 0, 200, 30), track("我", 0, 200, 5)], 1.0),
        ([], 1 / 3),
    ],
)
def test_letters_count_at_the_times_that_were_seen(tracks: list[Track], expected: float) -> None:
    seen = [Moment(50, ("我错了",)), Moment(150, ("我错了",)), Moment(250, ())]
    assert score(tracks, seen) == pytest.approx(expected)


def test_texts_at_one_time_may_stand_in_any_order() -> None:
    both = [track("WAIT", 0, 100, 5), track("WHAT", 0, 100, 30)]
    assert score(both, [Moment(50, ("WHAT", "WAIT"))]) == 1.0


def test_what_is_known_of_a_clip() -> None:
    opened = clip([np.full((8, 8, 3), i, np.uint8) for i in range(4)], [100] * 4)
    row = {
        "captions": [{"text": "A", "seen_first": 1, "seen_last": 2}],
        "frames_seen_without_text": [0],
    }
    by_eye = [Moment(50, ()), Moment(150, ("A",)), Moment(250, ("A",))]
    assert of_manifest(opened, row) == by_eye
    silent = [Moment(ms, ()) for ms in (50, 150, 250, 350)]
    assert of_manifest(opened, {"text_timing": "none"}) == silent
    assert of_family(opened, FamilyClip(b"", {})) == silent
    assert of_family(opened, FamilyClip(b"", {"A": [(100, 300)]})) == by_eye[1:]


def test_the_nearer_one_is_told() -> None:
    pairs = [(0.9, 0.8), (0.8, 0.9), (0.9, 0.905), (None, None)]
    assert [verdict(*pair) for pair in pairs] == ["nearer", "behind", "as near", "as near"]

"""Animations against Chromium: random valid files must show the same frames for the same times."""

from typing import Any

import numpy as np
import pytest

from frames import open_clip
from tests.browser_media import browser_media
from tests.random_media import random_apng, random_gif
from tests.served import missing


@pytest.mark.browser
@pytest.mark.parametrize(
    ("make", "kind", "tolerance"),
    [(random_apng, "image/png", 3), (random_gif, "image/gif", 0)],
    ids=["apng", "gif"],
)
def test_random_animations_show_what_chromium_shows(make: Any, kind: str, tolerance: int) -> None:
    if (why := missing()) is not None:
        pytest.skip(why)
    with browser_media() as reference:
        for seed in range(60):
            data = make(seed)
            expected = reference.frames(data, kind)
            clip = open_clip(data)
            assert len(clip) == len(expected), seed
            for frame, (pixels, ms) in zip(clip, expected, strict=True):
                assert frame.pixels.shape == pixels.shape, seed
                off = np.abs(frame.pixels.astype(int) - pixels).max()
                assert off <= tolerance, (seed, frame.index)
                if len(clip) > 1 and ms > 10:
                    assert frame.duration_ms == pytest.approx(ms, abs=1), seed

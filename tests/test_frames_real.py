"""The real files, against their manifest (read with Pillow, labelled by eye)."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from benchmarks.ocr import ONE_CAPTION
from frames import MediaWarning, open_clip
from ocr import keyframes

GROUPS = ("gif", "odd_real", "emoji_anim", "gif_subtitle", "static_zh", "static_en")


def rows(memes_dir: Path, *groups: str) -> list[dict[str, Any]]:
    with open(memes_dir / "manifest.jsonl", encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row["group"] in groups]


@pytest.mark.slow
@pytest.mark.parametrize("group", [*GROUPS, "static_memegen"])
def test_every_real_file_opens_as_the_manifest_says(memes_dir: Path, group: Any) -> None:
    found = rows(memes_dir, group)
    assert found
    for row in found:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            clip = open_clip(memes_dir / row["file"])
        assert clip.sha256 == row["sha256"], row["file"]
        assert len(clip) == row.get("frames", 1), row["file"]
        assert (clip.width, clip.height) == (row["w"], row["h"]), row["file"]
        # Pillow gives a delay of 0 to 10 ms as it stands; a browser, and we, read 100 ms.
        if len(clip) > 1 and row.get("delay_min_ms", 99) > 10:
            assert clip.duration_ms == row["duration_ms"], row["file"]
        torn = "truncated" in row["file"]
        assert any(w.category is MediaWarning for w in caught) == bool(clip.warnings) == torn


def test_delays_of_zero_become_a_tenth_of_a_second(memes_dir: Path) -> None:
    found = [row for row in rows(memes_dir, "odd_real") if "zero_delay" in row["file"]]
    assert len(found) == 3
    for row in found:
        clip = open_clip(memes_dir / row["file"])
        assert {length for _, length in clip.timings} == {100}


@pytest.mark.slow
def test_real_gifs_have_the_pixels_that_pillow_composites(memes_dir: Path) -> None:
    # Where no image clears to the background both must agree to the last bit.
    found = [r for r in rows(memes_dir, "gif") if not {2, 3} & set(r["disposal"])][::6]
    assert len(found) >= 5
    for row in found:
        with Image.open(memes_dir / row["file"]) as image:
            for ours, theirs in zip(
                open_clip(memes_dir / row["file"]), ImageSequence.Iterator(image), strict=True
            ):
                page = Image.new("RGBA", theirs.size, "white")
                page.alpha_composite(theirs.convert("RGBA"))
                assert np.array_equal(ours.pixels, np.asarray(page.convert("RGB"))), (
                    row["file"],
                    ours.index,
                )


@pytest.mark.slow
@pytest.mark.parametrize(("k", "least"), [(4, 0.97), (8, 0.97)])
def test_the_default_policy_hits_the_labelled_captions(
    memes_dir: Path, k: int, least: float
) -> None:
    hits = reach = 0
    for row in rows(memes_dir, "gif"):
        if row["text_timing"] not in ("late", "changing"):
            continue
        indices = [frame.index for frame in keyframes(open_clip(memes_dir / row["file"]), k)]
        spans = [(c["seen_first"], c["seen_last"]) for c in row["captions"]]
        if row["file"] in ONE_CAPTION:
            spans = [(spans[0][0], spans[-1][1])]
        hits += sum(any(a <= i <= b for i in indices) for a, b in spans)
        reach += min(k, len(spans))
    assert reach == {4: 47, 8: 50}[k]
    assert hits >= least * reach, f"{hits} of {reach}"

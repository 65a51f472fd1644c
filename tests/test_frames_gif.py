"""GIF structure and compositing, by files made byte by byte and by the pygif conformance suite."""

import configparser
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from frames import MediaError, MediaWarning, open_clip
from frames.gif import rgba_frames
from frames.gif_structure import walk

# One pixel each, LZW minimum code size 2: clear, the colour, end (3 bits a code, low bit first).
PIXEL = {colour: bytes([2, 2, (4 | colour << 3 | (5 & 3) << 6), 5 >> 2, 0]) for colour in range(4)}
PALETTE = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0])
RED, GREEN, BLUE, BLACK, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)


def control(delay: int = 10, disposal: int = 1, transparent: int | None = None) -> bytes:
    """A graphic control block; ``delay`` in hundredths of a second."""
    flags = disposal << 2 | (transparent is not None)
    return b"!\xf9\x04" + struct.pack("<BHB", flags, delay, transparent or 0) + b"\0"


def dot(colour: int, x: int = 0, y: int = 0, local: bytes = b"") -> bytes:
    """An image of one pixel at (x, y)."""
    return b"," + struct.pack("<HHHHB", x, y, 1, 1, 0x81 if local else 0) + local + PIXEL[colour]


def gif(*blocks: bytes, size: tuple[int, int] = (2, 1), end: bytes = b";") -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", *size, 0x81, 3, 0) + PALETTE + b"".join(blocks) + end


def shown(data: bytes) -> list[list[tuple[int, ...]]]:
    """Every frame of a one-row GIF as a list of its pixels."""
    return [[tuple(p) for p in frame.pixels[0].tolist()] for frame in open_clip(data)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(gif(dot(0)), [[RED, WHITE]], id="what nothing covers is white"),
        pytest.param(
            gif(control(), dot(0), control(), dot(1, 1)), [[RED, WHITE], [RED, GREEN]], id="keep"
        ),
        pytest.param(
            gif(control(disposal=2), dot(0), control(), dot(1, 1)),
            [[RED, WHITE], [WHITE, GREEN]],
            id="clear to transparent, not to the background colour",
        ),
        pytest.param(
            gif(control(), dot(0), control(disposal=3), dot(1), control(), dot(2, 1)),
            [[RED, WHITE], [GREEN, WHITE], [RED, BLUE]],
            id="restore what was before",
        ),
        pytest.param(
            gif(control(), dot(0), control(disposal=4), dot(1), control(), dot(2, 1)),
            [[RED, WHITE], [GREEN, WHITE], [RED, BLUE]],
            id="4 is the same, as Chromium and Firefox read it",
        ),
        pytest.param(
            b"GIF89a" + struct.pack("<HHBBB", 2, 1, 0, 0, 0) + dot(1) + b";",
            [[BLACK, WHITE]],
            id="without any colour table all is black, as in Chromium",
        ),
        pytest.param(
            gif(control(), dot(0), control(transparent=1), dot(1)),
            [[RED, WHITE], [RED, WHITE]],
            id="a transparent pixel keeps what is below",
        ),
        pytest.param(
            gif(control(), dot(0, local=bytes([9, 8, 7] * 4)), control(), dot(0, 1)),
            [[(9, 8, 7), WHITE], [(9, 8, 7), RED]],
            id="a local colour table holds for its image only",
        ),
        pytest.param(
            gif(control(), dot(0), control(), dot(1, 5, 5)),
            [[RED, WHITE], [RED, WHITE]],
            id="an image outside the canvas shows nothing",
        ),
        pytest.param(
            gif(control(), dot(0), control(), dot(1, 1), size=(0, 0)),
            [[RED], [RED]],
            id="the first image gives a canvas of 0x0 its size",
        ),
        pytest.param(
            gif(control(), dot(0, 1), control(), dot(1, 2), size=(1, 1)),
            [[WHITE, RED], [WHITE, RED]],
            id="the first image widens a canvas that is too small, later ones do not",
        ),
    ],
)
def test_frames_are_composited_as_in_a_browser(data: Any, expected: list[list[Any]]) -> None:
    assert shown(data) == expected


@pytest.mark.parametrize(
    ("hundredths", "ms"), [(0, 100), (1, 100), (2, 20), (3, 30), (10, 100), (9900, 99_000)]
)
def test_delays_are_read_as_browsers_do(hundredths: int, ms: int) -> None:
    clip = open_clip(gif(control(hundredths), dot(0), control(50), dot(1)))
    assert clip.timings == ((0, ms), (ms, 500))
    assert clip.duration_ms == ms + 500


@pytest.mark.parametrize(
    ("data", "images", "warning"),
    [
        pytest.param(gif(dot(0), dot(1)), 2, None, id="sound"),
        pytest.param(gif(dot(0), dot(1), end=b""), 2, "breaks off", id="no end mark"),
        pytest.param(gif(dot(0), dot(1)[:-3], end=b""), 2, "breaks off", id="cut in an image"),
        pytest.param(gif(dot(0), dot(1)[:4], end=b""), 1, "breaks off", id="cut in its header"),
        pytest.param(gif(dot(0), b"\x99" + dot(1)), 1, "starts no GIF block", id="rubbish"),
        pytest.param(gif(dot(0), b"\0\0" + dot(1)), 2, None, id="padding is no rubbish"),
        pytest.param(gif(b"!\xfe\x03abc\0", dot(0)), 1, None, id="a comment"),
    ],
)
def test_the_walk_counts_images_and_finds_damage(
    data: Any, images: int, warning: str | None
) -> None:
    found = walk(data, 99)
    assert len(found.images) == images
    assert len(found.warnings) == (warning is not None)
    assert warning is None or warning in found.warnings[0]


def test_a_gif_that_breaks_off_keeps_its_frames_and_warns() -> None:
    with pytest.warns(MediaWarning, match=r"torn\.gif: the file breaks off"):
        clip = open_clip(gif(control(), dot(0), control(), dot(1, 1), end=b""), name="torn.gif")
    assert len(clip) == 2 and len(clip.warnings) == 1
    assert [f.pixels[0].tolist() for f in clip][-1] == [list(RED), list(GREEN)]


def test_broken_pixel_data_keeps_the_rest_and_says_how_much() -> None:
    broken = dot(1)[:-5] + b"\x02\x02\xff\xff\x00"
    with pytest.warns(MediaWarning, match="image 1: .* 0 of 1 pixels are kept"):
        clip = open_clip(gif(control(), dot(0), control(), broken))
    assert len(list(clip)) == 2


# What the suite wants and we do not give, with the reason. Everything else must match exactly.
OTHERWISE = {
    # The suite merges images without a delay into one frame; browsers show each for 100 ms.
    "images-combine": 4,
    "images-overlap": 2,
    "high-color": 4,
    "animation-multi-image": 7,
    "animation-multi-image-explicit-zero-delay": 7,
    "dispose-restore-previous": 5,
}
# The suite clips the first image to the canvas; browsers let it widen the canvas, since many
# programs write a canvas of 0x0 or 1x1. Name -> our (height, width).
WIDENED = {"image-overlap-bg": (3, 3), "image-outside-bg": (4, 4)}
REFUSED = {
    # The suite shows a blank canvas where a file holds no pixel at all; browsers show nothing.
    "no-data": "no image in it can be decoded",
    "image-zero-width": "no image in it can be decoded",
    "image-zero-height": "no image in it can be decoded",
    "image-zero-size": "no image in it can be decoded",
    # Invalid files.
    "zero-width": "the picture is 0x1 pixels",
    "zero-height": "the picture is 1x0 pixels",
    "zero-size": "the picture is 0x0 pixels",
    "invalid-code": "no image in it can be decoded",
    "overflow-codes-max": "no image in it can be decoded",
    "max-size": "over the limit frame_pixels",
}
WARNED = {
    "invalid-colors": "the colour table only 2",
    "overflow-codes": "1 of 4 pixels are kept",
    "plain-text": "a plain text block is not drawn",
}


def suite_case(folder: Path, name: str) -> tuple[bytes, list[np.ndarray], tuple[int, int]]:
    """A file of the suite, its expected RGBA frames, and (height, width)."""
    config = configparser.ConfigParser()
    config.read(folder / f"{name}.conf")
    main = config["config"]
    names = [n for n in main["frames"].split(",") if n]
    shape = (int(main["height"]), int(main["width"]))
    frames = [np.fromfile(folder / config[n]["pixels"], np.uint8).reshape(*shape, 4) for n in names]
    return (folder / main["input"]).read_bytes(), frames, shape


def test_the_pygif_suite(memes_dir: Path) -> None:
    folder = memes_dir / "decoder" / "pygif"
    names = (folder / "TESTS").read_text().split()
    assert len(names) == 84
    passed = []
    for name in names:
        data, expected, _ = suite_case(folder, name)
        if name in REFUSED:
            with pytest.raises(MediaError, match=REFUSED[name]):
                open_clip(data)
            continue
        if name in WARNED:
            with pytest.warns(MediaWarning, match=WARNED[name]):
                open_clip(data)
            continue
        clip = open_clip(data)
        assert clip.warnings == (), name
        if name in WIDENED:
            (height, width), (wide,) = WIDENED[name], list(clip)
            assert (clip.height, clip.width) == (height, width) > expected[0].shape[:2]
            kept = wide.pixels[: expected[0].shape[0], : expected[0].shape[1]]
            assert np.array_equal(kept, over_white(expected[0])), name
            continue
        if name in OTHERWISE:
            assert len(clip) == OTHERWISE[name] != len(expected), name
            last = list(clip)[-1].pixels
            assert np.array_equal(last, over_white(expected[-1])), name
            continue
        got = [frame.copy() for frame in rgba_frames(data, walk(data, 99))]
        assert len(got) == len(expected) > 0, name
        for frame, wanted in zip(got, expected, strict=True):
            assert np.array_equal(frame[..., 3], wanted[..., 3]), name
            assert np.array_equal(over_white(frame), over_white(wanted)), name
        passed.append(name)
    assert len(passed) == 63  # Pillow 13: 60


def over_white(rgba: np.ndarray) -> np.ndarray:
    """RGB with fully transparent pixels white; the suite has no half-transparent ones."""
    return np.where(rgba[..., 3:] > 0, rgba[..., :3], 255)

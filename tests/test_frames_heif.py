"""HEIC stills: tiles, turns, mirrors, crops and transparency, on files made for the purpose."""

import struct
from typing import Any

import numpy as np
import pytest

from frames import Limits, MediaError, open_clip
from tests import heic_files as make

HEIGHT, WIDTH = 96, 160
# The size of the whole in the description of a grid of 2 rows and 3 columns.
SIZE, WIDER = (bytes([0, 0, 1, 2]) + struct.pack(">HH", w, HEIGHT) for w in (WIDTH, 255))


def scene(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """A picture that no turn, mirroring or exchange of tiles leaves as it is."""
    down, across = np.mgrid[0:height, 0:width]
    layers = [255 * across // (width - 1), 255 * down // (height - 1), 60 + 0 * down]
    pixels = np.stack(layers, axis=-1).astype(np.uint8)
    pixels[: height // 3, : width // 4] = (250, 240, 30)
    return pixels


def shown(data: bytes) -> np.ndarray:
    clip = open_clip(data)
    assert (clip.kind, len(clip), clip.duration_ms, clip.warnings) == ("heic", 1, 0, ())
    pixels = next(iter(clip)).pixels
    assert pixels.shape == (clip.height, clip.width, 3)
    return pixels


def assert_close(got: np.ndarray, expected: np.ndarray) -> None:
    assert got.shape == expected.shape
    assert np.abs(got.astype(int) - expected).mean() < 4


def test_a_single_picture() -> None:
    assert_close(shown(make.heic([make.picture(scene())])), scene())
    assert_close(shown(make.heic([make.picture(scene())], brand=b"mif1")), scene())


@pytest.mark.parametrize(("height", "width"), [(128, 192), (100, 150)], ids=["whole", "cropped"])
def test_tiles_are_put_together(height: int, width: int) -> None:
    pixels = scene(height, width)
    assert_close(shown(make.grid(pixels, 2, 3, 64)), pixels)


# Turned against the clock by quarters, then mirrored: 0 upside down, 1 left to right.
@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_turns_and_mirrors(quarters: Any, axis: int | None) -> None:
    expected = np.rot90(scene(), quarters)
    properties = [make.turn(quarters)]
    if axis is not None:
        properties.append(make.mirror(axis))
        expected = expected[:, ::-1] if axis else expected[::-1]
    assert_close(shown(make.heic([make.picture(scene(), *properties)])), expected)


def test_a_grid_is_turned_as_a_whole() -> None:
    pixels = scene(100, 150)
    assert_close(shown(make.grid(pixels, 2, 3, 64, make.turn(1))), np.rot90(pixels))


def test_a_clean_aperture_is_cut_out() -> None:
    aperture = make.box(b"clap", struct.pack(">IIIIiIiI", 80, 1, 40, 1, 10, 1, -8, 1))
    got = shown(make.heic([make.picture(scene(), aperture)]))
    assert_close(got, scene()[48 - 20 - 8 : 48 + 20 - 8, 80 - 40 + 10 : 80 + 40 + 10])


def test_transparency_is_laid_on_white() -> None:
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    alpha[:, WIDTH // 2 :] = 255
    alpha[:, : WIDTH // 4] = 128
    weight = alpha[..., None] / 255
    expected = scene() * weight + 255 * (1 - weight)
    assert_close(shown(make.with_alpha(scene(), alpha)), expected.round().astype(int))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            lambda: make.heic([make.Item(b"iovl", b"", [make.extent(9, 9)])]),
            "of the kind 'iovl', which cannot be read .* convert it",
        ),
        (lambda: make.heic([make.Item(b"hvc1", b"", [])]), "does not say its size"),
        (
            lambda: make.heic([make.Item(b"hvc1", b"rubbish", [make.extent(9, 9)])]),
            "broken heic file",
        ),
        (
            lambda: make.grid(scene(), 2, 3, 64).replace(SIZE, WIDER),
            "3x2 tiles of 64x64 do not fill 255x96",
        ),
        (lambda: make.grid(scene(), 2, 3, 64)[:-200], "breaks off before the data of its picture"),
        (
            lambda: make.heic([make.Item(b"grid", bytes(8), [make.extent(99999, 99999)])]),
            "over the limit frame_pixels",
        ),
    ],
    ids=["overlay", "no size", "rubbish", "too few tiles", "cut off", "huge"],
)
def test_what_cannot_be_shown_is_refused_in_one_line(data: Any, message: str) -> None:
    with pytest.raises(MediaError, match=message):
        open_clip(data())


def test_tiles_larger_than_they_say_are_refused() -> None:
    liar = make.picture(scene())
    liar.properties[1] = make.extent(4, 4)
    with pytest.raises(MediaError, match=r"over the limit|broken heic file"):
        open_clip(make.heic([liar]), limits=Limits(frame_pixels=1000))

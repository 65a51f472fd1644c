"""One contract for every kind of file: what was written comes back, told by content."""

import io
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from frames import MediaError, open_clip, pixel_sha256
from frames.kinds import KINDS
from tests.heic_files import heic, picture

HEIGHT, WIDTH = 32, 48
DELAYS = [120, 40, 300]
COLOURS = [(255, 0, 0), (0, 160, 0), (0, 0, 255), (250, 250, 0)]


def pictures(count: int) -> list[np.ndarray]:
    """Left half one colour, right half another: turned, mirrored or swapped would show."""
    made = []
    for i in range(count):
        picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        picture[:, : WIDTH // 2] = COLOURS[i]
        picture[:, WIDTH // 2 :] = COLOURS[i + 1]
        picture[: HEIGHT // 4] = (20 * i, 20 * i, 20 * i)
        made.append(picture)
    return made


def with_pillow(form: str, count: int, **options: object) -> bytes:
    images = [Image.fromarray(p) for p in pictures(count)]
    buffer = io.BytesIO()
    if count > 1:
        options |= {"save_all": True, "append_images": images[1:], "duration": DELAYS}
    images[0].save(buffer, form, **options)
    return buffer.getvalue()


def with_av(form: str, codec: str, pixel_format: str) -> bytes:
    """Three frames that show for DELAYS, as far as a container keeps times."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format
        stream.codec_context.time_base = Fraction(1, 1000)
        start = 0
        for picture, delay in zip(pictures(3), DELAYS, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = start, Fraction(1, 1000)
            start += delay
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


# kind, bytes, number of frames, largest mean error of a frame in grey levels
FILES = {
    "gif by Pillow": ("gif", lambda: with_pillow("GIF", 3), 3, 0),
    "gif by imageio": (
        "gif",
        lambda: iio.imwrite("<bytes>", np.stack(pictures(3)), extension=".gif", duration=DELAYS),
        3,
        0,
    ),
    "gif, one image": ("gif", lambda: with_pillow("GIF", 1), 1, 0),
    "webp, moving": ("webp", lambda: with_pillow("WEBP", 3, lossless=True), 3, 0),
    "webp, still": ("webp", lambda: with_pillow("WEBP", 1, lossless=True), 1, 0),
    "apng": ("apng", lambda: with_pillow("PNG", 3), 3, 0),
    "png": ("png", lambda: with_pillow("PNG", 1), 1, 0),
    "jpeg": ("jpeg", lambda: with_pillow("JPEG", 1, quality=95, subsampling=0), 1, 3),
    "bmp": ("bmp", lambda: with_pillow("BMP", 1), 1, 0),
    "avif": ("avif", lambda: with_pillow("AVIF", 1, quality=95), 1, 6),
    "heic": ("heic", lambda: heic([picture(pictures(1)[0])]), 1, 6),
    "mp4": ("mp4", lambda: with_av("mp4", "mpeg4", "yuv420p"), 3, 12),
    "webm": ("webm", lambda: with_av("webm", "libvpx-vp9", "yuv420p"), 3, 12),
    "matroska": ("matroska", lambda: with_av("matroska", "mpeg4", "yuv420p"), 3, 12),
}


def test_every_kind_is_tested() -> None:
    assert {kind for kind, *_ in FILES.values()} == {kind.name for kind in KINDS}


@pytest.mark.parametrize("name", FILES)
def test_what_was_written_comes_back(name: Any, tmp_path: Path) -> None:
    kind, write, count, error = FILES[name]
    # The name lies on purpose: only the content counts.
    path = tmp_path / "picture.txt"
    path.write_bytes(write())
    clip = open_clip(path)
    assert (clip.kind, len(clip), clip.width, clip.height) == (kind, count, WIDTH, HEIGHT)
    assert clip.name == str(path) and clip.warnings == ()
    frames = list(clip)
    assert [f.index for f in frames] == list(range(count))
    for frame, expected in zip(frames, pictures(count), strict=True):
        assert frame.pixels.shape == (HEIGHT, WIDTH, 3) and not frame.pixels.flags.writeable
        off = np.abs(frame.pixels.astype(int) - expected).mean()
        assert off <= error, f"frame {frame.index} is {off:.1f} grey levels off"


@pytest.mark.parametrize("name", [n for n, row in FILES.items() if row[2] == 3])
def test_times_are_kept(name: Any) -> None:
    clip = open_clip(FILES[name][1]())
    starts = [0, 120, 160]
    assert [start for start, _ in clip.timings] == pytest.approx(starts, abs=1)
    kept = slice(0, 2) if clip.kind in ("mp4", "webm", "matroska") else slice(0, 3)
    lengths = [length for _, length in clip.timings]
    assert lengths[kept] == pytest.approx(DELAYS[kept], abs=1)
    assert clip.duration_ms == sum(lengths)


@pytest.mark.parametrize("name", FILES)
def test_frames_are_given_in_the_order_asked_for_and_decode_the_same_every_time(name: Any) -> None:
    clip = open_clip(FILES[name][1]())
    once = [frame.sha256 for frame in clip]
    wanted = [*reversed(range(len(clip))), 0]
    assert [f.index for f in clip.frames(wanted)] == wanted
    assert [f.sha256 for f in clip.frames(wanted)] == [once[i] for i in wanted]
    with pytest.raises(IndexError, match=rf"has frames 0 to {len(clip) - 1}, not {len(clip)}"):
        clip.frames([len(clip)])


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_an_error_or_a_warning(name: Any) -> None:
    data = FILES[name][1]()
    for share in (0.02, 0.3, 0.9):
        cut = data[: max(int(len(data) * share), 12)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                frames = list(open_clip(cut, name="cut"))
            except MediaError as failure:
                assert "\n" not in str(failure) and str(failure).startswith("cut: ")
                continue
        # Only the end mark may be missing, or, in WebM, whole frames: it allows any end.
        whole = [frame.sha256 for frame in frames] == [frame.sha256 for frame in open_clip(data)]
        assert frames and (caught or whole or FILES[name][0] in ("webm", "matroska"))


@pytest.mark.parametrize(
    "mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"], ids=lambda mode: f"mode {mode}"
)
def test_every_pixel_mode_becomes_rgb_on_white(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    grey = np.full((4, 6), 200, np.uint8)
    if mode == "I;16":
        image, expected = Image.fromarray(grey.astype(np.uint16) * 257), 200
    elif mode in ("RGBA", "LA"):
        image, expected = Image.fromarray(grey).convert(mode), 227
        image.putalpha(128)  # 200 over white, half and half: 200 * 128/255 + 255 * 127/255
    else:
        image = Image.fromarray(grey).convert(mode, dither=Image.Dither.NONE)
        expected = 255 if mode == "1" else 200
    buffer = io.BytesIO()
    image.save(buffer, form)
    pixels = next(iter(open_clip(buffer.getvalue()))).pixels
    assert np.abs(pixels.astype(int) - expected).max() <= 1


def test_a_jpeg_is_turned_as_its_exif_says() -> None:
    image = Image.fromarray(pictures(1)[0])
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways: turn clockwise by 90 degrees
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif, quality=95)
    clip = open_clip(buffer.getvalue())
    assert (clip.width, clip.height) == (HEIGHT, WIDTH)
    expected = np.rot90(pictures(1)[0], -1)
    assert np.abs(next(iter(clip)).pixels.astype(int) - expected).mean() < 6
    # Any marker may be preceded by fill bytes (ISO/IEC 10918-1, B.1.1.2).
    filled = open_clip(buffer.getvalue()[:2] + b"\xff\xff" + buffer.getvalue()[2:])
    assert (filled.width, filled.height) == (HEIGHT, WIDTH)


def test_a_default_picture_outside_an_apng_animation_is_not_shown() -> None:
    images = [Image.fromarray(p) for p in pictures(3)]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "PNG", save_all=True, append_images=images[1:], duration=50, default_image=True
    )
    clip = open_clip(buffer.getvalue())
    assert [f.pixels.tolist() for f in clip] == [p.tolist() for p in pictures(3)[1:]]


def test_pixel_hash_depends_on_shape_and_pixels() -> None:
    square, flat = np.zeros((2, 2, 3), np.uint8), np.zeros((1, 4, 3), np.uint8)
    assert pixel_sha256(square) == pixel_sha256(square.copy())
    assert pixel_sha256(square) != pixel_sha256(flat)
    assert pixel_sha256(square) != pixel_sha256(square + np.uint8(1))

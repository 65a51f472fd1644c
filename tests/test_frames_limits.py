"""Hostile and hopeless files: one clear line each, and bounded memory."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from frames import Limits, MediaError, open_clip


def gif(count: int = 3, side: int = 16) -> bytes:
    generator = np.random.default_rng(count)
    images = [
        Image.fromarray(generator.integers(0, 2, (side, side), np.uint8) * 255)
        for _ in range(count)
    ]
    buffer = io.BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=50)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def gif_header(width: int, height: int) -> bytes:
    image = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + image


def bmp_header(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 12, 0, 0, 54) + info + bytes(12)


@pytest.mark.parametrize(
    ("limits", "message", "setting"),
    [
        (Limits(file_bytes=100), "bytes, over the limit file_bytes = 100", "FILE_BYTES"),
        (
            Limits(frame_pixels=255),
            "16x16 pixels, over the limit frame_pixels = 255",
            "FRAME_PIXELS",
        ),
        (Limits(frames=2), "3 frames or more, over the limit frames = 2", "FRAMES"),
        (
            Limits(decoded_bytes=2303),
            "2,304 bytes, over the limit decoded_bytes = 2,303",
            "DECODED_BYTES",
        ),
    ],
    ids=["file bytes", "frame pixels", "frames", "decoded bytes"],
)
def test_each_limit_names_itself_and_its_settings(limits: Any, message: str, setting: str) -> None:
    with pytest.raises(MediaError) as caught:
        open_clip(gif(), name="a.gif", limits=limits)
    text = str(caught.value)
    assert text.startswith("a.gif: ") and message in text
    option = "--max-" + setting.lower().replace("_", "-")
    assert f"MEMEPROBE_MAX_{setting}" in text and option in text


def test_just_under_every_limit_opens() -> None:
    data = gif()
    limits = Limits(file_bytes=len(data), frame_pixels=256, frames=3, decoded_bytes=2304)
    assert len(open_clip(data, limits=limits)) == 3


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_frame_limit_holds_for_other_animations(form: str) -> None:
    images = [Image.new("RGB", (9, 9), (i * 20, 0, 0)) for i in range(5)]
    buffer = io.BytesIO()
    images[0].save(buffer, form, save_all=True, append_images=images[1:], duration=50)
    with pytest.raises(MediaError, match="over the limit frames = 4"):
        open_clip(buffer.getvalue(), limits=Limits(frames=4))


def test_the_environment_sets_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_MAX_FRAMES", "2")
    with pytest.raises(MediaError, match="over the limit frames = 2"):
        open_clip(gif())
    assert Limits.from_environment(frames=7).frames == 7
    assert Limits.from_environment(frames=None).frames == 2
    monkeypatch.setenv("MEMEPROBE_MAX_FRAMES", "many")
    with pytest.raises(ValueError, match="MEMEPROBE_MAX_FRAMES must be a whole number, got 'many'"):
        Limits.from_environment()


@pytest.mark.parametrize("value", [0, -1, 2.5])
def test_a_limit_must_be_a_positive_whole_number(value: float) -> None:
    with pytest.raises(ValueError, match="limit frames must be a whole number"):
        Limits(frames=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("header", [png_header, gif_header, bmp_header])
def test_a_header_of_50000_by_50000_is_refused_before_anything_is_allocated(header: Any) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(MediaError, match=r"50,000x50,000 pixels, over the limit frame_pixels"):
            open_clip(header(50_000, 50_000))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    def peak(count: int) -> int:
        data = gif(count, side=160)
        tracemalloc.start()
        try:
            clip = open_clip(data)
            assert sum(int(frame.pixels[0, 0, 0] >= 0) for frame in clip) == count
            clip.frames([0, count // 2, count - 1])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    monkeypatch.setattr("frames.gif.KEPT_BYTES", 2_000_000)
    short, long, longer = peak(20), peak(150), peak(600)
    told = f"{short:,} bytes for 20 frames, {long:,} for 150, {longer:,} for 600"
    # All frames at once would take 46 MB. Of the decompressed images the first 2 MB are kept; then
    # what grows are a few numbers and the palette a frame.
    assert long - short < 3_000_000, told
    assert longer - long < 2_000_000, told


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            lambda p: p.write_text("hello, world"),
            "content is none of the media .*gif.*b'hello, world'",
        ),
        (lambda p: p.write_bytes(b""), "the file is empty"),
        (lambda p: None, "no such file"),
        (lambda p: p.mkdir(), "is a folder"),
        (
            lambda p: p.write_bytes(b"GIF89a"),
            "broken gif file: the file ends inside the GIF header",
        ),
        (lambda p: p.write_bytes(gif()[:40]), "broken gif file"),
        (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\nrubbish rubbish"), "broken png file"),
        (lambda p: p.write_bytes(b"RIFF\x10\0\0\0WEBPVP8 rubbish"), "broken webp file"),
        (lambda p: p.write_bytes(b"\xff\xd8\xff\xe0" + bytes(99)), "broken jpeg file"),
        (lambda p: p.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(99)), "broken mp4 file"),
        (lambda p: p.write_bytes(b"\x1aE\xdf\xa3\x80webm" + bytes(99)), "broken webm file"),
    ],
    ids=[
        "text",
        "empty",
        "missing",
        "folder",
        "gif header",
        "gif cut",
        "png",
        "webp",
        "jpeg",
        "mp4",
        "webm",
    ],
)
def test_a_hopeless_file_gives_one_clear_line(write: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "some.gif"
    write(path)
    with pytest.raises(MediaError, match=message) as caught:
        open_clip(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and "\n" not in text and "0x7f" not in text
    assert caught.value.__cause__ is None, "a library's traceback must not show"

"""Captions as subtitle files, read back by FFmpeg and by a set."""

import html
from pathlib import Path

import av
import pytest

from meme_sets import SetError, load_set
from memeprobe.subtitles import subtitles
from ocr import Track

TEXTS = ["我错了\n别打我", "a < b & c", "x --> y", "{x} \\N {\\i1}z", "<i>it</i> &amp;", "♪ ？？？"]


def tracks() -> tuple[Track, ...]:
    return tuple(
        Track(text, 1000 * i, 1000 * i + 999, i, i, 0.99, (0, 0, 9, 9), ())
        for i, text in enumerate(TEXTS)
    )


@pytest.mark.parametrize("form", ["vtt", "srt"])
def test_ffmpeg_and_a_set_read_what_was_written(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"clip.{form}"
    path.write_text(subtitles(tracks(), form), encoding="utf-8")
    with av.open(str(path)) as file:
        packets = [p for p in file.demux(file.streams.subtitles[0]) if p.pts is not None]
        found = [(p.pts, p.duration, bytes(p).decode()) for p in packets]
    unescaped = [(a, b, html.unescape(t) if form == "vtt" else t) for a, b, t in found]
    wide = str.maketrans("<>", "＜＞") if form == "srt" else {}
    wanted = [text.translate(wide) for text in TEXTS]
    assert unescaped == [(1000 * i, 999, text) for i, text in enumerate(wanted)]
    (tmp_path / "clip.gif").write_bytes(b"GIF89a")
    (item,) = load_set(tmp_path).items
    assert [c.text for c in item.captions] == wanted
    assert [(c.start_ms, c.end_ms) for c in item.captions] == [
        (1000 * i, 1000 * i + 999) for i in range(len(TEXTS))
    ]
    assert item.caption is None  # several one after another


def test_one_text_all_along_is_the_items_caption(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,500\n<i>OH NO</i>\n", "utf-8")
    (item,) = load_set(tmp_path).items
    assert item.caption == "OH NO"
    assert (item.captions[0].start_ms, item.captions[0].end_ms) == (1000, 2500)


def test_a_set_without_subtitles_is_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    before = load_set(tmp_path).content_sha256()
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n", "utf-8")
    assert load_set(tmp_path).content_sha256() != before
    (tmp_path / "a.vtt").unlink()
    assert load_set(tmp_path).content_sha256() == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.vtt", "hello", "not WebVTT"),
        ("a.srt", "hello", "not SubRip"),
        ("a.vtt", "WEBVTT\n\n00:02.000 --> 00:01.000\nhi\n", "end_ms"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n\xff".encode("latin-1"), "UTF-8"),
    ],
)
def test_a_broken_subtitle_file_is_named(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SetError, match=said):
        load_set(tmp_path)


def test_two_subtitle_files_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    for name in ("a.vtt", "a.srt"):
        (tmp_path / name).write_text("", "utf-8")
    with pytest.raises(SetError, match="keep one"):
        load_set(tmp_path)

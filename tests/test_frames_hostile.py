"""Files that strangers made: refused in one line, whatever a decoder throws, and soon."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from frames import Clip, Limits, MediaError, open_clip
from frames.source import FrameSource
from tests.test_frames_formats import FILES

SDP = (
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 0.0.0.0\nt=0 0\nm=video 5004 RTP/AVP 96\n"
    b"a=rtpmap:96 H264/90000\n"
)
HIDDEN = {
    "sdp": b"\x1aE\xdf\xa3\x80webm\n" + SDP,
    "playlist": b"\x1aE\xdf\xa3\x80webm\n#EXTM3U\n#EXTINF:1,\n/etc/hostname\n",
    "concat": b"\x1aE\xdf\xa3\x80webm\nffconcat version 1.0\nfile /etc/hostname\n",
    "dash": b"\0\0\0\x18ftypmp42" + bytes(12) + b"<MPD><BaseURL>/etc/hostname</BaseURL></MPD>",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_no_hidden_playlist_is_followed(name: Any) -> None:
    with pytest.raises(MediaError, match=r"^<bytes>: broken (webm|mp4) file: "):
        open_clip(HIDDEN[name])


@pytest.mark.filterwarnings("ignore::frames.MediaWarning")
@pytest.mark.parametrize("kind", FILES)
def test_every_prefix_of_a_file_opens_or_is_refused_in_one_line(kind: Any) -> None:
    data = FILES[kind][1]()
    for end in range(0, len(data), max(len(data) // 150, 1)):
        try:
            list(open_clip(data[:end]))
        except MediaError as refusal:
            assert str(refusal).startswith("<bytes>: ") and "\n" not in str(refusal)


@pytest.mark.parametrize(
    "thrown",
    [struct.error("x"), AttributeError("x"), RuntimeError("x"), IndexError(), MemoryError()],
)
def test_whatever_a_decoder_throws_while_streaming_is_a_media_error(thrown: Any) -> None:
    def stream() -> Iterator[Any]:
        raise thrown
        yield

    clip = Clip("a.gif", "0" * 64, "gif", FrameSource(1, 1, (0,), stream))
    with pytest.raises(MediaError, match=r"^a\.gif: frame 0 cannot be decoded: "):
        list(clip)


def gif_of(canvas: tuple[int, int], image: tuple[int, int], count: int) -> bytes:
    block = b"," + struct.pack("<HHHHB", 0, 0, *image, 0) + b"\x02\x03\x44\x00\x05\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x80, 0, 0) + bytes(6)
    return head + block * count + b";"


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (gif_of((6320, 6320), (6320, 6320), 35), "moving_pixels"),
        (gif_of((500, 500), (500, 500), 4000), "pixels_per_byte"),
        (gif_of((2, 2), (1000, 32767), 100), "moving_pixels"),
        (gif_of((152, 65438), (152, 100), 30), "pixels_per_byte"),
    ],
)
def test_a_small_file_that_decodes_to_a_huge_one_is_refused_by_its_headers(
    data: Any, limit: str
) -> None:
    with pytest.raises(MediaError, match=f"over the limit {limit} .*MEMEPROBE_MAX_{limit.upper()}"):
        open_clip(data)


def test_decoding_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr("frames.boundary.thread_time", lambda: next(clock))
    with pytest.raises(MediaError, match="over the limit seconds = 3"):
        list(open_clip(FILES["gif by Pillow"][1](), limits=Limits(seconds=3)))


def test_no_name_breaks_printing() -> None:
    odd = "\udcd6\udcd0\u202egpj\n\x1b[31m表情.gif"
    with pytest.raises(MediaError) as refusal:
        open_clip(b"rubbish", name=odd)
    assert str(refusal.value).startswith(r"\xd6\xd0\u202egpj\n\x1b[31m表情.gif: ")
    str(refusal.value).encode()

"""Each refusal of a damaged file by its own words: without the guard another one would come, or
none, or a long time would pass."""

import io
import struct
import zlib
from collections.abc import Callable

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from frames import Clip, Frame, Limits, MediaError, open_clip
from frames.decoder import Decoder
from frames.source import FrameSource
from frames.video import _refuse
from frames.wire import WireError, receive
from tests import heic_files as make
from tests.test_frames_formats import FILES, with_av

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def many_scans() -> bytes:
    """A JPEG behind which 1,300 more scans begin."""
    buffer = io.BytesIO()
    Image.new("L", (1000, 1000)).save(buffer, "JPEG")
    return buffer.getvalue() + b"\xff\xda" * 1_300


def sound_alone() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000)
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 1_920), np.int16), format="s16", layout="stereo"
        )
        silence.rate = 48_000
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    return buffer.getvalue()


def flat(side: int, *properties: bytes) -> make.Item:
    return make.picture(np.full((side, side, 3), 90, np.uint8), *properties)


def tiles(rows: int, columns: int) -> make.Item:
    """The description of a grid, which refers to nothing by itself."""
    body = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, 9, 9)
    return make.Item(b"grid", body, [make.extent(9, 9)])


def other_primary() -> bytes:
    data = bytearray(make.heic([tiles(1, 1)]))
    at = data.index(b"pitm") + 8
    data[at : at + 2] = b"\x03\xe7"
    return bytes(data)


def places_without_end() -> bytes:
    """A table of 600 bytes that promises 60 times 65,535 places of no length."""
    places = struct.pack(">BBH", 0, 0, 60)
    places += b"".join(struct.pack(">HHH", n, 0, 65_535) for n in range(1, 61))
    kind = make.full(b"hdlr", bytes(4), b"pict", bytes(13))
    meta = make.full(b"meta", kind, make.full(b"iloc", places))
    return make.box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic") + meta


def alpha_of_another_size() -> bytes:
    kind = make.full(b"auxC", b"urn:mpeg:hevc:2015:auxid:1\0")
    return make.heic([flat(64), flat(32, kind)], [(b"auxl", 2, [1])])


def no_picture() -> bytes:
    """A HEIC whose picture is nothing but the mark before one (an access unit delimiter)."""
    _, setup = make.encoded(np.full((32, 32, 3), 90, np.uint8))
    body = bytes([0, 0, 0, 3, 0x46, 1, 0x50])
    return make.heic([make.Item(b"hvc1", body, [make.box(b"hvcC", setup), make.extent(32, 32)])])


def places_break_off() -> bytes:
    """A table of places that promises nine and has none."""
    places = make.full(b"iloc", struct.pack(">BBH", 0x44, 0, 9))
    meta = make.full(b"meta", make.full(b"hdlr", bytes(4), b"pict", bytes(13)), places)
    return make.box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic") + meta


def grey_to_the_end() -> bytes:
    """A JPEG in mid grey that breaks off: no row of it differs from what is missing."""
    buffer = io.BytesIO()
    Image.new("L", (64, 64), 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    return data[: data.index(b"\xff\xda") + 14]


def deep_with_key(data: bytes) -> bytes:
    """A PNG of 16 bits one colour of which is transparent."""
    header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header), chunk(b"tRNS", bytes(6)), chunk(b"IDAT", data), chunk(b"IEND")
    return SIGNATURE + b"".join(chunks)


def with_codec(name: bytes) -> bytes:
    """An MP4 whose stream says that it is of another codec."""
    return with_av("mp4", "libx264", "yuv420p").replace(b"avc1", name)


def without_frames() -> bytes:
    """A WebM that breaks off in its first cluster, before the data of a frame."""
    data = FILES["webm"][1]()
    return data[: data.index(b"\x1f\x43\xb6\x75") + 12]


def cover_alone() -> bytes:
    """Sound with a cover picture, in an MP4."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        sound, cover = container.add_stream("aac", rate=48_000), container.add_stream("mjpeg", 1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        silence = av.AudioFrame.from_ndarray(
            np.zeros((2, 1_024), np.float32), format="fltp", layout="stereo"
        )
        silence.rate = 48_000
        picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 9, np.uint8), format="rgb24")
        container.mux([*sound.encode(silence), *sound.encode()])
        container.mux([*cover.encode(picture), *cover.encode()])
    return buffer.getvalue()


def frames_behind_a_still() -> bytes:
    """A WebP of one picture with the frames of an animation behind it."""
    moving = FILES["webp, moving"][1]()
    data = FILES["webp, still"][1]() + moving[moving.index(b"ANMF") :]
    return b"RIFF" + struct.pack("<I", len(data) - 8) + data[8:]


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "scans": (many_scans, "it holds 1,301 scans of 1,000,000 pixels"),
    "half a PNG header": (lambda: SIGNATURE + b"\0\0", "ends inside the PNG header"),
    "no PNG header": (lambda: SIGNATURE + chunk(b"IEND"), "does not begin with a PNG header"),
    "no PNG data": (
        lambda: SIGNATURE + chunk(b"IHDR", HEADER) + chunk(b"IEND"),
        "holds no picture data",
    ),
    "cut WebP": (lambda: FILES["webp, still"][1]()[:-20], "the WebP file breaks off"),
    "sound alone": (sound_alone, "holds no video stream"),
    "another primary": (other_primary, "holds no primary picture"),
    "places without end": (places_without_end, "a table in it has more than"),
    "short grid": (
        lambda: make.heic([make.Item(b"grid", bytes(4), [make.extent(9, 9)])]),
        "the description of its tiles breaks off",
    ),
    "grid of nothing": (lambda: make.heic([tiles(2, 2)]), "2x2 tiles names 0 pictures"),
    "grid of grids": (
        lambda: make.heic([tiles(1, 1), tiles(1, 1)], [(b"dimg", 1, [2])]),
        "is a grid itself",
    ),
    "unlike tiles": (
        lambda: make.heic([tiles(1, 2), flat(32), flat(64)], [(b"dimg", 1, [2, 3])]),
        "tiles of its grid differ in size",
    ),
    "no picture": (no_picture, "a picture in it cannot be decoded"),
    "short places": (places_break_off, "its table of items breaks off"),
    "grey": (grey_to_the_end, "breaks off before its first row"),
    "deep data": (lambda: deep_with_key(b"no zlib"), "the picture's data are broken"),
    "no moov": (lambda: FILES["mp4"][1]()[:200], "its table of frames .moov. is missing"),
    "encrypted": (lambda: with_codec(b"encv"), "the video is encrypted"),
    "unknown codec": (lambda: with_codec(b"xxxx"), "the video's codec cannot be read"),
    "no frames": (without_frames, "the video stream holds no frame that can be decoded"),
    "cover": (cover_alone, "the file holds no video, only a cover picture"),
    "more frames": (frames_behind_a_still, "it holds 3 frames, of which libwebp reads 1"),
    "unlike alpha": (alpha_of_another_size, "transparency has another size"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damage_is_refused_in_its_own_words(name: str) -> None:
    data, said = DAMAGED[name]
    with pytest.raises(MediaError, match=rf"^<bytes>: .*{said}"):
        list(open_clip(data()))


def test_what_is_no_file_is_not_read() -> None:
    with pytest.raises(MediaError, match=r"^/dev/null: is not a regular file$"):
        open_clip("/dev/null")


def test_ffmpeg_is_refused_every_other_file() -> None:
    with pytest.raises(ValueError, match="refers to another file, which is not opened"):
        _refuse("/etc/hostname", 0, {})


@pytest.mark.parametrize(
    ("pixels", "times", "said"),
    [
        (np.zeros((2, 2, 3), np.int16), (0, 0, 0), "pixels must be uint8"),
        (np.zeros((2, 2), np.uint8), (0, 0, 0), "pixels must be uint8"),
        (np.zeros((2, 2, 3), np.uint8), (-1, 0, 0), "must not be negative, got index -1"),
        (np.zeros((2, 2, 3), np.uint8), (0, 0, -5), "duration -5 ms"),
    ],
)
def test_a_frame_is_a_picture_with_its_times(
    pixels: np.ndarray, times: tuple[int, int, int], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Frame(pixels, *times)


def clip_of(*shapes: tuple[int, int]) -> Clip:
    """A clip whose decoder promised three frames of 4x4 and gives these."""
    source = FrameSource(
        4, 4, (100, 100, 100), lambda: iter([np.zeros((*s, 3), np.uint8) for s in shapes])
    )
    return Clip("a.gif", "0" * 64, "gif", source)


def test_a_decoder_that_gives_less_than_it_promised_is_not_believed() -> None:
    with pytest.raises(MediaError, match="frame 2 cannot be decoded: the file holds fewer frames"):
        clip_of((4, 4), (4, 4)).frames([2])
    with pytest.raises(MediaError, match=r"frame 1 .* has 5x4 pixels, the file announced 4x4"):
        list(clip_of((4, 4), (4, 5), (4, 4)))


def test_a_pass_does_not_turn_back() -> None:
    """The process that decodes gives the frames of a pass in order."""
    limits = {name: getattr(Limits(), name) for name in ("seconds", "frames")}
    decoder = Decoder()
    decoder.open(FILES["gif by Pillow"][1](), "key", "a.gif", limits)
    assert decoder.frame("key", 1, 2) is not None
    with pytest.raises(MediaError, match=r"^a\.gif: frame 0 cannot be decoded"):
        decoder.frame("key", 1, 0)
    assert decoder.frame("another", 1, 0) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"shapes": [], "data": 0}', "the stream ended"),
        (b"no json\n", "no message"),
        (b'{"data": 0}\n', "no message"),
        (b'{"shapes": [[1e9, 1e9]], "data": 0}\n', "impossible size"),
        (b'{"shapes": [], "data": -1}\n', "impossible size"),
        (b'{"shapes": [[2, 2]], "data": 0}\nab', "ended inside a message"),
        (b'{"shapes": [], "data": 5}\nab', "ended inside a message"),
    ],
)
def test_a_message_between_processes_is_whole(line: bytes, said: str) -> None:
    with pytest.raises(WireError, match=said):
        receive(io.BytesIO(line))

"""The kinds of media, told by their first bytes: one row each. A new format is one more row."""

from collections.abc import Callable
from dataclasses import dataclass

from frames.gif import open_gif
from frames.raster import open_apng, open_still, open_webp
from frames.source import Opener
from frames.video import open_video


@dataclass(frozen=True)
class MediaKind:
    """How to recognise a kind of file and how to open it."""

    name: str
    """What users see, e.g. 'gif'."""
    matches: Callable[[bytes], bool]
    """Whether bytes of a file look like this kind. Must not need the end of the file."""
    open: Opener


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(magics)


def _brand(*brands: bytes) -> Callable[[bytes], bool]:
    return lambda data: data[4:8] == b"ftyp" and data[8:12] in brands


def _apng(data: bytes) -> bool:
    return data.startswith(b"\x89PNG\r\n\x1a\n") and data.find(b"acTL", 0, 4096) > 0


def _ebml(doctype: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(b"\x1aE\xdf\xa3") and doctype in data[:64]


# The first row that matches wins.
KINDS: tuple[MediaKind, ...] = (
    MediaKind("gif", _starts(b"GIF87a", b"GIF89a"), open_gif),
    MediaKind("apng", _apng, open_apng),
    MediaKind("png", _starts(b"\x89PNG\r\n\x1a\n"), open_still),
    MediaKind("jpeg", _starts(b"\xff\xd8\xff"), open_still),
    MediaKind("webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", open_webp),
    MediaKind("avif", _brand(b"avif"), open_still),
    MediaKind("bmp", _starts(b"BM"), open_still),
    MediaKind("webm", _ebml(b"webm"), open_video),
    MediaKind("matroska", _ebml(b"matroska"), open_video),
    MediaKind("mp4", lambda data: data[4:8] == b"ftyp", open_video),
)


def kind_of(data: bytes) -> MediaKind:
    """The kind of a file by its content. Raises ValueError that lists the kinds."""
    for kind in KINDS:
        if kind.matches(data):
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise ValueError(
        f"its content is none of the media that can be read ({known}); it starts with {data[:12]!r}"
    )

"""The kinds of media, told by their first bytes: one row each. A new format is one more row.

A decoder is imported when the first file of its kind is opened: FFmpeg alone takes longer to load
than a GIF to decode.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from frames.errors import Limits, MediaError
from frames.isobmff import brands
from frames.png_structure import SIGNATURE, is_animated
from frames.source import FrameSource, Opener


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


def _png(animated: bool) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(SIGNATURE) and is_animated(data) == animated


def _avif(data: bytes) -> bool:
    return not {b"avif", b"avis"}.isdisjoint(brands(data))


def _heif(data: bytes) -> bool:
    """A still; a sequence of pictures (brands hevc, msf1) is a video that comes with a still."""
    names = brands(data)
    sequence = bool(names) and names[0] in (b"hevc", b"hevx", b"msf1")
    still = not {b"heic", b"heix", b"heim", b"heis", b"mif1"}.isdisjoint(names)
    return still and not sequence


def _video(data: bytes) -> bool:
    # QuickTime files of old begin with other boxes.
    return data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def _ebml(doctype: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(b"\x1aE\xdf\xa3") and doctype in data[:64]


def _opener(place: str, **settings: str) -> Opener:
    """The function at 'module:name' of this package, imported on first use."""

    def opened(data: bytes, limits: Limits) -> FrameSource:
        module, name = place.split(":")
        found: FrameSource = getattr(importlib.import_module(f"frames.{module}"), name)(
            data, limits, **settings
        )
        return found

    return opened


# The first row that matches wins.
KINDS: tuple[MediaKind, ...] = (
    MediaKind("gif", _starts(b"GIF87a", b"GIF89a"), _opener("gif:open_gif")),
    MediaKind("apng", _png(animated=True), _opener("apng:open_apng")),
    MediaKind("png", _png(animated=False), _opener("apng:open_png")),
    MediaKind("jpeg", _starts(b"\xff\xd8\xff"), _opener("raster:open_jpeg")),
    MediaKind(
        "webp",
        lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
        _opener("webp:open_webp"),
    ),
    MediaKind("avif", _avif, _opener("avif:open_avif")),
    MediaKind("heic", _heif, _opener("heif:open_heif")),
    MediaKind("bmp", _starts(b"BM"), _opener("raster:open_bmp")),
    MediaKind("webm", _ebml(b"webm"), _opener("video:open_video", container="matroska")),
    MediaKind("matroska", _ebml(b"matroska"), _opener("video:open_video", container="matroska")),
    MediaKind("mp4", _video, _opener("video:open_video", container="mov")),
)


def kind_of(data: bytes) -> MediaKind:
    """The kind of a file by its content. Raises MediaError that lists the kinds."""
    for kind in KINDS:
        if kind.matches(data):
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise MediaError(
        f"its content is none of the media that can be read ({known}); it starts with {data[:12]!r}"
    )

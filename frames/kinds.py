"""The kinds of media, told by their first bytes: one row each. A new format is one more row.

A decoder is imported when the first file of its kind is opened: FFmpeg alone takes longer to load
than a GIF to decode.
"""

import contextlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from frames.boundary import boundary
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


class _In:
    """The opener at 'module:name' of this package, imported on first use."""

    def __init__(self, place: str, **settings: str) -> None:
        self._module, self._name = place.split(":")
        self._settings = settings

    def load(self) -> Callable[..., FrameSource]:
        """The function itself."""
        module = importlib.import_module(f"frames.{self._module}")
        found: Callable[..., FrameSource] = getattr(module, self._name)
        return found

    def __call__(self, data: bytes, limits: Limits) -> FrameSource:
        return self.load()(data, limits, **self._settings)


# The first row that matches wins.
KINDS: tuple[MediaKind, ...] = (
    MediaKind("gif", _starts(b"GIF87a", b"GIF89a"), _In("gif:open_gif")),
    MediaKind("apng", _png(animated=True), _In("apng:open_apng")),
    MediaKind("png", _png(animated=False), _In("apng:open_png")),
    MediaKind("jpeg", _starts(b"\xff\xd8\xff"), _In("raster:open_jpeg")),
    MediaKind(
        "webp",
        lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
        _In("webp:open_webp"),
    ),
    MediaKind("avif", _avif, _In("avif:open_avif")),
    MediaKind("heic", _heif, _In("heif:open_heif")),
    MediaKind("bmp", _starts(b"BM"), _In("raster:open_bmp")),
    MediaKind("webm", _ebml(b"webm"), _In("video:open_video", container="matroska")),
    MediaKind("matroska", _ebml(b"matroska"), _In("video:open_video", container="matroska")),
    MediaKind("mp4", _video, _In("video:open_video", container="mov")),
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


def load_decoder(data: bytes) -> None:
    """Import what opens a file, so that this does not count against the time that it may take."""
    with contextlib.suppress(MediaError), boundary("the file", "cannot be told"):
        opener = kind_of(data).open
        if isinstance(opener, _In):
            opener.load()

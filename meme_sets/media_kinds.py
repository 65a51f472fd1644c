"""Which files of a folder are media, by their first bytes: names lie, GIFs are called .jpg."""

from pathlib import Path

HEAD = 64
"""Bytes that tell."""
_STARTS = (b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def is_media(path: Path) -> bool:
    """Whether a file begins as pictures and clips of the kinds that can be read do.

    Looks at ``HEAD`` bytes; whether the rest can be decoded is not known. Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    matroska = head.startswith(b"\x1aE\xdf\xa3") and (b"webm" in head or b"matroska" in head)
    return head.startswith(_STARTS) or webp or matroska or head[4:8] in _BOXES


def sorted_out(folder: Path, deep: bool = False) -> tuple[list[Path], list[Path]]:
    """(media, other files) of a folder, each by name; a name with a dot first is in neither.

    ``deep``: with all folders in it. Files that cannot be read, links to nothing and pipes are
    among the others. Raises OSError where the folder cannot be read.
    """
    found = folder.rglob("*") if deep else folder.iterdir()
    files = sorted(
        f
        for f in found
        if not f.is_dir() and not any(p.startswith(".") for p in f.relative_to(folder).parts)
    )
    # A pipe must not be opened: it would wait for someone to write.
    media = [f for f in files if f.is_file() and _is_readable_media(f)]
    return media, [f for f in files if f not in set(media)]


def _is_readable_media(path: Path) -> bool:
    try:
        return is_media(path)
    except OSError:
        return False

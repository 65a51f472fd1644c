"""Uploaded zips: unpacked without leaving their folder, and never larger than they may be."""

import re
import shutil
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from memeprobe.workers.sandbox import SandboxError, pool

SUFFIXES = {
    ".gif",
    ".webp",
    ".png",
    ".apng",
    ".jpg",
    ".jpeg",
    ".bmp",
    ".mp4",
    ".webm",
    ".mov",
    ".mkv",
    ".jsonl",
    ".yaml",
    ".txt",
    ".md",
    ".csv",
    ".json",
}
"""What a set may hold; nested archives are none of it."""
_CHUNK = 2**16


class ArchiveError(ValueError):
    """A zip that is not unpacked; the message says why."""


@dataclass(frozen=True)
class ZipLimits:
    """How much a zip may hold, checked while it is unpacked, whatever its headers say."""

    files: int = 5_000
    file_bytes: int = 64 * 2**20
    total_bytes: int = 512 * 2**20
    ratio: int = 200
    """Unpacked to packed size of one file: more is a bomb (media hardly shrink at all)."""


def unpack(source: BinaryIO, target: Path, limits: ZipLimits | None = None) -> Path:
    """Unpack a zip into the new folder ``target``; returns the set's folder in it.

    Raises ArchiveError, with nothing left behind: no zip, a path that leads outside, a link, a
    sort of file that no set has, or a limit.
    """
    limits = limits or ZipLimits()
    target.mkdir(parents=True)
    try:
        with zipfile.ZipFile(source) as archive:
            _unpack(archive, target, limits)
        return _set_folder(target)
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, ArchiveError) or not isinstance(error, Exception):
            raise
        # A damaged byte can make zipfile and the decompressors raise nearly anything.
        problem = " ".join(str(error).split())[:120] or type(error).__name__
        raise ArchiveError(f"this is no zip that can be unpacked: {problem}") from None


def _unpack(archive: zipfile.ZipFile, target: Path, limits: ZipLimits) -> None:
    members = [m for m in archive.infolist() if not m.is_dir() and not _ignored(m.filename)]
    if not members:
        raise ArchiveError("the zip is empty")
    if len(members) > limits.files:
        raise ArchiveError(f"the zip holds {len(members):,} files, over the {limits.files:,} limit")
    for member in members:
        _check(member)
    total = 0
    for member in members:
        total = _write(archive, member, target, limits, total)


def _ignored(name: str) -> bool:
    """What a Mac or Windows adds of itself."""
    return name.startswith("__MACOSX/") or name.endswith((".DS_Store", "Thumbs.db"))


def _check(member: zipfile.ZipInfo) -> None:
    name = member.filename
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or "\0" in name
        or re.match(r"[A-Za-z]:", name)
    ):
        raise ArchiveError(
            f"the zip holds {name!r}, a path that leads outside its folder; nothing was unpacked"
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ArchiveError(f"the zip holds a link, {name!r}; nothing was unpacked")
    if path.suffix.lower() not in SUFFIXES:
        raise ArchiveError(
            f"the zip holds {name!r}; a set has media files, set.yaml and items.jsonl only"
        )


def _write(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limits: ZipLimits, total: int
) -> int:
    """Unpack one file, counting what really comes out; returns the bytes so far."""
    path = target / PurePosixPath(member.filename)
    path.parent.mkdir(parents=True, exist_ok=True)
    most = min(limits.file_bytes, limits.ratio * max(member.compress_size, 1024))
    size = 0
    with archive.open(member) as packed, path.open("xb") as out:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise ArchiveError(
                    f"{member.filename!r} unpacks to more than {most:,} bytes from "
                    f"{member.compress_size:,}; a file of a set may have {limits.file_bytes:,} and "
                    f"grow {limits.ratio}-fold"
                )
            if total + size > limits.total_bytes:
                raise ArchiveError(
                    f"the zip unpacks to more than {limits.total_bytes:,} bytes; it was given up"
                )
            out.write(chunk)
    return total + size


def _set_folder(target: Path) -> Path:
    """The folder itself, or the one folder that it holds."""
    inside = list(target.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target


def checked_set(folder: Path) -> tuple[str, int]:
    """(name, items) of the set in an unpacked folder, read by a worker first.

    Raises SandboxError: it is no set, or reading it takes too much.
    """
    found = list(pool().stream("check_set", {"folder": str(folder)}))
    if not found:
        raise SandboxError(f"{folder.name} is no set")
    return str(found[0].data["name"]), int(found[0].data["items"])

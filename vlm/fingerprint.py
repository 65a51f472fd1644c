"""A short name for the exact files of a checkpoint, so that stored answers are never mixed."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import platformdirs

from vlm.hub import split

READ = (".safetensors", ".bin", ".pth", ".json", ".jinja", ".model", ".txt")
"""Endings of the files that decide what a model answers."""
REMEMBER = 64 << 20
"""Bytes from which on a file's hash is remembered between starts."""


def fingerprint(source: str) -> str:
    """Short hash of a directory's weights and settings; of ``id@commit`` the id and its commit."""
    folder = Path(source)
    if not folder.is_dir():
        name, commit = split(source)
        return f"{name}@{commit[:12]}" if commit else name
    return files_hash(path for path in folder.iterdir() if path.suffix in READ)


def files_hash(files: Iterable[Path]) -> str:
    """Twelve hexadecimal digits that change with the names and contents of files.

    Every byte counts: a projection of 6 MB that was trained anew in a shard of 5 GB is another
    model. So that 30 GB are not read at every start, a large file's hash is remembered with its
    path, size and time of change.
    """
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(path.name.encode())
        digest.update(bytes.fromhex(file_sha256(path)))
    return digest.hexdigest()[:12]


def file_sha256(path: Path) -> str:
    """SHA-256 of a whole file, as hexadecimal digits; see ``files_hash`` for what is remembered."""
    real = path.resolve()
    about = real.stat()
    known = [about.st_size, about.st_mtime_ns]
    large = about.st_size > REMEMBER
    memory = _memory() if large else None
    if memory is not None:
        found = _read(memory).get(str(real))
        if isinstance(found, list) and found[:2] == known:
            return str(found[2])
    with real.open("rb") as file:
        made = hashlib.file_digest(file, "sha256").hexdigest()
    if memory is not None:
        _write(memory, {**_read(memory), str(real): [*known, made]})
    return made


def _memory() -> Path:
    return Path(platformdirs.user_cache_dir("memeprobe")) / "file_hashes.json"


def _read(memory: Path) -> dict[str, Any]:
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there yet, or cut off: it is only a shortcut
        return {}
    return found if isinstance(found, dict) else {}


def _write(memory: Path, hashes: dict[str, Any]) -> None:
    """Replace the memory in one step, as other processes may read it."""
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        fresh = memory.with_name(f"{memory.name}.{os.getpid()}")
        fresh.write_text(json.dumps(hashes), encoding="utf-8")
        os.replace(fresh, memory)
    except OSError:  # a read-only home: then it is read again next time
        pass

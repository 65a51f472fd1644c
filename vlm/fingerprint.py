"""A short name for the exact files of a checkpoint, so that stored answers are never mixed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

READ = (".safetensors", ".bin", ".pth", ".json", ".jinja", ".model", ".txt")
"""Endings of the files that decide what a model answers."""
_WHOLE = 64 << 20
_SAMPLES, _SAMPLE = 64, 64 << 10


def fingerprint(source: str, commit: str | None = None) -> str:
    """Short hash of a directory's weights and settings; of a hub id the id and its commit."""
    folder = Path(source)
    if not folder.is_dir():
        return f"{source}@{commit[:12]}" if commit else source
    return files_hash(path for path in folder.iterdir() if path.suffix in READ)


def files_hash(files: Iterable[Path]) -> str:
    """Twelve hexadecimal digits that change with the names and contents of files.

    Files up to 64 MiB count whole, larger ones by their size and 64 blocks of 64 KiB spread over
    them: reading 30 GB at every start would take a minute, and training changes every block.
    """
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(path.name.encode())
        size = path.stat().st_size
        with path.open("rb") as file:
            if size <= _WHOLE:
                digest.update(hashlib.file_digest(file, "sha256").digest())
                continue
            digest.update(str(size).encode())
            for i in range(_SAMPLES):
                file.seek((size - _SAMPLE) * i // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE))
    return digest.hexdigest()[:12]

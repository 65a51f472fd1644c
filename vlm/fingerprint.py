"""A short name for the exact files of a checkpoint, so that stored answers are never mixed."""

import hashlib
from pathlib import Path

READ = (".safetensors", ".bin", ".pth", ".json", ".jinja", ".model", ".txt")
"""Endings of the files that decide what a model answers."""


def fingerprint(source: str, commit: str | None = None) -> str:
    """Short hash of a directory's weights and settings; of a hub id the id and its commit."""
    folder = Path(source)
    if not folder.is_dir():
        return f"{source}@{commit[:12]}" if commit else source
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in READ:
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]

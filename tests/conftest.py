"""Shared fixtures: where the real memes lie, and a plain skip where they do not."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def memes_dir() -> Path:
    """The folder of real memes with known captions (MEMEPROBE_MEMES, else ../shared/memes)."""
    folder = Path(os.environ.get("MEMEPROBE_MEMES", ROOT.parent / "shared" / "memes"))
    if not (folder / "manifest.jsonl").is_file():
        pytest.skip(f"the real memes are not at {folder}; set MEMEPROBE_MEMES to test on them")
    return folder

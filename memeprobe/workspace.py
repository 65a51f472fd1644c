"""Where runs, answers and the cache are kept."""

import os
from pathlib import Path

import platformdirs

from memeprobe.cache.file import Cache, cache_beside


def workspace_path(path: str | Path | None = None) -> Path:
    """The store's file: as given, else MEMEPROBE_WORKSPACE, else in the user's data folder."""
    given = path or os.environ.get("MEMEPROBE_WORKSPACE", "").strip()
    return Path(given or Path(platformdirs.user_data_dir("memeprobe")) / "memeprobe.sqlite")


def sets_beside(workspace: Path) -> Path:
    """The folder of the sets that were saved for a workspace, each in a folder of its own."""
    return workspace.with_name("sets")


def own_cache() -> Cache:
    """The cache of the workspace that is used where none is named."""
    return cache_beside(workspace_path())

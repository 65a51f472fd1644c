"""The sets that come with the project."""

from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
"""Each built-in set lies in a folder of its name in here."""

BUILTIN: dict[str, str] = {
    "reveal": "meme_sets.builtin.reveal:make",
    "captions": "meme_sets.builtin.captions:make",
    "order": "meme_sets.builtin.order:make",
    "counting": "meme_sets.builtin.counting:make",
    "late": "meme_sets.builtin.late:make",
    "emotion": "meme_sets.builtin.emotion:make",
    "panels": "meme_sets.builtin.panels:make",
    "leading": "meme_sets.builtin.leading:make",
    "static": "meme_sets.builtin.static:make",
}
"""Name -> the function ('module:name') that makes it, see ``meme_sets.build``."""


def builtin_folder(name: str) -> Path:
    """The folder of a built-in set. Raises KeyError if there is none of this name."""
    if name not in BUILTIN:
        raise KeyError(name)
    return DATA / name

"""The sets that come with the project."""

from dataclasses import dataclass
from pathlib import Path

import yaml

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


@dataclass(frozen=True)
class SetHead:
    """What a list says of a set."""

    name: str
    items: int
    """How many it has."""
    languages: tuple[str, ...]
    folder: Path
    about: str
    """What it holds, in English."""


def builtin_head(name: str) -> SetHead:
    """The head of a built-in set, from its files as they lie there.

    They come with the project and its tests load them, so that nothing is checked here: a list of
    names needs no item. Raises KeyError if there is none of this name.
    """
    folder = builtin_folder(name)
    about = yaml.safe_load((folder / "set.yaml").read_text("utf-8"))
    with (folder / "items.jsonl").open("rb") as lines:
        items = sum(1 for line in lines if line.strip())
    return SetHead(
        about["name"], items, tuple(about["languages"]), folder, about["description"]["en"]
    )

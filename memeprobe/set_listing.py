"""Sets as rows of a list; opens no media."""

from typing import TYPE_CHECKING, Any

from meme_sets.catalog import SetHead, builtin_head

if TYPE_CHECKING:
    from meme_sets import MemeSet


def describe_set(meme_set: "MemeSet") -> dict[str, Any]:
    """A set that was loaded, as a row of ``memeprobe sets``."""
    return _set_row(
        SetHead(
            meme_set.name,
            len(meme_set.items),
            meme_set.languages,
            meme_set.folder,
            meme_set.description.en,
        )
    )


def describe_builtin(name: str) -> dict[str, Any]:
    """A built-in set as a row of ``memeprobe sets``; loads no item."""
    return _set_row(builtin_head(name))


def _set_row(head: SetHead) -> dict[str, Any]:
    return {
        "name": head.name,
        "items": head.items,
        "languages": list(head.languages),
        "folder": str(head.folder),
        "about": head.about,
    }

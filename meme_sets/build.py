"""Draws generated sets: ``python -m meme_sets.build reveal captions`` writes the shipped ones.

Everything is drawn from seeds: writing a set again gives the same bytes.
"""

import argparse
import difflib
import importlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml

from meme_sets.catalog import BUILTIN, DATA
from meme_sets.draft import SetDraft
from meme_sets.errors import SetError
from meme_sets.format import Item, MemeSet
from meme_sets.load import ITEM_FILES, SET_FILE, load_set
from meme_sets.new_folder import new_folder
from meme_sets.variant import SHIPPED, Variant


def make(name: str, variant: Variant = SHIPPED) -> SetDraft:
    """The draft of a generated set. Raises KeyError if there is none of this name."""
    module, function = BUILTIN[name].split(":")
    draft: SetDraft = getattr(importlib.import_module(module), function)(variant)
    return replace(draft, about={**draft.about, "name": variant.name(name)})


def make_set(
    name: str,
    out: str | Path,
    variant: Variant = SHIPPED,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> MemeSet:
    """Write a generated set as a new folder, as a whole or not at all.

    ``progress`` hears (items drawn, items in all). Raises SetError: there is no generated set of
    this name, or ``out`` is not free.
    """
    if name not in BUILTIN:
        near = difflib.get_close_matches(name, BUILTIN, n=1)
        hint = f"did you mean {near[0]!r}? There" if near else "there"
        raise SetError(f"there is no generated set {name!r}; {hint} are {', '.join(BUILTIN)}")
    draft, folder = make(name, variant), Path(out).expanduser()
    with new_folder(folder) as work:
        write(draft, work, progress)
    return load_set(folder)


def item_line(item: Item) -> str:
    """An item as one line of items.jsonl, fields that say nothing left out."""
    fields = item.model_dump(mode="json", exclude_defaults=True)
    if item.cluster == item.id:
        del fields["cluster"]
    # A text that is the same in both languages is written once.
    for i, option in enumerate(fields.get("options", [])):
        if option["en"] == option["zh"]:
            fields["options"][i] = option["en"]
    return json.dumps(fields, ensure_ascii=False)


def write(
    draft: SetDraft,
    folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write the set's files into a folder; media that lay there before are removed."""
    shutil.rmtree(folder / "media", ignore_errors=True)
    (folder / "media").mkdir(parents=True)
    about = yaml.safe_dump(draft.about, allow_unicode=True, sort_keys=False, width=100)
    (folder / SET_FILE).write_text(about, "utf-8")
    lines = [item_line(d.item) + "\n" for d in draft.drafts]
    (folder / ITEM_FILES[0]).write_text("".join(lines), "utf-8")
    for done, d in enumerate(draft.drafts, 1):
        (folder / d.item.media).write_bytes(d.media())
        progress(done, len(draft.drafts))


def main() -> None:
    """Command line: which sets, and where to."""
    parser = argparse.ArgumentParser(prog="python -m meme_sets.build", description=__doc__)
    parser.add_argument(
        "sets", nargs="+", choices=list(BUILTIN), metavar="SET", help=", ".join(BUILTIN)
    )
    parser.add_argument(
        "--out", type=Path, default=DATA, help="parent folder (default: %(default)s)"
    )
    options = parser.parse_args()
    for name in options.sets:
        folder = options.out / name
        write(make(name), folder)
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        print(f"{folder}: {len(list((folder / 'media').iterdir()))} media, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

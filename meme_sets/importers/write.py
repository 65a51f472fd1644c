"""Writes what an importer found as a set folder: as a whole or not at all."""

import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from PIL import Image
from pydantic import ValidationError

from meme_sets.build import item_line
from meme_sets.errors import SetError, explain
from meme_sets.format import Item, MemeSet
from meme_sets.importers.entry import ImportEntry, ImportSource
from meme_sets.load import ITEM_FILES, SET_FILE, is_there, load_set, tuples
from meme_sets.new_folder import new_folder

MEDIA = ("link", "copy")
MOVING = (".mp4", ".webm", ".mov", ".mkv")


@dataclass(frozen=True)
class Written:
    """A set that was imported."""

    folder: Path
    items: int
    skipped: tuple[str, ...]
    """Why items were left out, one line each."""
    stills: int = 0
    """Items whose file has one picture only: they are not asked about frames."""


def write(source: ImportSource, out: Path, media: str, skip_missing: bool) -> Written:
    """Write a set folder. Raises SetError; then there is nothing at ``out``."""
    if media not in MEDIA:
        raise SetError(f"media is {media!r}; must be one of {', '.join(MEDIA)}")
    with new_folder(out) as work:
        written = _fill(source, work, media, skip_missing)
        load_set(work)
    return replace(written, folder=out)


def _fill(source: ImportSource, folder: Path, media: str, skip_missing: bool) -> Written:
    (folder / "media").mkdir()
    gone = [e for e in source.entries if not (isinstance(e.media, bytes) or is_there(e.media))]
    if gone and not skip_missing:
        more = f"; {len(gone):,} of {len(source.entries):,} files are missing" if gone[1:] else ""
        raise SetError(f"{gone[0].where}: there is no media file {gone[0].media!s:.300}{more}")
    missing = {id(entry) for entry in gone}
    stills = 0
    taken: dict[Path | str, str] = {}
    lines: list[str] = []
    skipped: list[str] = []
    first: dict[str, str] = {}
    for entry in source.entries:
        if id(entry) in missing:
            skipped.append(f"{entry.where}: there is no media file {entry.media!s:.300}")
            continue
        item = _item(entry, _place(entry, folder, media, taken))
        stills += is_still(folder / item.media)
        if item.id in first:
            raise SetError(f"{entry.where}: id {item.id!r} is already used in {first[item.id]}")
        first[item.id] = entry.where
        lines.append(item_line(item) + "\n")
    if not lines:
        why = f"; the first of {len(skipped)}: {skipped[0]}" if skipped else ""
        raise SetError(f"there is no item to import{why}")
    _check_about(source, folder)
    about = yaml.safe_dump(source.about, allow_unicode=True, sort_keys=False, width=100)
    (folder / SET_FILE).write_text(about, "utf-8")
    (folder / ITEM_FILES[0]).write_text("".join(lines), "utf-8")
    return Written(folder, len(lines), tuple(skipped), stills)


def is_still(path: Path) -> bool:
    """Whether a file shows one picture only. What cannot be told counts as moving."""
    if path.suffix.lower() in MOVING:
        return False
    try:
        with Image.open(path) as image:
            return not getattr(image, "is_animated", False)
    except Exception:  # a broken file is the run's to report
        return False


def _check_about(source: ImportSource, folder: Path) -> None:
    try:
        MemeSet.model_validate(tuples({**source.about, "folder": folder, "items": []}))
    except ValidationError as error:
        raise SetError(f"the set's description: {explain(error, MemeSet)}") from None


def _item(entry: ImportEntry, media: str) -> Item:
    try:
        return Item.model_validate(tuples({**entry.fields, "media": media}))
    except ValidationError as error:
        raise SetError(f"{entry.where}: {explain(error, Item)}") from None


def _place(entry: ImportEntry, folder: Path, media: str, taken: dict[Path | str, str]) -> str:
    """Put the entry's media file into the folder, each file once; its path in the set."""
    if isinstance(entry.media, bytes):
        key: Path | str = hashlib.sha256(entry.media).hexdigest()
        name = f"{str(key)[:16]}{entry.suffix}"
    else:
        key = entry.media.resolve()
        name = entry.media.name
    if key in taken:
        return taken[key]
    if f"media/{name}" in taken.values():  # another file of this name
        name = f"{len(taken)}-{name}"
    target = folder / "media" / name
    if isinstance(entry.media, bytes):
        target.write_bytes(entry.media)
    elif media == "copy":
        shutil.copyfile(entry.media, target)
    else:
        target.symlink_to(entry.media.resolve())
    taken[key] = f"media/{name}"
    return taken[key]

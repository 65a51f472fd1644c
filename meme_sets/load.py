"""Reads a set from its folder, and says exactly what is wrong with one that is broken."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from meme_sets.catalog import BUILTIN, builtin_folder
from meme_sets.errors import SetError, explain
from meme_sets.format import Item, MemeSet
from meme_sets.media_kinds import sorted_out
from meme_sets.parse import json_value, yaml_value
from meme_sets.subtitles import subtitles_of

SET_FILE = "set.yaml"
SUBTITLES = (".vtt", ".srt")
"""Files beside clips that hold their captions."""
ITEM_FILES = ("items.jsonl", "items.yaml")
MEDIA_SUFFIXES = (
    ".gif",
    ".webp",
    ".png",
    ".apng",
    ".jpg",
    ".jpeg",
    ".bmp",
    ".mp4",
    ".webm",
    ".mov",
    ".mkv",
)


def load_set(source: str | Path) -> MemeSet:
    """The set of this name or in this folder.

    ``source`` is a built-in set's name ('reveal'), a folder with ``items.jsonl`` or
    ``items.yaml``, or any folder of pictures and clips: those become items without a question.
    A built-in name wins over a folder of the same name; write ``./reveal`` for the folder.
    Raises SetError with file, line, field and what was found there.
    """
    if isinstance(source, str) and source in BUILTIN:
        return _read_folder(builtin_folder(source))
    folder = Path(source)
    try:
        if folder.is_dir():
            return _read_folder(folder)
        if folder.exists():
            raise SetError(f"{source} is a file; a set is a folder (see docs/sets.md)")
    except OSError as error:  # a name that is too long, a folder that may not be read
        raise SetError(f"{str(source)!r:.200}: cannot be read: {error.strerror}") from None
    near = difflib.get_close_matches(str(source), BUILTIN, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise SetError(
        f"there is no set named {str(source)!r} and no folder of that name; "
        f"{hint}Built-in sets: {', '.join(BUILTIN)}"
    )


def _read_folder(folder: Path) -> MemeSet:
    present = [folder / name for name in ITEM_FILES if (folder / name).is_file()]
    if len(present) > 1:
        raise SetError(f"{folder} has both {' and '.join(ITEM_FILES)}; keep one")
    if not present:
        return _plain_folder(folder)
    items = _read_items(present[0])
    about = _read_about(folder)
    try:
        return MemeSet.model_validate({**about, "folder": folder, "items": items})
    except ValidationError as error:
        raise SetError(f"{folder / SET_FILE}: {explain(error, MemeSet)}") from None


def _plain_folder(folder: Path) -> MemeSet:
    """Every media file of a folder (not of folders in it) as an item that asks nothing.

    Told by content: a GIF may be called .jpg, and a page of the web .gif.
    """
    media, others = sorted_out(folder)
    files = [f.name for f in media]
    if not files:
        found = f"; {len(others)} other files, {others[0].name!r} first" if others else ""
        raise SetError(
            f"{folder} has no {' or '.join(ITEM_FILES)}, and no media file (by content) "
            f"either{found}"
        )
    if (folder / SET_FILE).is_file():
        raise SetError(f"{folder} has a {SET_FILE}, but no {' or '.join(ITEM_FILES)}")
    for f in files:
        if not is_text(f):
            raise SetError(
                f"{folder}: the file name {f!r:.200} is no Unicode text; rename the file"
            )
    name = folder.resolve().name or "folder"
    name = name if is_text(name) else "folder"
    return MemeSet.model_validate(
        {
            "name": name,
            "folder": folder,
            "title": name,
            "description": {
                "en": "A folder of pictures and clips without labels.",
                "zh": "一个没有标注的图片和动图文件夹。",
            },
            "items": tuple(_plain_item(folder, f) for f in files),
            "left_out": tuple(f.name for f in others if f.suffix.lower() not in SUBTITLES),
        }
    )


def _plain_item(folder: Path, file: str) -> Item:
    row = {"id": file, "media": file, "kind": "unlabelled", "cluster": file}
    return _item(row, folder, f"{folder / file}")


def _item(row: dict[str, Any], folder: Path, where: str) -> Item:
    """An item, with the captions of a subtitle file beside its clip where it names none itself.

    One text all along is the item's caption as well; of an empty file, that there is none.
    """
    try:
        item = Item.model_validate(tuples(row))
        cues = None if item.captions else subtitles_of(folder / item.media)
        if cues is None:
            return item
        texts = list(dict.fromkeys(cue["text"] for cue in cues))
        known = {} if len(texts) > 1 or item.caption is not None else {"caption": "".join(texts)}
        return Item.model_validate(tuples({**row, **known, "captions": cues}))
    except ValidationError as error:
        raise SetError(f"{where}: {explain(error, Item)}") from None


def is_text(name: str) -> bool:
    """Whether a name is Unicode: file names may be any bytes, such as GBK."""
    return name.isascii() or not any("\ud800" <= c <= "\udfff" for c in name)


def _read_about(folder: Path) -> dict[str, Any]:
    """The fields of set.yaml; without that file the folder's name serves as name and title."""
    path = folder / SET_FILE
    name = folder.resolve().name or "set"
    name = name if is_text(name) else "set"
    if not path.is_file():
        return {"name": name, "title": name, "description": name}
    _, about = yaml_value(text_of(path), str(path))
    if not isinstance(about, dict):
        raise SetError(f"{path}: must hold fields such as 'name: my-set', found {about!r:.60}")
    for field in ("folder", "items"):
        if field in about:
            raise SetError(f"{path}: unknown field {field!r}; items belong in {ITEM_FILES[0]}")
    return {"name": name, "title": name, "description": name, **tuples(about)}


def _read_items(path: Path) -> tuple[Item, ...]:
    rows = _jsonl_rows(path) if path.suffix == ".jsonl" else _yaml_rows(path)
    items: list[Item] = []
    line_of: dict[str, int] = {}
    for line, row in rows:
        where = f"{path} line {line}"
        if not isinstance(row, dict):
            raise SetError(f"{where}: must be an item with fields in {{}}, found {row!r:.60}")
        item = _item(row, path.parent, where)
        if item.id in line_of:
            raise SetError(f"{where}: id {item.id!r} is already used in line {line_of[item.id]}")
        line_of[item.id] = line
        if not is_there(path.parent / item.media):
            raise SetError(
                f"{where}: media is {item.media!r}, but there is no such file in {path.parent}"
            )
        items.append(item)
    if not items:
        raise SetError(f"{path}: holds no items")
    return tuple(items)


def is_there(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def tuples(value: Any) -> Any:
    """Lists as tuples, at every depth: the strict models take no list for a tuple."""
    if isinstance(value, dict):
        return {key: tuples(v) for key, v in value.items()}
    return tuple(tuples(v) for v in value) if isinstance(value, list) else value


def _jsonl_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """(line number from 1, parsed line); empty lines are left out."""
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            yield number, json_value(line, where, _once)
        except _TwiceError as error:
            raise SetError(f"{where}: {error}") from None


class _TwiceError(Exception):
    """A field stands twice in one item."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _TwiceError(f"field {twice!r} is given twice")
    return fields


def _yaml_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """(line number where the entry begins, entry) of the list in a YAML file."""
    tree, rows = yaml_value(text_of(path), str(path))
    if not isinstance(tree, yaml.SequenceNode):
        raise SetError(f"{path}: must hold a list of items, found {rows!r:.60}")
    for node, row in zip(tree.value, rows, strict=True):
        yield node.start_mark.line + 1, row


def text_of(path: Path) -> str:
    """A text file in UTF-8. Raises SetError: not UTF-8, cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SetError(f"{path} line {line}: not UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise SetError(f"{path}: cannot be read: {error.strerror}") from None

"""Sets in the making, kept as their owner goes: what the fields hold, and the media.

A draft lies beside the saved sets, in a folder that is found by its owner's name only.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memeprobe.dashboard.sets.form import ItemForm, looked_at
from memeprobe.dashboard.sets.own import sets_folder
from memeprobe.files import whole_file

FILE = "draft.json"


@dataclass(frozen=True)
class Draft:
    """A draft as it lies on the disk."""

    folder: Path
    values: Mapping[str, Any]
    """Key of a field -> what it holds."""
    about: Mapping[str, Any]
    """What a set that was opened for change says of itself; {} for a new one."""
    items: Sequence[Mapping[str, Any]]
    """id, name of the file, and what an opened item says beyond the fields."""
    saved: float
    """Seconds of the epoch."""

    @property
    def name(self) -> str:
        """Of the set."""
        return str(self.values.get("set_name") or "–")

    def forms(self) -> dict[str, ItemForm]:
        """The items with their media, whose captions are read anew."""
        found = {}
        for row in self.items:
            data = (self.folder / "media" / _file(row["id"])).read_bytes()
            task = looked_at(row["name"], data)
            found[row["id"]] = ItemForm(row["id"], row["name"], data, task, dict(row["base"]))
        return found


def folder_of(owner: str) -> Path:
    """Where the drafts of this owner lie."""
    return sets_folder() / ".drafts" / hashlib.sha256(owner.strip().encode()).hexdigest()[:16]


def of_owner(owner: str) -> list[Draft]:
    """The drafts that can be read, latest first."""
    found = []
    for path in folder_of(owner).glob(f"*/{FILE}"):
        try:
            plain = json.loads(path.read_text("utf-8"))
            # A span's two ends come back as a list, which a slider does not take.
            values = {k: tuple(v) if isinstance(v, list) else v for k, v in plain["values"].items()}
            found.append(
                Draft(path.parent, values, plain["about"], plain["items"], path.stat().st_mtime)
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue  # half a folder, or none of ours
    return sorted(found, key=lambda draft: -draft.saved)


def write(
    folder: Path, values: Mapping[str, Any], about: Mapping[str, Any], forms: Sequence[ItemForm]
) -> None:
    """Keep a draft as it stands now. Raises OSError."""
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    wanted = {_file(form.id): form for form in forms}
    for name, form in wanted.items():
        if not (media / name).exists():
            with whole_file(media / name) as beside:
                beside.write_bytes(form.data)
    for gone in {path.name for path in media.iterdir()} - wanted.keys():
        (media / gone).unlink()
    items = [{"id": form.id, "name": form.name, "base": form.base} for form in forms]
    plain = {"values": dict(values), "about": dict(about), "items": items}
    with whole_file(folder / FILE) as beside:
        beside.write_text(json.dumps(plain, ensure_ascii=False), "utf-8")


def _file(item_id: str) -> str:
    """An item's media file; an id may hold anything."""
    return hashlib.sha256(item_id.encode()).hexdigest()[:16]


def remove(folder: Path) -> None:
    """Take a draft away."""
    shutil.rmtree(folder, ignore_errors=True)


def when(draft: Draft) -> str:
    """When it was last changed."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(draft.saved))

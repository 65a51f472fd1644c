"""Results of Explore that somebody keeps, each under an address: file, question and answers.

Each is one zip beside the workspace, with a name that cannot be guessed: who has it may see it.
"""

import hashlib
import json
import re
import secrets
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from memeprobe.files import whole_file
from memeprobe.store.schema import receipt_of
from memeprobe.workers.asking import Said, plain
from vlm import Answer

MOST = 1000
"""Results that a workspace holds."""
NAME = re.compile("[0-9a-f]{20}")


class KeptError(RuntimeError):
    """A result cannot be kept, or what was kept cannot be read; the message says why."""


@dataclass(frozen=True)
class KeptLook:
    """One question about one file, with all that it takes to show the page again."""

    name: str
    """The file as it was called."""
    data: bytes
    example: str | None
    """Id of the built-in item that it is."""
    k: int
    policy: str
    shown: tuple[int, ...]
    """Frame numbers of the keyframes that were asked about."""
    model: str
    question: str
    deliveries: tuple[str, ...]
    tokens: int
    said: tuple[Said, ...]
    kept_at: float
    """Seconds of the epoch."""

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()


def folder_beside(workspace: Path) -> Path:
    """Where the results of a workspace are kept."""
    return workspace.with_name(workspace.name + ".looks")


def keep(look: KeptLook, folder: Path) -> str:
    """Write a result. Returns its name. Raises KeptError: there are too many, or no room."""
    if len(list(folder.glob("*.zip"))) >= MOST:
        raise KeptError(f"there are {MOST:,} kept results in {folder}; remove some")
    name = secrets.token_hex(10)
    about = {f.name: getattr(look, f.name) for f in fields(look) if f.name != "data"}
    about["said"] = [plain(one) for one in look.said]
    try:
        with (
            whole_file(folder / f"{name}.zip") as beside,
            zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as file,
        ):
            file.writestr("look.json", json.dumps(about, ensure_ascii=False, indent=1))
            file.writestr("file", look.data)
    except OSError as error:
        raise KeptError(f"cannot write into {folder}: {error.strerror}") from None
    return name


def find(name: str, folder: Path) -> KeptLook | None:
    """The result of this name; None if there is none. Raises KeptError: it is damaged."""
    path = folder / f"{name}.zip"
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    try:
        with zipfile.ZipFile(path) as file:
            about: dict[str, Any] = json.loads(file.read("look.json"))
            data = file.read("file")
        said = tuple(_said(one) for one in about.pop("said"))
        lists = {key: tuple(about[key]) for key in ("shown", "deliveries")}
        return KeptLook(**{**about, **lists}, data=data, said=said)
    except (OSError, zipfile.BadZipFile, ValueError, LookupError, TypeError) as error:
        raise KeptError(f"the kept result {name} is damaged: {error}") from None


def forget(name: str, folder: Path) -> None:
    """Remove a result; nothing happens if there is none."""
    if NAME.fullmatch(name):
        (folder / f"{name}.zip").unlink(missing_ok=True)


def _said(kept: dict[str, Any]) -> Said:
    receipt = receipt_of(json.dumps(kept["receipt"]) if kept["receipt"] else None)
    again = kept.get("repeatable", False)  # not said by results of before it was known
    answer = Answer(kept["text"], receipt, error=kept["error"], repeatable=again)
    return Said(kept["condition"], kept["delivery"], tuple(kept["frames"]), answer)

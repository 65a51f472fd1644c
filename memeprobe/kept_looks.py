"""Results of Explore that somebody keeps, each under an address: file, question and answers.

Each is one zip beside the workspace, with a name that cannot be guessed: who has it may see it. So
no page lists them; ``memeprobe kept`` does, for whoever has the files. There is a bound on them,
and no time after which one goes by itself: a link in a paper should last.
"""

import hashlib
import json
import re
import secrets
import time
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
MOST_BYTES = 4 * 2**30
"""Bytes that they have together: a file may have 32 MB."""
NAME = re.compile("[0-9a-f]{20}")
UNREADABLE = (
    OSError,
    zipfile.BadZipFile,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
)
"""What reading a damaged zip or its JSON raises."""


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


@dataclass(frozen=True)
class KeptFile:
    """What a list says of one kept result."""

    name: str
    """Of the result, as it stands in the link."""
    bytes: int
    kept_at: float
    """Seconds of the epoch; of a damaged one the time of the file."""
    file: str | None = None
    model: str | None = None
    question: str | None = None
    problem: str | None = None
    """Why it cannot be read, if it cannot."""


def folder_beside(workspace: Path) -> Path:
    """Where the results of a workspace are kept."""
    return workspace.with_name(workspace.name + ".looks")


def keep(look: KeptLook, folder: Path) -> str:
    """Write a result. Returns its name. Raises KeptError: there are too many, or no room."""
    _check_room(folder, len(look.data))
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


def _check_room(folder: Path, more: int) -> None:
    sizes = [_size(path) for path in folder.glob("*.zip")]
    if len(sizes) >= MOST or sum(sizes) + more > MOST_BYTES:
        raise KeptError(
            f"{len(sizes):,} results with {sum(sizes) / 1e6:,.0f} MB are kept here already, and "
            f"there may be {MOST:,} with {MOST_BYTES / 1e6:,.0f} MB; whoever serves this page can "
            "remove old ones with `memeprobe kept`"
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # removed meanwhile
        return 0


def listed(folder: Path) -> list[KeptFile]:
    """Every kept result, the latest first; what is damaged is among them."""
    found = []
    for path in folder.glob("*.zip"):
        try:
            about = path.stat()
        except OSError:
            continue  # removed meanwhile
        try:
            with zipfile.ZipFile(path) as file:
                told = json.loads(file.read("look.json"))
            texts = (str(told[key]) for key in ("name", "model", "question"))
            when = float(told["kept_at"])
            time.localtime(when)  # a moment that there is
            found.append(KeptFile(path.stem, about.st_size, when, *texts))
        except UNREADABLE as error:
            found.append(KeptFile(path.stem, about.st_size, about.st_mtime, problem=str(error)))
    return sorted(found, key=lambda one: -one.kept_at)


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
    except UNREADABLE as error:
        raise KeptError(f"the kept result {name} is damaged: {error}") from None


def forget(name: str, folder: Path) -> None:
    """Remove a result; nothing happens if there is none. Raises KeptError: it cannot be removed."""
    if NAME.fullmatch(name):
        try:
            (folder / f"{name}.zip").unlink(missing_ok=True)
        except OSError as error:
            raise KeptError(f"cannot write into {folder}: {error.strerror}") from None


def _said(kept: dict[str, Any]) -> Said:
    receipt = receipt_of(json.dumps(kept["receipt"]) if kept["receipt"] else None)
    again = kept.get("repeatable", False)  # not said by results of before it was known
    answer = Answer(kept["text"], receipt, error=kept["error"], repeatable=again)
    return Said(kept["condition"], kept["delivery"], tuple(kept["frames"]), answer)

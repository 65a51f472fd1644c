"""The sets that a visitor can choose: built-in, saved in the workspace, and their own uploads."""

import shutil
from pathlib import Path
from typing import Any

import streamlit as st

from meme_sets import BUILTIN, MemeSet, SetError, load_set
from memeprobe.dashboard.sets.archives import ArchiveError, checked_set, unpack
from memeprobe.dashboard.ui.session import private_folder, session_dict, workspace
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.workers.sandbox import SandboxError
from memeprobe.workspace import sets_beside

CUSTOM = "\0folder"


def sets_folder() -> Path:
    """Where the pages save sets: beside the store."""
    return sets_beside(workspace())


def uploaded_folder() -> Path:
    """Where uploaded sets are kept that a run needs after its visitor has left."""
    return workspace().with_name("uploads")


def kept(source: str) -> str:
    """A set that a run can rely on: one that goes with its visitor is copied to stay."""
    mine_alone = private_folder()
    if not Path(source).is_relative_to(mine_alone):
        return source
    # The folder's name is hard to guess, and stays the same for one visitor.
    target = uploaded_folder() / mine_alone.name / Path(source).relative_to(mine_alone)
    if not target.is_dir():
        half = target.with_name(f".{target.name}.new")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(source, half)
        half.rename(target)
    return str(target)


def saved() -> list[str]:
    """Folders of the sets saved in the workspace."""
    folder = sets_folder()
    return sorted(str(p.parent) for p in folder.glob("*/items.jsonl")) if folder.is_dir() else []


def choose(t: Texts, key: str) -> str | None:
    """A set's name or folder, as the visitor chooses it; None if there is none."""
    uploads: dict[str, str] = session_dict("zips")
    folders = {**{f: Path(f).name for f in saved()}, **uploads}
    names = [*BUILTIN, *folders, CUSTOM]
    arrived = session_dict("zip_seen").pop("arrived", None)
    if arrived is not None:
        st.session_state[f"{key}_set"] = arrived
    chosen = st.selectbox(
        t("which_set"),
        names,
        key=f"{key}_set",
        format_func=lambda n: t("own_folder") if n == CUSTOM else folders.get(n, n),
    )
    if chosen != CUSTOM:
        return str(chosen)
    given = st.text_input(t("folder"), key=f"{key}_folder").strip()
    return str(Path(given).expanduser().absolute()) if given else None


def zip_field(t: Texts, key: str) -> None:
    """Takes a zipped set; it joins this visitor's sets, and nobody else's."""
    given = st.file_uploader(
        t("set_zip"), type=None, help=t("set_zip_help"), key=f"{key}_zip", max_upload_size=256
    )
    seen = session_dict("zip_seen")
    if given is None:
        return
    if seen.get("id") != given.file_id:
        seen.update(id=given.file_id, **_taken(t, given))
        if not seen["failed"]:
            st.rerun()  # the menu of sets, drawn above, is to offer it, and have it chosen
    (st.error if seen["failed"] else st.success)(seen["told"])


def _taken(t: Texts, given: Any) -> dict[str, Any]:
    """Unpack and check an upload: what to say of it."""
    target = private_folder() / given.file_id
    try:
        folder = unpack(given, target)
        name, items = checked_set(folder)
    except (ArchiveError, SandboxError) as error:
        return {"failed": True, "told": t.inert("broken", why=f"{given.name}: {error}")}
    session_dict("zips")[str(folder)] = name
    return {
        "failed": False,
        "arrived": str(folder),
        "told": t.inert("unpacked", name=name, n=items),
    }


@st.cache_resource(max_entries=8, show_spinner=False)
def _loaded(source: str, changed: tuple[float, ...]) -> MemeSet:
    return load_set(source)


def load(source: str) -> MemeSet:
    """The set, loaded once as long as its files do not change. Raises SetError."""
    folder = Path(source)
    stamps = tuple(
        p.stat().st_mtime
        for n in ("items.jsonl", "items.yaml", "set.yaml")
        if (p := folder / n).is_file()
    )
    return _loaded(source, stamps)


def try_load(t: Texts, source: str | None) -> MemeSet | None:
    """The set, or None and a message on the page."""
    if source is None:
        return None
    try:
        return load(source)
    except (SetError, OSError) as error:
        st.error(t.inert("broken", why=error))
        return None

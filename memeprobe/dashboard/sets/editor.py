"""Makes a set: media are uploaded, OCR fills the captions, the visitor fills the rest."""

import io
import itertools
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import streamlit as st
import yaml

from meme_sets import Item
from meme_sets.build import item_line
from memeprobe.dashboard.sets import opening
from memeprobe.dashboard.sets import own as own_sets
from memeprobe.dashboard.sets.form import ItemForm, form, looked_at
from memeprobe.dashboard.ui.session import session_dict
from memeprobe.dashboard.ui.texts import Texts, inert

MOST_FILES = 200
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def section(t: Texts) -> None:
    """Uploads, one form an item, check, save, download."""
    st.caption(t("make_hint"))
    kept = session_dict("editor", drafts={}, seen=set())
    owner = opening.section(t)
    files = st.file_uploader(
        t("upload_media"),
        type=None,
        accept_multiple_files=True,
        key="set_media",
        max_upload_size=32,
    )
    for file in files[:MOST_FILES]:
        if file.file_id not in kept["seen"]:
            kept["seen"].add(file.file_id)
            _add(kept["drafts"], file.name, file.getvalue())
    drafts: dict[str, ItemForm] = kept["drafts"]
    if not drafts:
        st.info(t.inert("no_media"))
        return
    first, second, third = st.columns(3)
    name = first.text_input(t("set_name"), _free_name(drafts), key="set_name")
    if not NAME.fullmatch(name):
        first.error(t.inert("set_name_wrong", name=f"“{name}”"))
    title = second.text_input(t("set_title"), "", key="set_title")
    licence = third.text_input(t("set_licence"), "", key="set_licence")
    items = []
    for draft in list(drafts.values()):
        with st.expander(inert(f"{draft.id} · {draft.name}"), expanded=len(drafts) <= 3):
            item = form(t, draft)
            if st.button(t("remove"), key=f"remove_{draft.id}"):
                del drafts[draft.id]
                st.rerun()
        items.append(item)
    opening.autosave(t, owner)
    ready = [i for i in items if i is not None]
    if not NAME.fullmatch(name) or len(ready) < len(items):
        return  # what is missing stands at its field
    st.success(t.inert("set_is_fine", n=len(ready)))
    about = about_of(kept.get("about") or {}, name, title, licence, owner)
    _finish(t, about, ready, list(drafts.values()))


def about_of(
    opened: dict[str, Any], name: str, title: str, licence: str, owner: str
) -> dict[str, Any]:
    """What set.yaml says; what an opened set said beyond the fields stays."""
    same = opened.get("title", {}).get("en") == title and title
    texts = {} if same else {"title": title or name, "description": title or name}
    about = {**opened, **texts, "name": name, "licence": licence, "owner": owner}
    return {key: value for key, value in about.items() if value != ""}


def _free_name(drafts: dict[str, ItemForm]) -> str:
    """A name that no saved set has, after the first file."""
    stem = next(iter(drafts)).rsplit("-", 1)[0].lower()
    taken = {Path(folder).name for folder in own_sets.saved()}
    names = (f"{stem}-set{'' if n == 1 else f'-{n}'}" for n in itertools.count(1))
    return next(name for name in names if name not in taken)


def _add(drafts: dict[str, ItemForm], name: str, data: bytes) -> None:
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).stem).strip("-")[:24] or "item"
    taken = {i.rsplit("-", 1)[-1] for i in drafts}
    number = next(str(n) for n in itertools.count(1) if str(n) not in taken)
    item_id = f"{stem}-{number}"
    drafts[item_id] = ItemForm(item_id, name, data, looked_at(name, data))


def files_of(about: dict[str, Any], items: list[Item], drafts: list[ItemForm]) -> dict[str, bytes]:
    """The set's files, by their path in its folder (docs/sets.md)."""
    return {
        "set.yaml": yaml.safe_dump(about, allow_unicode=True, sort_keys=False).encode(),
        "items.jsonl": "".join(item_line(i) + "\n" for i in items).encode(),
        **{i.media: d.data for i, d in zip(items, drafts, strict=True)},
    }


def _finish(t: Texts, about: dict[str, Any], items: list[Item], drafts: list[ItemForm]) -> None:
    row = st.container(horizontal=True)
    files = files_of(about, items, drafts)
    target = own_sets.sets_folder() / about["name"]
    kept = session_dict("editor")
    mine = kept.setdefault("saved", set())
    owner, before = about.get("owner", ""), owner_of(target)
    opened = (kept.get("about") or {}).get("name")
    # One's own set that was opened for change, or saved before, may be saved again.
    free = not target.exists() or (before == owner and about["name"] in {*mine, opened})
    if not free:
        key = "set_exists" if before in ("", owner) else "set_of_other"
        st.warning(t.inert(key, name=about["name"], owner=before))
        free = st.checkbox(t("replace_set"), key=f"replace_{about['name']}")
    if row.button(
        t("save"), type="primary", key="save_set", icon=":material/save:", disabled=not free
    ):
        folder = save(target, files)
        mine.add(about["name"])
        opening.saved()
        st.success(t.inert("saved", folder=folder))
        st.info(t.inert("run_saved", name=about["name"]))
    row.download_button(
        t("download_set"),
        lambda: zipped(about["name"], files),
        f"{about['name']}.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
    )


def owner_of(folder: Path) -> str:
    """Whose set lies there, by its own word; '' = nobody's."""
    try:
        about = yaml.safe_load((folder / "set.yaml").read_text("utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError):
        return ""
    return str(about.get("owner") or "") if isinstance(about, dict) else ""


def save(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the set whole, or not at all; a set of this name that lay there is replaced."""
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for name, data in files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).write_bytes(data)
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return folder


def zipped(name: str, files: dict[str, bytes]) -> bytes:
    """The set's folder as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(f"{name}/{path}", data)
    return buffer.getvalue()

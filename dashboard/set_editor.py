"""Makes a set: media are uploaded, OCR fills the captions, the visitor fills the rest."""

import io
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
import yaml
from pydantic import ValidationError

from dashboard import own_sets
from dashboard.sandbox import Task, pool
from dashboard.sets_show import show
from dashboard.state import mine
from dashboard.texts import Words
from meme_sets import Item
from meme_sets.build import item_line
from meme_sets.errors import explain

MOST_FILES = 200
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
SUFFIX = {"gif": ".gif", "webp": ".webp", "png": ".png", "apng": ".apng", "jpeg": ".jpg",
          "bmp": ".bmp", "mp4": ".mp4", "webm": ".webm"}  # fmt: skip


@dataclass
class Draft:
    """One item in the making."""

    id: str
    name: str
    """The file as it was called."""
    data: bytes
    task: Task
    """Opens it and reads its captions."""

    @property
    def media(self) -> str:
        """Where it will lie in the set; named by what it is, not by what it was called."""
        opened = self.task.first("opened")
        kind = str(opened.told["kind"]) if opened else "gif"
        return f"media/{self.id}{SUFFIX.get(kind, '.' + kind)}"

    @property
    def caption(self) -> str:
        """What OCR read: the longest caption of the keyframes."""
        texts = [e.told["text"] for e in list(self.task.found) if e.kind == "reading"]
        return max(texts, key=len, default="")


def section(say: Words) -> None:
    """Uploads, one form an item, check, save, download."""
    st.caption(say("make_hint"))
    kept = mine("editor", drafts={}, seen=set())
    files = st.file_uploader(say("upload_media"), type=None, accept_multiple_files=True,
                             key="set_media", max_upload_size=32)  # fmt: skip
    for file in files[:MOST_FILES]:
        if file.file_id not in kept["seen"]:
            kept["seen"].add(file.file_id)
            _add(kept["drafts"], file.name, file.getvalue())
    drafts: dict[str, Draft] = kept["drafts"]
    if not drafts:
        st.info(say("no_media"))
        return
    first, second, third = st.columns(3)
    name = first.text_input(say("set_name"), "my-set", key="set_name")
    title = second.text_input(say("set_title"), "", key="set_title")
    licence = third.text_input(say("set_licence"), "", key="set_licence")
    items = []
    for draft in list(drafts.values()):
        with st.expander(f"{draft.id} · {draft.name}", expanded=len(drafts) <= 3):
            item = _form(say, draft)
            if st.button(say("remove"), key=f"remove_{draft.id}"):
                del drafts[draft.id]
                st.rerun()
        items.append(item)
    ready = [i for i in items if i is not None]
    if not NAME.fullmatch(name):
        st.error(say("set_name"))
        return
    if len(ready) < len(items):
        return
    st.success(say("set_is_fine", n=len(ready)))
    about = {"name": name, "title": title or name, "description": title or name,
             "licence": licence}  # fmt: skip
    _finish(say, about, ready, list(drafts.values()))


def _add(drafts: dict[str, Draft], name: str, data: bytes) -> None:
    number = 1 + max((int(i.rsplit("-", 1)[1]) for i in drafts), default=0)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).stem).strip("-")[:24] or "item"
    item_id = f"{stem}-{number}"
    args = {"name": name, "k": 4, "policy": "captions"}
    drafts[item_id] = Draft(item_id, name, data, Task(pool().stream("look", args, data)))


def _form(say: Words, draft: Draft) -> Item | None:
    """The fields of one item; the item, or None and what is missing."""
    task, key = draft.task, draft.id
    span = st.session_state.get(f"span_{key}") if st.session_state.get(f"part_{key}") else None
    show(say, draft.name, draft.data, task, span)
    opened = task.first("opened")
    if opened is None:
        return None
    left, right = st.columns(2)
    question = left.text_input(say("question_en"), key=f"question_{key}")
    question_zh = right.text_input(say("question_zh"), key=f"question_zh_{key}")
    options = _lines(left.text_area(say("options_en"), key=f"options_{key}", height=110))
    options_zh = _lines(right.text_area(say("options_zh"), key=f"options_zh_{key}", height=110))
    numbers = list(range(len(options)))

    def shown(i: int | None) -> str:
        return say("no_lure") if i is None else options[i] if i < len(options) else "?"

    gold = left.selectbox(say("gold_option"), numbers, format_func=shown, key=f"gold_{key}")
    lure = right.selectbox(say("lure_option"), [None, *numbers], format_func=shown,
                           key=f"lure_{key}")  # fmt: skip
    caption = left.text_area(say("caption_field"), draft.caption, key=f"caption_{key}", height=80)
    fields: dict[str, Any] = {
        "id": key, "media": draft.media, "kind": "own", "caption": caption.strip(), "gold": gold,
        "lure": lure, "question": _both(question, question_zh) if question.strip() else None,
    }  # fmt: skip
    fields["options"] = tuple(
        _both(o, options_zh[i] if i < len(options_zh) else "") for i, o in enumerate(options)
    )
    end = int(opened.told["duration_ms"])
    if len(opened.told["timings"]) > 1 and end > 1:
        fields |= _span(say, right, key, end, lure is not None)
    if not question.strip():
        st.warning(say("draft_incomplete", what=say("question")))
        return None
    try:
        return Item.model_validate(fields)
    except ValidationError as error:
        st.warning(say("draft_incomplete", what=explain(error, Item)))
        return None


def _span(say: Words, place: Any, key: str, end: int, lured: bool) -> dict[str, Any]:
    """The decisive span on the time axis, and whether order matters."""
    found: dict[str, Any] = {}
    if place.checkbox(say("has_decisive"), key=f"part_{key}"):
        start, stop = place.slider(say("span"), 0, end, (end // 2, end), step=max(1, end // 200),
                                   key=f"span_{key}")  # fmt: skip
        if stop > start:
            found["decisive"] = {"start_ms": int(start), "end_ms": int(stop)}
    if lured and place.checkbox(say("order_matters"), key=f"order_{key}"):
        found["order"] = True
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _both(en: str, zh: str) -> dict[str, str]:
    return {"en": en.strip(), "zh": zh.strip() or en.strip()}


def files_of(about: dict[str, Any], items: list[Item], drafts: list[Draft]) -> dict[str, bytes]:
    """The set's files, by their path in its folder (docs/sets.md)."""
    return {
        "set.yaml": yaml.safe_dump(about, allow_unicode=True, sort_keys=False).encode(),
        "items.jsonl": "".join(item_line(i) + "\n" for i in items).encode(),
        **{i.media: d.data for i, d in zip(items, drafts, strict=True)},
    }


def _finish(say: Words, about: dict[str, Any], items: list[Item], drafts: list[Draft]) -> None:
    row = st.container(horizontal=True)
    files = files_of(about, items, drafts)
    if row.button(say("save"), type="primary", key="save_set", icon=":material/save:"):
        folder = save(own_sets.sets_folder() / about["name"], files)
        st.success(say("saved", folder=folder))
        st.info(say("run_saved", name=about["name"]))
    row.download_button(say("download_set"), lambda: zipped(about["name"], files),
                        f"{about['name']}.zip", "application/zip", on_click="ignore",
                        icon=":material/download:")  # fmt: skip


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

"""A draft, or a saved set, opened in the editor to be changed; and the draft kept meanwhile."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from meme_sets import Item, MemeSet
from memeprobe.dashboard.sets import drafts
from memeprobe.dashboard.sets import own as own_sets
from memeprobe.dashboard.sets.form import FIELDS, NO_OPTION, ItemForm, looked_at
from memeprobe.dashboard.ui.session import session_dict
from memeprobe.dashboard.ui.texts import Texts, inert

ABOUT = ("set_name", "set_title", "set_licence")
"""Keys of the fields about the whole set."""
MOST_ITEMS = 60
"""Items of a set that is opened: each is read and drawn."""


def section(t: Texts) -> str:
    """Who makes the set, and what there is to go on with; the owner's name ('' = not given)."""
    left, right, button = st.columns([2, 3, 1], vertical_alignment="bottom")
    owner = left.text_input(t("set_owner"), key="set_owner", max_chars=40, help=t("owner_help"))
    owner = owner.strip()
    found: dict[str, drafts.Draft | str] = {}
    for draft in drafts.of_owner(owner) if owner else []:
        told = t("draft_of", name=draft.name, n=len(draft.items), when=drafts.when(draft))
        found[told] = draft
    found |= {t("set_of", name=Path(folder).name): folder for folder in own_sets.saved()}
    if not found:
        return owner
    chosen = right.selectbox(
        t("go_on_with"), list(found), index=None, key="go_on_with", placeholder=t("no_example")
    )
    if button.button(t("open"), key="open_draft", disabled=chosen is None) and chosen:
        what = found[chosen]
        if isinstance(what, drafts.Draft):
            _begin(what.values, what.about, what.forms(), what.folder)
        else:
            _open_set(t, what)
    return owner


def _open_set(t: Texts, source: str) -> None:
    meme_set = own_sets.try_load(t, source)
    if meme_set is None:
        return
    if len(meme_set.items) > MOST_ITEMS:
        st.error(t.inert("set_too_long", n=len(meme_set.items), most=MOST_ITEMS))
        return
    values: dict[str, Any] = {
        "set_name": Path(source).name,
        "set_title": meme_set.title.en,
        "set_licence": meme_set.licence,
    }
    for item in meme_set.items:
        values |= values_of(item)
    about = meme_set.model_dump(mode="json", exclude={"items", "folder"})
    _begin(values, about, forms_of(meme_set), None)


def _begin(
    values: Mapping[str, Any],
    about: Mapping[str, Any],
    forms: dict[str, ItemForm],
    folder: Path | None,
) -> None:
    """Put all into the editor, in place of what is there."""
    kept = session_dict("editor")
    old = {key for form in kept.get("drafts", {}) for key in _keys(form)}
    for key in (*old, *ABOUT):
        st.session_state.pop(key, None)
    kept.update(drafts=forms, about=dict(about), folder=folder, written=None)
    session_dict("options_before").clear()
    st.session_state.update(values)
    st.rerun()


def forms_of(meme_set: MemeSet) -> dict[str, ItemForm]:
    """The items of a set with their media."""
    found = {}
    for item in meme_set.items:
        data = meme_set.media_path(item).read_bytes()
        base = item.model_dump(mode="json", exclude_defaults=True)
        found[item.id] = ItemForm(item.id, item.media, data, looked_at(item.media, data), base)
    return found


def values_of(item: Item) -> dict[str, Any]:
    """What the fields of ``form`` hold for an item: key -> value."""
    found: dict[str, Any] = {"caption": item.caption or ""}
    if item.question is not None:
        found |= {"question": item.question.en, "question_zh": _other(item.question)}
        found["options"] = "\n".join(o.en for o in item.options)
        chinese = [_other(o) for o in item.options]
        found["options_zh"] = "\n".join(o.zh for o in item.options) if any(chinese) else ""
        found |= {"gold": item.gold, "lure": NO_OPTION if item.lure is None else item.lure}
    if item.counterfactual is not None:
        found |= {"other": item.counterfactual.caption, "other_gold": item.counterfactual.gold}
    if item.decisive is not None:
        found |= {"part": True, "span": (item.decisive.start_ms, item.decisive.end_ms)}
    found["order"] = item.order
    return {f"{name}_{item.id}": value for name, value in found.items()}


def _other(text: Any) -> str:
    """The Chinese side, '' where it is the English one."""
    return "" if text.zh == text.en else str(text.zh)


def _keys(item_id: str) -> set[str]:
    return {f"{name}_{item_id}" for name in FIELDS}


def autosave(t: Texts, owner: str) -> None:
    """Keep the draft where it has changed; without an owner it is this session's alone."""
    kept = session_dict("editor")
    forms: dict[str, ItemForm] = kept["drafts"]
    if not owner:
        st.caption(t("not_kept"))
        return
    keys = {*ABOUT, *(key for form in forms for key in _keys(form))}
    values = {key: st.session_state[key] for key in sorted(keys) if key in st.session_state}
    state = json.dumps([owner, values, list(forms)])
    folder = kept.get("folder")
    if folder is None or folder.parent != drafts.folder_of(owner):
        folder = kept["folder"] = drafts.folder_of(owner) / secrets.token_hex(4)
    if kept.get("written") != state:
        try:
            drafts.write(folder, values, kept.get("about") or {}, list(forms.values()))
        except OSError as error:
            st.error(t.inert("broken", why=error))
            return
        kept["written"] = state
    row = st.container(horizontal=True, vertical_alignment="center")
    row.caption(t("kept_draft", owner=inert(owner)), width="content")
    if row.button(t("discard_draft"), key="discard_draft", icon=":material/delete:"):
        discard()
        st.rerun()


def discard() -> None:
    """Take the draft away, from the editor too."""
    kept = session_dict("editor")
    if kept.get("folder") is not None:
        drafts.remove(kept["folder"])
    kept.update(drafts={}, about={}, folder=None, written=None)


def saved() -> None:
    """The set lies in the workspace now: its draft is needed no more."""
    kept = session_dict("editor")
    if kept.get("folder") is not None:
        drafts.remove(kept["folder"])

"""Keeping a result of Explore, and taking one up again: the buttons, and what a session knows."""

import time
from typing import Any

import streamlit as st

from memeprobe import kept_looks as kept
from memeprobe.dashboard.explore.conversation import Conversation
from memeprobe.dashboard.ui.session import put_in_address, session_dict, workspace
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.workers.sandbox import Task
from ocr import DEFAULT_POLICY


def take_up(t: Texts, name: str) -> kept.KeptLook | None:
    """Put the answers that were kept under this name into the session, as if they had just come.

    None, and a message on the page, if there are none or they cannot be read.
    """
    try:
        look = kept.find(name, kept.folder_beside(workspace()))
    except kept.KeptError as error:
        st.error(t.inert("broken", why=error))
        return None
    if look is None:
        st.warning(t.inert("no_such_look", name=name[:80]))
        put_in_address(look=None)
        return None
    session_dict("asked").update(
        place=(look.sha256, look.shown),
        spec=look.model,
        question=look.question,
        tokens=look.tokens,
        deliveries=look.deliveries,
        task=Task(iter(look.said)),
        planned=len(look.said),
        look=name,
        kept_at=look.kept_at,
    )
    return look


def section(t: Texts, talk: Conversation, row: Any) -> None:
    """The button that keeps a result; of one that is kept, its address and how to remove it."""
    asked = session_dict("asked")
    if "not_kept" in asked:
        st.error(t.inert("broken", why=asked.pop("not_kept")))
    if "look" not in asked:
        row.button(
            t("keep_look"),
            key="keep_look",
            help=t("keep_look_help"),
            icon=":material/link:",
            on_click=_keep,
            args=(talk,),
        )
        return
    row.button(t("forget_look"), key="forget_look", icon=":material/delete:", on_click=_forget)
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(asked["kept_at"]))
    st.caption(t("kept_at", when=when))
    address = (st.context.url or "").split("?")[0]
    st.code(f"{address}?look={asked['look']}", language=None, wrap_lines=True)


def _keep(talk: Conversation) -> None:
    asked = session_dict("asked")
    state = st.session_state
    look = kept.KeptLook(
        name=talk.view.name,
        data=talk.view.data,
        example=talk.view.name if talk.view.name == state.get("example") else None,
        k=state.get("k", len(talk.view.shown)),
        policy=state.get("policy", DEFAULT_POLICY),
        shown=tuple(index for index, _ in talk.view.shown),
        model=talk.model,
        question=talk.question,
        deliveries=talk.deliveries,
        tokens=asked["tokens"],
        said=tuple(talk.said),
        kept_at=time.time(),
    )
    try:
        asked["look"] = kept.keep(look, kept.folder_beside(workspace()))
        asked["kept_at"] = look.kept_at
    except kept.KeptError as error:
        asked["not_kept"] = error


def _forget() -> None:
    asked = session_dict("asked")
    try:
        kept.forget(asked["look"], kept.folder_beside(workspace()))
        del asked["look"]
    except kept.KeptError as error:
        asked["not_kept"] = error

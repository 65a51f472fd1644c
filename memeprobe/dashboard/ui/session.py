"""What a page knows of its visitor: language, workspace, and a place for things of their own.

Uploads live in the session only: two people at once do not see each other's.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from memeprobe.dashboard.ui import document
from memeprobe.dashboard.ui.streamlit_words import in_language
from memeprobe.dashboard.ui.style import CSS
from memeprobe.dashboard.ui.texts import LANGUAGES, Texts
from memeprobe.store.queries import exists
from memeprobe.store.store import Store, StoreError
from memeprobe.workers.sandbox import Task
from memeprobe.workers.visitor import Visitor
from memeprobe.workspace import workspace_path
from ocr import DEFAULT_POLICY, policy_names

KEPT = (
    "language",
    *("k", "policy", "deliveries_", "question_", "explore_model", "explore_directory"),
    "answer_tokens",
    *("explore_server", "compared", "sets_mode", "browse_set", "browse_folder"),
    *("run_model", "run_directory", "run_server", "run_set", "run_folder", "run_k", "run_policy"),
    *("set_name", "set_title", "set_licence", "set_owner", "caption_", "options_", "gold_"),
    *("lure_", "other_"),
    *("part_", "span_", "order_", "label_set", "label_folder", "label_person"),
    *("preset", "run_language", "run_limit", "use_known", "run_known", "run_delivery_"),
    *("find_runs", "run_chosen", "items_as_", "gallery_sort_", "gallery_find_", "flips_from_"),
    *("flips_to_", "several_models", "several_server", "several_question_"),
)
"""Keys of choices and drafts that outlive the visit to their page; ending in _: beginnings of keys.

A button's key must not be among them: Streamlit refuses to have one set.
"""
_BEGINNINGS = tuple(key for key in KEPT if key.endswith("_"))


def words() -> Texts:
    """The texts in the visitor's language: by the switch, the address (?lang=zh), the browser's own
    language, or English."""
    asked = st.session_state.get("language") or st.query_params.get("lang")
    return Texts(asked or (st.context.locale or "en").split("-")[0].lower())


def header(title: str, store: bool = False) -> Texts:
    """The head of every page: its title and the language switch.

    ``store``: the page is about what the workspace holds, and ends here if that cannot be used.
    """
    _keep_choices()
    if "language" not in st.session_state:
        st.session_state["language"] = words().language
    t = words()
    st.html(f"<style>{CSS}{in_language(t.language)}</style>")
    document.tell(title, t.language)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.title(t(title), anchor=False, width="stretch")
    row.segmented_control(
        t("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        key="language",
        label_visibility="collapsed",
    )
    st.query_params["lang"] = st.session_state["language"]
    if store:
        try:
            exists(workspace())
        except StoreError as error:
            st.error(words().inert("broken", why=error))
            st.stop()
    return words()


def _keep_choices() -> None:
    """Keep what was chosen and typed while another page is shown.

    Streamlit forgets a widget's value with the first rerun that does not draw it; a value that
    the script itself has set stays. Buttons and uploads cannot be set, and are passed over.
    """
    for key, value in list(st.session_state.items()):
        if isinstance(key, str) and (key in KEPT or key.startswith(_BEGINNINGS)):
            st.session_state[key] = value


def policy_choice(t: Texts, place: Any, key: str, width: int | str = "stretch") -> str:
    """How keyframes are chosen: a name of ``ocr.policy_names``."""
    names = policy_names()
    chosen: str = place.selectbox(
        t("policy"),
        names,
        names.index(DEFAULT_POLICY),
        key=key,
        width=width,
        format_func=lambda p: t.named("policy", p),
    )
    return chosen


def put_in_address(**values: object) -> None:
    """What the address says of the page that is shown; None takes a name out of it."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def session_dict(name: str, **start: Any) -> dict[Any, Any]:
    """A dictionary of this session and nobody else's, with ``start`` in it at first."""
    kept: dict[Any, Any] = st.session_state.setdefault(f"mine_{name}", dict(start))
    return kept


def workspace() -> Path:
    """The store's file: the same that the command line uses."""
    return workspace_path()


def store() -> Store | None:
    """The store, opened for this rerun; None (and a message on the page) if it cannot be."""
    try:
        return Store(workspace())
    except StoreError as error:
        st.error(words().inert("broken", why=error))
        return None


def begin(events: Iterable[Any]) -> Task:
    """A task for the visitor of this page: it waits while the page is closed, see ``Task``."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return Task(events)
    session, served = context.session_id, runtime.get_instance()
    return Task(events, Visitor(lambda: served.is_active_session(session)))


class _Folder:
    """A folder that goes away with the session that it belongs to."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"memeprobe-{secrets.token_hex(4)}-"))

    def __del__(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def under_way(kept: dict[Any, Any], asked: dict[str, Any]) -> bool:
    """Whether this very thing is being asked: a double click is one question, which is not begun
    again. ``kept``: what was asked last, with its ``task``."""
    return asked.items() <= kept.items() and kept["task"].running


def private_folder() -> Path:
    """A folder for this session's uploads, removed with it."""
    kept = session_dict("folder")
    if "folder" not in kept:
        kept["folder"] = _Folder()
    path: Path = kept["folder"].path
    return path
